"""Django's view of notices."""

from django.apps import AppConfig


class NoticesConfig(AppConfig):
    """What people are told, and how they want to be told."""

    name = "reviewapp.core.notices"
    label = "notices"
    verbose_name = "Notices"
