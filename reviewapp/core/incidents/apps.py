"""Django's view of incidents."""

from django.apps import AppConfig


class IncidentsConfig(AppConfig):
    """Incidents and their timelines."""

    name = "reviewapp.core.incidents"
    label = "incidents"
    verbose_name = "Incidents"
