"""Django's view of the event spine."""

from django.apps import AppConfig


class EventsConfig(AppConfig):
    """The append-only event log and its outbox."""

    name = "reviewapp.core.events"
    label = "events"
    verbose_name = "Events"
