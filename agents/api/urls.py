"""Addresses of the execution plane's API, below /api/v1/."""

from django.urls import path

from agents.api import contracts, features, outcomes, policy, security, views, webhooks

__all__ = ["security", "urlpatterns"]

urlpatterns = [
    path("agents", views.Agents.as_view(), name="api-agents"),
    path("agents/<slug:agent>", views.AgentDetail.as_view(), name="api-agent"),
    path("agents/<slug:agent>/decisions", views.Decisions.as_view(), name="api-decisions"),
    path("agents/<slug:agent>/decisions/batch", views.DecisionBatch.as_view(), name="api-decisions-batch"),
    path("agents/<slug:agent>/decisions/<uuid:decision_id>", views.DecisionDetail.as_view(), name="api-decision"),
    path("agents/<slug:agent>/decisions/<uuid:decision_id>/outcome", outcomes.Outcomes.as_view(), name="api-outcome"),
    path("agents/<slug:agent>/contracts", contracts.Contracts.as_view(), name="api-contracts"),
    path("agents/<slug:agent>/contracts/draft", contracts.ContractDraft.as_view(), name="api-contract-draft"),
    path("agents/<slug:agent>/contracts/validate", contracts.ContractValidate.as_view(), name="api-contract-validate"),
    path("agents/<slug:agent>/contracts/compare", contracts.ContractCompare.as_view(), name="api-contract-compare"),
    path("agents/<slug:agent>/contracts/publish", contracts.ContractPublish.as_view(), name="api-contract-publish"),
    path("agents/<slug:agent>/contracts/<int:version>", contracts.ContractDetail.as_view(), name="api-contract"),
    path(
        "agents/<slug:agent>/contracts/<int:version>/deprecate",
        contracts.ContractDeprecate.as_view(),
        name="api-contract-deprecate",
    ),
    path("features", features.Features.as_view(), name="api-features"),
    path("features/<slug:view>", features.FeatureValues.as_view(), name="api-feature-view"),
    path("features/<slug:view>/entities/<path:entity>", features.FeatureEntity.as_view(), name="api-feature-entity"),
    path("agents/<slug:agent>/policy", policy.Policy.as_view(), name="api-policy"),
    path("agents/<slug:agent>/exemplars", policy.Exemplars.as_view(), name="api-exemplars"),
    path("agents/<slug:agent>/webhooks", webhooks.Webhooks.as_view(), name="api-webhooks"),
    path("agents/<slug:agent>/webhooks/messages", webhooks.Messages.as_view(), name="api-webhook-messages"),
    path("agents/<slug:agent>/webhooks/messages/replay", webhooks.MessagesReplay.as_view(), name="api-webhook-replays"),
    path(
        "agents/<slug:agent>/webhooks/messages/<uuid:delivery_id>",
        webhooks.MessageDetail.as_view(),
        name="api-webhook-message",
    ),
    path(
        "agents/<slug:agent>/webhooks/messages/<uuid:delivery_id>/replay",
        webhooks.MessageReplay.as_view(),
        name="api-webhook-replay",
    ),
    path("agents/<slug:agent>/webhooks/<uuid:webhook_id>", webhooks.WebhookDetail.as_view(), name="api-webhook"),
    path(
        "agents/<slug:agent>/webhooks/<uuid:webhook_id>/rotate",
        webhooks.WebhookRotate.as_view(),
        name="api-webhook-rotate",
    ),
    path(
        "agents/<slug:agent>/webhooks/<uuid:webhook_id>/pause",
        webhooks.WebhookPause.as_view(),
        name="api-webhook-pause",
    ),
    path(
        "agents/<slug:agent>/webhooks/<uuid:webhook_id>/resume",
        webhooks.WebhookResume.as_view(),
        name="api-webhook-resume",
    ),
    path(
        "agents/<slug:agent>/webhooks/<uuid:webhook_id>/test", webhooks.WebhookTest.as_view(), name="api-webhook-test"
    ),
    path("agents/<slug:agent>/trials", views.Trials.as_view(), name="api-trials"),
]
