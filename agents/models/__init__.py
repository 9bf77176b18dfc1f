"""Tables of the execution plane."""

from agents.models.agents import Agent, Contract
from agents.models.amendments import Amendment
from agents.models.contracts import ContractDeprecation, ContractDraft, OpenDecision
from agents.models.deadlines import Deadline
from agents.models.decisions import Decision, DecisionKey, Resolution
from agents.models.features import FeatureValue, FeatureVersion, FeatureView
from agents.models.outcomes import Outcome
from agents.models.serving import Artifact, ArtifactSignature, ChannelStatement, Revocation, Slot
from agents.models.webhooks import WebhookDelivery, WebhookEndpoint

__all__ = [
    "Agent",
    "Amendment",
    "Artifact",
    "ArtifactSignature",
    "ChannelStatement",
    "Contract",
    "ContractDeprecation",
    "ContractDraft",
    "Deadline",
    "Decision",
    "DecisionKey",
    "FeatureValue",
    "FeatureVersion",
    "FeatureView",
    "OpenDecision",
    "Outcome",
    "Resolution",
    "Revocation",
    "Slot",
    "WebhookDelivery",
    "WebhookEndpoint",
]
