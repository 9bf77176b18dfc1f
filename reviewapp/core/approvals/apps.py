"""Django's view of approvals."""

from django.apps import AppConfig


class ApprovalsConfig(AppConfig):
    """Requests that a second person decides."""

    name = "reviewapp.core.approvals"
    label = "approvals"
    verbose_name = "Approvals"
