"""The health endpoint."""

from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache

from reviewapp.core.telemetry import health


@never_cache
def healthz(request: HttpRequest) -> JsonResponse:
    """Answer 200 when this process can serve, 503 when it cannot, with what was looked at."""
    if request.method not in {"GET", "HEAD"}:
        return JsonResponse({"detail": "Use GET."}, status=405, headers={"Allow": "GET, HEAD"})
    ok, checks = health.ready()
    body = {
        "status": "ready" if ok else "not ready",
        "checks": {check.name: {"ok": check.ok, "detail": check.detail, "ms": check.ms} for check in checks},
    }
    return JsonResponse(body, status=200 if ok else 503)
