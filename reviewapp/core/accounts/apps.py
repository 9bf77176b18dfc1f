"""Django's view of accounts."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """People, service accounts, keys and roles."""

    name = "reviewapp.core.accounts"
    label = "accounts"
    verbose_name = "Accounts"
