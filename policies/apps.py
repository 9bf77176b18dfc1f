"""The learning and release plane."""

import importlib

from django.apps import AppConfig


class PoliciesConfig(AppConfig):
    """Registers the plane's event handlers once all models are loaded."""

    name = "policies"
    verbose_name = "Policies"

    def ready(self) -> None:
        """Import the handlers, so that the spine knows them."""
        importlib.import_module("policies.handlers")
