"""Every address of the decide process."""

from django.urls import path

from agents.serving import endpoint
from reviewapp.core.telemetry import views as telemetry

urlpatterns = [
    path("healthz", telemetry.healthz, name="healthz"),
    path("api/v1/agents/<slug:agent>/decisions", endpoint.decisions, name="decisions"),
    path("api/v1/agents/<slug:agent>/decisions/batch", endpoint.decisions_batch, name="decisions-batch"),
]
