"""Routing by the API: read an agent's rules, replace them, try one."""

from dataclasses import asdict
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from agents.selectors import visible
from corrections.api import inputs, people
from corrections.rules.routing import MOST
from corrections.selectors import routing as reading
from corrections.services import routing
from reviewapp.core.web.inputs import Strict

KEEP = ("policies",)


class RoutingRuleInput(Strict):
    """A rule: while none before it holds, what it holds for goes to its queue."""

    name = serializers.CharField(max_length=200)
    when = serializers.CharField(
        max_length=4000, help_text='CEL, for example `input.amount > 5000.0 && status == "review"`'
    )
    queue = serializers.CharField(max_length=60, help_text="The code of a review queue of the agent.")


class RoutingInput(Strict):
    """All rules in their order, and the queue of what none holds for; `mark` is that of the routing they replace."""

    rules = serializers.ListField(child=RoutingRuleInput(), max_length=MOST)
    default = serializers.CharField(max_length=60)
    mark = serializers.CharField(max_length=100)


class RoutingRuleOutput(serializers.Serializer[dict[str, Any]]):
    """A rule; `caught` of the tried decisions it would get, `fault` why it does not fit the newest contract."""

    name = serializers.CharField()
    when = serializers.CharField()
    queue = serializers.CharField()
    caught = serializers.IntegerField()
    fault = serializers.CharField()


class RoutingOutput(serializers.Serializer[dict[str, Any]]):
    """An agent's routing, tried on its `tried` newest flagged decisions; `names` are those a rule may use."""

    rules = serializers.ListField(child=RoutingRuleOutput())
    default = serializers.CharField()
    mark = serializers.CharField()
    names = serializers.ListField(child=serializers.CharField())
    tried = serializers.IntegerField()
    fallen = serializers.IntegerField(help_text="Tried decisions for which no rule holds.")
    unsure = serializers.DictField(
        child=serializers.IntegerField(), help_text="By rule, tried decisions for which it could not be told."
    )


class RoutingTrialInput(Strict):
    """A condition to try."""

    when = serializers.CharField(max_length=4000)


class RoutingTrialOutput(serializers.Serializer[dict[str, Any]]):
    """For how many of the `tried` newest flagged decisions it holds, and for how many it cannot be told, and why."""

    tried = serializers.IntegerField()
    held = serializers.IntegerField()
    unsure = serializers.IntegerField()
    why = serializers.CharField()


@extend_schema(
    methods=["GET"], responses=RoutingOutput, summary="Where flagged decisions go", operation_id="routing_retrieve"
)
@extend_schema(
    methods=["PUT"],
    request=RoutingInput,
    responses=RoutingOutput,
    summary="Say where flagged decisions go",
    operation_id="routing_replace",
)
@api_view(["GET", "PUT"])
def routed(request: Request, agent: str) -> Response:
    """Read the rules of an agent, or replace them all; tasks that wait stay where they are. For policy admins and operators."""
    if request.method == "GET":
        return _answer(reading.book(people.person(request, (*KEEP, *people.READ)), agent))
    user = people.person(request, KEEP)
    found = reading.book(user, agent, tried=0)
    given = inputs.body(RoutingInput, request)
    rules = [routing.Terms(**rule) for rule in given["rules"]]
    routing.replace(agent_id=found.agent.pk, rules=rules, default=given["default"], mark=given["mark"], by=user)
    return _answer(reading.book(user, agent))


@extend_schema(
    request=RoutingTrialInput, responses=RoutingTrialOutput, summary="Try a routing rule on recent decisions"
)
@api_view(["POST"])
def trial(request: Request, agent: str) -> Response:
    """Say for how many of the newest flagged decisions a condition holds; nothing is saved."""
    user = people.person(request, KEEP)
    visible.agent(user, agent)
    return Response(asdict(reading.try_rule(user, agent, **inputs.body(RoutingTrialInput, request))))


def _answer(book: reading.Book) -> Response:
    shown = {name: getattr(book, name) for name in ("default", "mark", "names", "tried", "fallen", "unsure")}
    rules = [
        {name: getattr(rule, name) for name in ("name", "when", "queue", "caught", "fault")} for rule in book.rules
    ]
    return Response({"rules": rules, **shown})
