"""Django's view of the execution plane."""

from django.apps import AppConfig


class AgentsConfig(AppConfig):
    """Agents, contracts, policy artifacts, serving slots, decisions and their resolutions."""

    name = "agents"
    verbose_name = "Agents"
