"""Addresses of the pages of the execution plane."""

from django.urls import path

from agents.views import agents, decisions, features

app_name = "agents"

urlpatterns = [
    path("agents/", agents.listing, name="list"),
    path("agents/<slug:slug>/", agents.detail, name="detail"),
    path("agents/<slug:slug>/keys/", agents.create_key, name="key-create"),
    path("agents/<slug:slug>/keys/<uuid:key_id>/revoke/", agents.revoke_key, name="key-revoke"),
    path("features/", features.listing, name="features"),
    path("features/<slug:view>/", features.detail, name="feature"),
    path("decisions/", decisions.listing, name="decisions"),
    path("decisions/<uuid:decision_id>/", decisions.detail, name="decision"),
]
