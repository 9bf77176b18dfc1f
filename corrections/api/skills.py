"""Skills and certificates by the API."""

from dataclasses import asdict
from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from agents.selectors import visible
from corrections.api import inputs, people
from corrections.models import Certificate
from corrections.selectors import queues as queue_reading
from corrections.selectors import skills as reading
from corrections.services import skills
from reviewapp.core import clock
from reviewapp.core.web.inputs import Strict

KEEP = ("policies",)
Shape = serializers.Serializer[dict[str, Any]]


class SkillInput(Strict):
    """A skill that queues of an agent can need."""

    name = serializers.CharField(max_length=200)
    about = serializers.CharField(required=False, allow_blank=True, default="", max_length=1000)


class HoldingOutput(Shape):
    """Somebody's latest certificate in a skill."""

    id = serializers.UUIDField()
    username = serializers.CharField()
    person = serializers.CharField()
    skill = serializers.CharField()
    state = serializers.ChoiceField(choices=["valid", "soon", "later", "ended", "revoked"])
    valid_from = serializers.DateTimeField()
    valid_until = serializers.DateTimeField()
    basis = serializers.CharField()


class SkillOutput(Shape):
    """A skill, the queues (names) that need it, and the certificates in it you may see."""

    id = serializers.UUIDField()
    code = serializers.CharField()
    name = serializers.CharField()
    about = serializers.CharField()
    queues = serializers.ListField(child=serializers.CharField())
    certificates = HoldingOutput(many=True)


class NeedsInput(Strict):
    """The codes of all skills a queue needs."""

    skills = serializers.ListField(child=serializers.CharField(max_length=60), max_length=100)


class GrantInput(Strict):
    """A certificate: to whom (user name), from when until when, on what ground."""

    to = serializers.CharField(max_length=150)
    valid_from = serializers.DateTimeField()
    valid_until = serializers.DateTimeField()
    basis = serializers.CharField(max_length=1000, allow_blank=True)


class CertificateOutput(serializers.Serializer[Certificate]):
    """A certificate that was granted."""

    id = serializers.UUIDField()
    username = serializers.CharField(source="person.username")
    valid_from = serializers.DateTimeField()
    valid_until = serializers.DateTimeField()


class RevokeInput(Strict):
    """Why a certificate ends before its time."""

    reason = serializers.CharField(max_length=1000, allow_blank=True)


@extend_schema(
    methods=["GET"], responses=SkillOutput(many=True), summary="Skills of an agent", operation_id="skills_list"
)
@extend_schema(
    methods=["POST"],
    request=SkillInput,
    responses={201: SkillOutput(many=True)},
    summary="Name a skill",
    operation_id="skills_make",
)
@api_view(["GET", "POST"])
def of_agent(request: Request, agent: str) -> Response:
    """List an agent's skills with the certificates you may see, or name a new one."""
    if request.method == "GET":
        return _listed(people.person(request, (*KEEP, *people.READ)), agent)
    user = people.person(request, KEEP)
    skills.make(agent_id=visible.agent(user, agent).pk, by=user, **inputs.body(SkillInput, request))
    return _listed(user, agent, status=201)


@extend_schema(request=NeedsInput, responses=NeedsInput, summary="What a queue asks of who works in it")
@api_view(["PUT"])
def needs(request: Request, queue_id: UUID) -> Response:
    """Let a queue give its tasks only to who is certified in these skills."""
    user = people.person(request, KEEP)
    queue = queue_reading.queue_for(user, queue_id)
    skills.need(queue_id=queue_id, by=user, **inputs.body(NeedsInput, request))
    return Response({"skills": reading.needed(queue)})


@extend_schema(request=GrantInput, responses={201: CertificateOutput}, summary="Certify somebody in a skill")
@api_view(["POST"])
def grant(request: Request, skill_id: UUID) -> Response:
    """Certify a person for a time; never yourself."""
    user = people.person(request, KEEP)
    made = skills.grant(skill_id=skill_id, by=user, **inputs.body(GrantInput, request))
    return Response(CertificateOutput(made).data, status=201)


@extend_schema(request=RevokeInput, responses={204: None}, summary="End a certificate now")
@api_view(["POST"])
def revoke(request: Request, certificate_id: UUID) -> Response:
    """Revoke a certificate; what its holder has claimed they may finish."""
    skills.revoke(certificate_id=certificate_id, by=people.person(request, KEEP), **inputs.body(RevokeInput, request))
    return Response(status=204)


def _listed(user: Any, agent: str, *, status: int = 200) -> Response:
    found = visible.agent(user, agent)
    board = next((one for one in reading.boards(user, now=clock.now()) if one.slug == found.slug), None)
    rows = [{**asdict(row), "certificates": row.holdings} for row in board.skills] if board else []
    return Response(SkillOutput(rows, many=True).data, status=status)  # type: ignore[arg-type]  # the stubs know one row only
