"""Every address of the web process."""

from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from reviewapp.core.telemetry import views as telemetry

handler400 = "reviewapp.core.web.errors.bad_request"
handler403 = "reviewapp.core.web.errors.forbidden"
handler404 = "reviewapp.core.web.errors.not_found"
handler500 = "reviewapp.core.web.errors.server_error"

urlpatterns = [
    path("healthz", telemetry.healthz, name="healthz"),
    path("accounts/", include("allauth.urls")),
    path("api/v1/", include("agents.api.urls")),
    path("api/v1/", include("corrections.api.urls")),
    path("api/v1/", include("policies.api.urls")),
    path("api/schema/", SpectacularAPIView.as_view(), name="schema"),
    path("api/docs/", SpectacularSwaggerSplitView.as_view(url_name="schema"), name="api-docs"),
    path("", include("reviewapp.core.web.urls")),
    path("", include("agents.urls")),
    path("", include("corrections.urls")),
    path("", include("policies.urls")),
]
