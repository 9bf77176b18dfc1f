"""The learning and release plane."""

import importlib

from django.apps import AppConfig


class PoliciesConfig(AppConfig):
    """Registers the plane's event handlers once all models are loaded."""

    name = "policies"
    verbose_name = "Policies"

    def ready(self) -> None:
        """Subscribe the handlers and add the pages to the navigation."""
        importlib.import_module("policies.handlers")
        importlib.import_module("policies.views.menu")
