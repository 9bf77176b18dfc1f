"""Tables of the execution plane."""

from agents.models.agents import Agent, Contract
from agents.models.decisions import Decision, Resolution
from agents.models.serving import Artifact, Slot

__all__ = ["Agent", "Artifact", "Contract", "Decision", "Resolution", "Slot"]
