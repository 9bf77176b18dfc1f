"""Feature views and their values over HTTP. Each operation makes one call into the domain."""

from collections.abc import Mapping
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from agents.api import feature_shapes as shapes
from agents.api.views import Operation
from agents.selectors import feature_pages, visible
from agents.selectors.feature_pages import EntityPage, ViewPage, ViewRow
from agents.services import features, ingestion
from reviewapp.core import clock
from reviewapp.core.accounts import api_auth
from reviewapp.core.accounts.keys import KeyHolder
from reviewapp.core.accounts.models import User
from reviewapp.core.errors import Invalid, NotAllowed

_READ = frozenset({"read", "decide", "policies", "features"})
_VERSION = OpenApiParameter("version", OpenApiTypes.INT, description="The newest version when it is left out.")


class FeatureOperation(Operation):
    """Reading needs any scope that reads; sending and publishing need `features`."""

    scopes = _READ

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Check the key's scope before anything else."""
        super().initial(request, *args, **kwargs)
        if request.method in {"PUT", "POST"} and isinstance(request.auth, KeyHolder):
            api_auth.require_scope(request, "features")


class Features(FeatureOperation):
    """The feature views one may see."""

    @extend_schema(operation_id="features_list", responses=shapes.ViewRowOutput(many=True))
    def get(self, request: Request) -> Response:
        """Return every feature view of the agents one may see, with how fresh it is."""
        return Response([_row(row) for row in feature_pages.rows(request.user, now=clock.now())])

    @extend_schema(operation_id="features_publish", request=shapes.ViewInput, responses={201: shapes.ViewOutput})
    def post(self, request: Request) -> Response:
        """Publish a feature view, or its next version; the answer says in words what the version changes.

        Needs a person who may develop the agent. Contracts go on reading the version they name.
        """
        body = _object(request.data)
        agent = visible.agent(request.user, str(body.get("agent", "")))
        if not isinstance(request.user, User):
            raise NotAllowed("A person must do this: use a personal key.", code="person_needed")
        rest = {key: value for key, value in body.items() if key != "agent"}
        made = features.publish(agent_id=agent.pk, body=rest, by=request.user)
        found = feature_pages.page(request.user, made.spec.name, now=clock.now())
        return Response(_page(found), status=status.HTTP_201_CREATED)


class FeatureValues(FeatureOperation):
    """One feature view, and sending values to it."""

    @extend_schema(operation_id="features_retrieve", responses=shapes.ViewOutput)
    def get(self, request: Request, view: str) -> Response:
        """Return the view with its features and versions."""
        return Response(_page(feature_pages.page(request.user, view, now=clock.now())))

    @extend_schema(operation_id="features_send", request=shapes.RowsInput, responses=shapes.IngestedOutput)
    def put(self, request: Request, view: str) -> Response:
        """Take in values of entities, up to 5,000 rows; each row stands or falls by itself.

        Sending the same rows again changes nothing. A row says all that is known of its entity from `event_time` on.
        """
        body = _object(request.data)
        for name in set(body) - {"rows", "version"}:
            raise Invalid("The rows cannot be taken in.", fields={str(name): "Known are rows, version."})
        known = feature_pages.writable(request.user, view, _version(body.get("version")))
        done = ingestion.ingest(view=known, rows=body.get("rows"), by=api_auth.actor_of(request))
        return Response(
            {
                "view": view,
                "version": known.version,
                "stored": done.count("stored"),
                "repeated": done.count("repeat"),
                "refused": done.count("refused"),
                "online": done.online,
                "results": [
                    {"index": index, "status": result.status, "fields": dict(result.fields)}
                    for index, result in enumerate(done.results)
                ],
            }
        )


class FeatureEntity(FeatureOperation):
    """What is known of one entity."""

    @extend_schema(operation_id="features_entity", responses=shapes.EntityOutput, parameters=[_VERSION])
    def get(self, request: Request, view: str, entity: str) -> Response:
        """Return the newest values of an entity with their age. Sensitive values are for the agent's programs alone."""
        version = _version(request.query_params.get("version"))
        return Response(_entity(feature_pages.entity(request.user, view, entity, version=version, now=clock.now())))


def _object(data: Any) -> Mapping[str, Any]:
    if not isinstance(data, Mapping):
        raise Invalid("Send a JSON object.", fields={"": "Send a JSON object."})
    return data


def _version(value: Any) -> int | None:
    if value is None:
        return None
    text = str(value)
    if isinstance(value, bool) or not (text.isascii() and text.isdigit() and 0 < int(text) < 2**31):
        raise Invalid("There is no such version.", fields={"version": "Give a whole number from 1."})
    return int(text)


def _row(found: ViewRow) -> dict[str, Any]:
    return {
        "name": found.name,
        "agent": found.agent_slug,
        "title": found.title,
        "entity": found.entity,
        "version": found.version,
        "owner": found.owner,
        "freshness_seconds": found.freshness_seconds,
        "state": found.state,
        "last_arrived_at": found.arrived_at,
        "last_event_time": found.event_time,
        "rows_last_day": found.day,
    }


def _page(found: ViewPage) -> dict[str, Any]:
    return {
        **_row(found.row),
        "features": found.spec.body["features"],
        "versions": [
            {
                "version": one.version,
                "digest": one.digest,
                "published_at": one.published_at,
                "published_by": one.published_by,
                "changes": one.changes,
            }
            for one in found.versions
        ],
    }


def _entity(found: EntityPage) -> dict[str, Any]:
    return {
        "view": found.view,
        "version": found.version,
        "entity": found.entity,
        "event_time": found.event_time,
        "arrived_at": found.arrived_at,
        "age_seconds": found.age_seconds,
        "online": found.online,
        "values": {one.feature.name: one.value for one in found.values if one.known and not one.hidden},
        "stale": [one.feature.name for one in found.values if one.known and one.old],
        "hidden": [one.feature.name for one in found.values if one.hidden],
    }
