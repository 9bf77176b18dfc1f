"""Searching by the API: pages, files, and saved views."""

from typing import Any
from uuid import UUID

from django.http import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from corrections.api import inputs, people
from corrections.models import SavedView
from corrections.rules import exporting as files
from corrections.rules.searching import KINDS, Query, QueryFault, read
from corrections.selectors import searching as reading
from corrections.services import exporting, searching
from reviewapp.core import clock
from reviewapp.core.errors import Invalid
from reviewapp.core.web import downloads
from reviewapp.core.web.inputs import Strict

_MOST = 200


class SearchQuery(Strict):
    """What is searched: words and fields such as `car agent:credit since:2026-11-01`."""

    kind = serializers.ChoiceField(choices=KINDS, required=False, default="tasks")
    q = serializers.CharField(required=False, allow_blank=True, default="", max_length=400)


class SearchPageQuery(SearchQuery):
    """A page of what is found: `after` is the `next` of the page before."""

    limit = serializers.IntegerField(required=False, min_value=1, max_value=_MOST, default=50)
    after = serializers.UUIDField(required=False, allow_null=True, default=None)


class ExportQuery(SearchQuery):
    """A file of what is found."""

    file = serializers.ChoiceField(choices=list(exporting.FORMATS), required=False, default="csv")


class SavedViewInput(Strict):
    """A search under a name; `shared` lets others see it, each with what they may see."""

    name = serializers.CharField(max_length=200)
    kind = serializers.ChoiceField(choices=KINDS)
    query = serializers.CharField(required=False, allow_blank=True, default="", max_length=400)
    shared = serializers.BooleanField(required=False, default=False)


class SavedViewChangeInput(Strict):
    """What changes of a view."""

    name = serializers.CharField(required=False, max_length=200)
    shared = serializers.BooleanField(required=False)


class SavedViewOutput(serializers.Serializer[SavedView]):
    """A saved view."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    kind = serializers.CharField()
    query = serializers.CharField()
    shared = serializers.BooleanField()
    owner = serializers.CharField(source="owner.username")


class SearchOutput(serializers.Serializer[dict[str, Any]]):
    """A page: rows with the columns of its kind, as in a file of it; `next` is null at the end."""

    rows = serializers.ListField(child=serializers.DictField())
    next = serializers.UUIDField(allow_null=True)


@extend_schema(parameters=[SearchPageQuery], responses=SearchOutput, summary="Search tasks, decisions or corrections")
@api_view(["GET"])
def search(request: Request) -> Response:
    """Return a page of what is found, newest first: only what you may see, and may see already."""
    user = people.person(request, people.READ)
    given = inputs.query(SearchPageQuery, request)
    asked = _asked(given)
    found = reading.find(user, asked, now=clock.now(), after=given["after"], size=given["limit"])
    return Response({"rows": [files.flat(asked.kind, row) for row in found.rows], "next": found.after})


@extend_schema(
    parameters=[ExportQuery], responses={(200, "*/*"): OpenApiTypes.BINARY}, summary="What a search finds as a file"
)
@api_view(["GET"])
def export(request: Request) -> HttpResponseBase:
    """Send CSV, JSON Lines or Parquet, at most 200,000 rows; it is on record who took what."""
    user = people.person(request, people.READ)
    given = inputs.query(ExportQuery, request)
    made = exporting.begin(asked=_asked(given), form=given["file"], now=clock.now(), by=user)
    return downloads.stream(made.content, name=made.name, media_type=made.media_type)


@extend_schema(methods=["GET"], responses=SavedViewOutput(many=True), summary="Saved views", operation_id="views_list")
@extend_schema(
    methods=["POST"],
    request=SavedViewInput,
    responses={201: SavedViewOutput},
    summary="Save a search as a view",
    operation_id="views_save",
)
@api_view(["GET", "POST"])
def views(request: Request) -> Response:
    """List your views and those others share; or keep one, in place of your own of the same name."""
    user = people.person(request, people.READ)
    if request.method == "GET":
        return Response([SavedViewOutput(one).data for one in reading.views(user)])
    view = searching.save_view(**inputs.body(SavedViewInput, request), by=user)
    return Response(SavedViewOutput(view).data, status=201)


@extend_schema(methods=["GET"], responses=SavedViewOutput, summary="A saved view", operation_id="views_retrieve")
@extend_schema(
    methods=["PATCH"],
    request=SavedViewChangeInput,
    responses=SavedViewOutput,
    summary="Rename or share a view",
    operation_id="views_change",
)
@extend_schema(methods=["DELETE"], responses={204: None}, summary="Delete a view", operation_id="views_delete")
@api_view(["GET", "PATCH", "DELETE"])
def view(request: Request, view_id: UUID) -> Response:
    """Read a view of yours or one that is shared; change or delete one of your own."""
    user = people.person(request, people.READ)
    if request.method == "GET":
        return Response(SavedViewOutput(reading.view(user, view_id)).data)
    if request.method == "DELETE":
        searching.delete_view(view_id=view_id, by=user)
        return Response(status=204)
    return Response(
        SavedViewOutput(
            searching.change_view(view_id=view_id, **inputs.body(SavedViewChangeInput, request), by=user)
        ).data
    )


def _asked(given: dict[str, Any]) -> Query:
    try:
        return read(given["kind"], given["q"])
    except QueryFault as fault:
        raise Invalid("The search cannot be read.", fields={"q": str(fault)}) from fault
