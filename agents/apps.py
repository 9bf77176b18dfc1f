"""Django's view of the execution plane."""

import importlib

from django.apps import AppConfig, apps


class AgentsConfig(AppConfig):
    """Agents, contracts, policy artifacts, serving slots, decisions and their resolutions."""

    name = "agents"
    verbose_name = "Agents"

    def ready(self) -> None:
        """Subscribe the handlers and add the pages to the navigation, except in the decide process, which has neither."""
        if apps.is_installed("reviewapp.core.web"):
            importlib.import_module("agents.handlers")
            importlib.import_module("agents.views.menu")
