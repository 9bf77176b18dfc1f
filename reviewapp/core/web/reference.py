"""The API's description as a document and as a page."""

from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView
from rest_framework.request import Request
from rest_framework.response import Response

_METHODS = ("get", "post", "put", "patch", "delete")


class Schema(SpectacularAPIView):
    """The description of the whole API as YAML or JSON, by `Accept` or `?format=`. The same for everyone."""

    @extend_schema(exclude=True)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Return the OpenAPI document."""
        suffix = self.perform_content_negotiation(request, force=True)[0].format
        return Response(document(), headers={"Content-Disposition": f'inline; filename="countersign.{suffix}"'})


@cache
def document() -> dict[str, Any]:
    """Return the OpenAPI document; made once per process, because nothing in it changes while one runs."""
    made: dict[str, Any] = SchemaGenerator(urlconf="reviewapp.urls").get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    return made


@require_GET
def reference(request: HttpRequest) -> HttpResponse:
    """Show every operation: a list by part of the product, which Swagger UI replaces where scripts run."""
    described = document()
    groups = _groups(described)
    context = {
        "openapi": described["openapi"],
        "groups": groups,
        "total": sum(len(group["operations"]) for group in groups),
    }
    return render(request, "components/reference.html", context)


def _groups(described: dict[str, Any]) -> list[dict[str, Any]]:
    found: dict[str, list[dict[str, str]]] = {tag["name"]: [] for tag in described["tags"]}
    for path, item in described["paths"].items():
        for method in _METHODS:
            if operation := item.get(method):
                row = {"method": method.upper(), "path": path, "summary": operation.get("summary", "")}
                found.setdefault(operation["tags"][0], []).append(row)
    return [{"title": title, "operations": operations} for title, operations in found.items() if operations]
