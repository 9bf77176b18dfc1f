"""Addresses that the live process answers, below /live/v1/."""

from django.urls import path

from agents.api import wait

urlpatterns_live = [
    path("agents/<slug:agent>/decisions/<uuid:decision_id>/resolution", wait.resolution, name="wait"),
]
urlpatterns = urlpatterns_live
