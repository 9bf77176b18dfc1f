"""Every plain HTTP address of the live process; websockets are routed in `asgi.py`."""

from django.urls import include, path

from reviewapp.core.telemetry import views as telemetry

urlpatterns = [
    path("healthz", telemetry.healthz, name="healthz"),
    path("live/v1/", include("agents.urls_live")),
]
