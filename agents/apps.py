"""Django's view of the execution plane."""

import importlib

from django.apps import AppConfig, apps


class AgentsConfig(AppConfig):
    """Agents, contracts, policy artifacts, serving slots, decisions and their resolutions."""

    name = "agents"
    verbose_name = "Agents"

    def ready(self) -> None:
        """Add the pages to the navigation, in processes that have pages: the decide process has none."""
        if apps.is_installed("reviewapp.core.web"):
            importlib.import_module("agents.views.menu")
