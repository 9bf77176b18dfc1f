"""Addresses of the shell."""

from django.urls import path

from reviewapp.core.web import views

urlpatterns = [
    path("preferences/", views.preferences, name="preferences"),
    path("components/", views.components, name="components"),
]
