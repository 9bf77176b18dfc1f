"""The operations app: commands only, no tables."""

from django.apps import AppConfig


class OpsConfig(AppConfig):
    """Registers the management commands."""

    name = "reviewapp.ops"
