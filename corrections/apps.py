"""Django's view of the feedback plane."""

import importlib

from django.apps import AppConfig


class CorrectionsConfig(AppConfig):
    """Queues, reviews, escalations and consensus."""

    name = "corrections"
    verbose_name = "Corrections"

    def ready(self) -> None:
        """Subscribe the handlers, tell which reasons are in use, and add the pages to the navigation."""
        importlib.import_module("corrections.handlers")
        usage = importlib.import_module("agents.selectors.usage")
        usage.tells_reasons(importlib.import_module("corrections.selectors.reasons").in_use)
        sealed = importlib.import_module("agents.selectors.sealed")
        sealed.tells(importlib.import_module("corrections.selectors.sealed").of)
        importlib.import_module("corrections.views.menu")
