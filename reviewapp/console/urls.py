"""Addresses of the pages that look across all planes."""

from django.urls import path

from reviewapp.console import menu, views

app_name = "console"

urlpatterns = [path("operations/", views.operations, name="operations")]

__all__ = ["menu", "urlpatterns"]
