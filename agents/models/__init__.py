"""Tables of the execution plane."""

from agents.models.agents import Agent, Contract
from agents.models.decisions import Decision, Resolution
from agents.models.features import FeatureValue, FeatureVersion, FeatureView
from agents.models.serving import Artifact, Slot

__all__ = [
    "Agent",
    "Artifact",
    "Contract",
    "Decision",
    "FeatureValue",
    "FeatureVersion",
    "FeatureView",
    "Resolution",
    "Slot",
]
