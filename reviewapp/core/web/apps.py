"""Django's view of the web helpers."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    """Pages' shared helpers and the component gallery."""

    name = "reviewapp.core.web"
    label = "web"
    verbose_name = "Web"
