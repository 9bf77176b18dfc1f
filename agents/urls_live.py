"""Addresses that the live process answers, below /live/v1/."""

from django.urls import path

from agents.api import stream, wait

urlpatterns_live = [
    path("agents/<slug:agent>/decisions/<uuid:decision_id>/resolution", wait.resolution, name="wait"),
    path("agents/<slug:agent>/decisions/<uuid:decision_id>/events", stream.of_decision, name="decision-events"),
    path("agents/<slug:agent>/events", stream.of_agent, name="agent-events"),
]
urlpatterns = urlpatterns_live
