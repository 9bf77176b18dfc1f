"""Django's view of the feedback plane."""

import importlib

from django.apps import AppConfig


class CorrectionsConfig(AppConfig):
    """Queues, reviews, escalations and consensus."""

    name = "corrections"
    verbose_name = "Corrections"

    def ready(self) -> None:
        """Subscribe the handlers and add the pages to the navigation."""
        importlib.import_module("corrections.handlers")
        importlib.import_module("corrections.views.menu")
