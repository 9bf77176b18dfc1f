"""Incidents over HTTP. Each operation makes one call into the domain."""

from collections.abc import Callable
from dataclasses import asdict
from typing import Any, ClassVar
from uuid import UUID

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from agents.selectors import visible
from reviewapp.console import incidents
from reviewapp.console.api import shapes
from reviewapp.core import clock
from reviewapp.core.accounts import api_auth
from reviewapp.core.accounts.models import User
from reviewapp.core.errors import NotAllowed
from reviewapp.core.incidents import declaring, selectors, services
from reviewapp.core.web.inputs import Strict


class Operation(APIView):
    """Reads need the scope `read` or `policies`, writes need `policies`; a person stands behind the key."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Check the key's scope before anything else."""
        super().initial(request, *args, **kwargs)
        reads = request.method in {"GET", "HEAD", "OPTIONS"} and "read" in getattr(request.auth, "scopes", ())
        if not reads:
            api_auth.require_scope(request, "policies")

    def person(self, request: Request) -> User:
        """Return who asks. Raises `NotAllowed` for a service account: people answer for incidents."""
        if not isinstance(request.user, User):
            raise NotAllowed("A person must do this: use a personal key.", code="person_needed")
        return request.user


class Incidents(Operation):
    """What went wrong."""

    @extend_schema(
        operation_id="incidents_list",
        parameters=[
            OpenApiParameter("state", str, enum=[value for value, _ in selectors.STATES]),
            OpenApiParameter("after", OpenApiTypes.INT, description="The number after which the page begins."),
        ],
        responses=shapes.IncidentsOutput,
    )
    def get(self, request: Request) -> Response:
        """Return a page of incidents, newest first; `after` of one page asks for the next."""
        by = self.person(request)
        selectors.require_any(by)
        asked = shapes.ListInput(data=request.query_params)
        asked.is_valid(raise_exception=True)
        found = selectors.page(by, state=asked.validated_data["state"], after=asked.validated_data["after"])
        return Response({"incidents": [_row(one) for one in found.rows], "after": found.after})

    @extend_schema(
        operation_id="incidents_declare",
        request=shapes.DeclareInput,
        responses={201: shapes.IncidentDetailOutput},
    )
    def post(self, request: Request) -> Response:
        """Declare an incident of an agent; who declares it leads it."""
        by = self.person(request)
        given = _given(request, shapes.DeclareInput)
        agent = visible.agent(by, given.pop("agent"))
        row = declaring.declare(agent=(agent.pk, agent.slug), by=by, **given)
        return Response(_detail(by, row.pk), status=status.HTTP_201_CREATED)


class IncidentDetail(Operation):
    """One incident."""

    @extend_schema(responses=shapes.IncidentDetailOutput)
    def get(self, request: Request, number: int) -> Response:
        """Return an incident with its timeline and the decisions it touched."""
        return Response(_detail(self.person(request), number))


class Act(Operation):
    """What somebody does about an incident, without words."""

    does: ClassVar[Callable[..., Any]]

    @extend_schema(request=None, responses=shapes.IncidentDetailOutput)
    def post(self, request: Request, number: int) -> Response:
        """Do it, and return the incident."""
        by = self.person(request)
        type(self).does(number=number, by=by)
        return Response(_detail(by, number))


class Acknowledge(Act):
    """Looking after it."""

    does = services.acknowledge

    @extend_schema(request=None, responses=shapes.IncidentDetailOutput)
    def post(self, request: Request, number: int) -> Response:
        """Say that one looks after an incident; who says so first leads it."""
        return super().post(request, number)


class Take(Act):
    """Taking it over."""

    does = services.take

    @extend_schema(request=None, responses=shapes.IncidentDetailOutput)
    def post(self, request: Request, number: int) -> Response:
        """Lead an incident from now on, whoever led it before."""
        return super().post(request, number)


class Notes(Operation):
    """Lines that people write."""

    @extend_schema(request=shapes.TextInput, responses={201: shapes.IncidentDetailOutput})
    def post(self, request: Request, number: int) -> Response:
        """Write a line into the timeline of an incident."""
        by = self.person(request)
        services.note(number=number, text=_text(request), by=by)
        return Response(_detail(by, number), status=status.HTTP_201_CREATED)


class Contain(Operation):
    """The end of a declared one."""

    @extend_schema(request=shapes.TextInput, responses=shapes.IncidentDetailOutput)
    def post(self, request: Request, number: int) -> Response:
        """Say that a declared incident is over, and how. What the system noticed ends by itself."""
        by = self.person(request)
        declaring.contain(number=number, text=_text(request), by=by)
        return Response(_detail(by, number))


class Actions(Operation):
    """What is planned."""

    @extend_schema(request=shapes.ActionInput, responses={201: shapes.IncidentDetailOutput})
    def post(self, request: Request, number: int) -> Response:
        """Plan what keeps an incident from coming back."""
        by = self.person(request)
        declaring.plan(number=number, by=by, **_given(request, shapes.ActionInput))
        return Response(_detail(by, number), status=status.HTTP_201_CREATED)


class Finish(Operation):
    """The end of an action."""

    @extend_schema(request=None, responses=shapes.IncidentDetailOutput)
    def post(self, request: Request, number: int, action_id: UUID) -> Response:
        """Say that an action is done."""
        by = self.person(request)
        declaring.finish(number=number, action_id=action_id, by=by)
        return Response(_detail(by, number))


class Resolve(Operation):
    """Closing it."""

    @extend_schema(request=shapes.TextInput, responses=shapes.IncidentDetailOutput)
    def post(self, request: Request, number: int) -> Response:
        """Close an incident that is over, saying what it was and what keeps it from coming back."""
        by = self.person(request)
        services.resolve(number=number, text=_text(request), by=by)
        return Response(_detail(by, number))


def _text(request: Request) -> str:
    return str(_given(request, shapes.TextInput)["text"])


def _given(request: Request, shape: type[Strict]) -> dict[str, Any]:
    form = shape(data=request.data)
    form.is_valid(raise_exception=True)
    return dict(form.validated_data)


def _row(row: selectors.Row) -> dict[str, Any]:
    return {
        "number": row.number,
        "name": row.name,
        "kind": row.kind.code,
        "title": row.title,
        "agent": row.scope,
        "state": row.state,
        "holds": row.holds,
        "lead": row.lead,
        "began_at": row.began_at,
        "opened_at": row.opened_at,
        "ended_at": row.ended_at,
        "resolved_at": row.resolved_at,
    }


def _detail(by: User, number: int) -> dict[str, Any]:
    page = incidents.page(by, number, now=clock.now())
    touched = page.affected
    lines = [
        {"id": one.id, "kind": one.kind, "text": one.text, "who": one.who, "at": one.at} for one in page.found.lines
    ]
    return {
        **_row(page.found.row),
        "advice": str(page.found.row.kind.advice),
        "path": page.found.path,
        "timeline": lines,
        "actions": [asdict(one) for one in page.found.actions],
        "decisions": touched
        and {
            "number": touched.number,
            "looked_at": touched.looked_at,
            "cut": touched.cut,
            "newest": [one.id for one in touched.rows],
        },
    }
