"""Addresses of the shell."""

from django.urls import path

from reviewapp.core.web import views

urlpatterns = [
    path("palette/", views.search, name="palette"),
    path("preferences/", views.preferences, name="preferences"),
    path("shortcuts/", views.shortcuts, name="shortcuts"),
    path("components/", views.components, name="components"),
]
