"""Every address of the decide process."""

from django.urls import path

from agents.serving import endpoint
from reviewapp.core.telemetry import views as telemetry

handler400 = "agents.serving.problems.bad_request"
handler404 = "agents.serving.problems.not_found"
handler500 = "agents.serving.problems.server_error"

urlpatterns = [
    path("healthz", telemetry.healthz, name="healthz"),
    path("api/v1/agents/<slug:agent>/decisions", endpoint.decisions, name="decisions"),
    path("api/v1/agents/<slug:agent>/decisions/batch", endpoint.decisions_batch, name="decisions-batch"),
]
