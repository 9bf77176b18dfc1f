"""Every plain HTTP address of the live process; websockets are routed in `asgi.py`."""

from django.urls import include, path

from reviewapp.core.telemetry import views as telemetry

handler400 = "agents.serving.problems.bad_request"
handler404 = "agents.serving.problems.not_found"
handler500 = "agents.serving.problems.server_error"

urlpatterns = [
    path("healthz", telemetry.healthz, name="healthz"),
    path("live/v1/", include("agents.urls_live")),
]
