"""Addresses of the pages of the execution plane."""

from django.urls import path

from agents.views import agents, contracts, decisions, features, webhooks

app_name = "agents"

urlpatterns = [
    path("agents/", agents.listing, name="list"),
    path("agents/<slug:slug>/", agents.detail, name="detail"),
    path("agents/<slug:slug>/keys/", agents.create_key, name="key-create"),
    path("agents/<slug:slug>/keys/<uuid:key_id>/revoke/", agents.revoke_key, name="key-revoke"),
    path("agents/<slug:slug>/contracts/", contracts.listing, name="contracts"),
    path("agents/<slug:slug>/contracts/draft/", contracts.draft, name="contract-draft"),
    path("agents/<slug:slug>/contracts/draft/discard/", contracts.discard, name="contract-discard"),
    path("agents/<slug:slug>/contracts/compare/", contracts.compare, name="contract-compare"),
    path("agents/<slug:slug>/contracts/<int:version>/", contracts.detail, name="contract"),
    path("agents/<slug:slug>/contracts/<int:version>/document/", contracts.document, name="contract-document"),
    path("agents/<slug:slug>/contracts/<int:version>/deprecate/", contracts.deprecate, name="contract-deprecate"),
    path("agents/<slug:slug>/webhooks/", webhooks.listing, name="webhooks"),
    path("agents/<slug:slug>/webhooks/add/", webhooks.add, name="webhook-add"),
    path("agents/<slug:slug>/webhooks/<uuid:webhook_id>/rotate/", webhooks.rotate, name="webhook-rotate"),
    path("agents/<slug:slug>/webhooks/<uuid:webhook_id>/pause/", webhooks.pause, name="webhook-pause"),
    path("agents/<slug:slug>/webhooks/<uuid:webhook_id>/resume/", webhooks.resume, name="webhook-resume"),
    path("agents/<slug:slug>/webhooks/<uuid:webhook_id>/remove/", webhooks.remove, name="webhook-remove"),
    path("agents/<slug:slug>/webhooks/replay/", webhooks.replay_all, name="webhook-replay-all"),
    path("agents/<slug:slug>/webhooks/<uuid:webhook_id>/test/", webhooks.test, name="webhook-test"),
    path("agents/<slug:slug>/webhooks/messages/", webhooks.messages, name="webhook-messages"),
    path("agents/<slug:slug>/webhooks/messages/<uuid:delivery_id>/replay/", webhooks.replay, name="webhook-replay"),
    path("features/", features.listing, name="features"),
    path("features/<slug:view>/", features.detail, name="feature"),
    path("decisions/", decisions.listing, name="decisions"),
    path("decisions/<uuid:decision_id>/", decisions.detail, name="decision"),
]
