"""Every address of the web process."""

from django.urls import include, path

from reviewapp.core.telemetry import views as telemetry
from reviewapp.core.web import reference

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
    path("api/v1/", include("reviewapp.console.api.urls")),
    path("api/v1/schema", reference.Schema.as_view(), name="schema"),
    # Where the description was at first.
    path("api/schema/", reference.Schema.as_view(), name="schema-former"),
    path("api/docs/", reference.reference, name="api-docs"),
    path("", include("reviewapp.core.web.urls")),
    path("", include("agents.urls")),
    path("", include("corrections.urls")),
    path("", include("policies.urls")),
    path("", include("reviewapp.console.urls")),
]
