"""Agents, their decisions and trials. Each operation makes one call into the domain."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from agents.api import examples, inputs, outputs, present, tags
from agents.selectors import answers, boards, decisions, visible
from agents.serving import deciding, endpoint, trials
from reviewapp.core import clock
from reviewapp.core.accounts.keys import KeyHolder
from reviewapp.core.errors import NotAllowed
from reviewapp.core.web import openapi

# Decisions are asked for by an agent's own key; a signed-in person is nothing to them.
_KEY: Any = [{"key": []}]
_READ = frozenset({"read", "decide", "policies", "review"})
_TRY = frozenset({"read", "decide", "policies"})


class Operation(APIView):
    """Every operation here needs a signed-in person or a key with one of `scopes`."""

    scopes = _READ

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Check the key's scope before anything else."""
        super().initial(request, *args, **kwargs)
        holder = request.auth
        if isinstance(holder, KeyHolder) and not holder.scopes & self.scopes:
            raise NotAllowed(f"This key lacks a scope: {' or '.join(sorted(self.scopes))}.", code="scope_missing")


class Agents(Operation):
    """The agents one may see."""

    @extend_schema(operation_id="agents_list", responses=outputs.AgentOutput(many=True))
    def get(self, request: Request) -> Response:
        """Return every agent the asker may see, with its contract version and serving slot."""
        return Response([present.row(row) for row in boards.rows(request.user, today=clock.now().date())])


class AgentDetail(Operation):
    """One agent."""

    @extend_schema(
        operation_id="agents_retrieve",
        parameters=tags.PARAMETERS,
        responses={200: outputs.AgentDetailOutput, 304: tags.UNCHANGED},
    )
    def get(self, request: Request, agent: str) -> Response:
        """Return the agent with its whole contract and what its slot serves; an empty 304 to who has it already."""
        return tags.answer(request, present.page(boards.page(request.user, agent)))


class Decisions(Operation):
    """Asking for decisions, and listing them."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Hand a POST to the light endpoint before any of this framework's own work."""
        if request.method == "POST":
            return endpoint.decisions(request, kwargs["agent"])
        return super().dispatch(request, *args, **kwargs)

    @extend_schema(
        operation_id="decisions_create",
        auth=_KEY,
        request=inputs.DecisionInput,
        responses={
            201: outputs.DecisionOutput,
            200: OpenApiResponse(outputs.DecisionOutput, "The same request came before: the same decision."),
            **openapi.problems(413, 429, 503),
        },
        examples=[examples.REQUEST, examples.DECISION, examples.WAITS],
        parameters=[
            OpenApiParameter(
                "Idempotency-Key",
                OpenApiTypes.STR,
                OpenApiParameter.HEADER,
                description="The same key and body give the same decision (200); another body is a 409.",
            )
        ],
    )
    def post(self, request: Request, agent: str) -> HttpResponseBase:
        """Ask for a decision. Needs an agent's own key with the scope `decide`.

        `status` is `auto`, `review` or `escalate`; a flagged decision's answer is waited for at `links.wait`.
        """
        return endpoint.decisions(request._request, agent)  # noqa: SLF001 - Django's request is what the light endpoint takes

    @extend_schema(
        operation_id="decisions_list",
        responses=outputs.DecisionListOutput,
        parameters=[
            OpenApiParameter("status", OpenApiTypes.STR, enum=["auto", "review", "escalate"]),
            OpenApiParameter("after", OpenApiTypes.UUID, description="The id after which the page begins."),
        ],
    )
    def get(self, request: Request, agent: str) -> Response:
        """Return a page of the agent's decisions, newest first; `after` of one page asks for the next."""
        query = inputs.ListQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        page = decisions.page(
            request.user, agent=agent, status=query.validated_data["status"], after=query.validated_data["after"]
        )
        rows = [
            {
                "id": row.id,
                "status": row.status,
                "action": row.action,
                "sealed": row.sealed,
                "confidence": row.confidence,
                "policy_version": row.policy_version,
                "arm": row.arm,
                "decided_at": row.decided_at,
                "resolved_at": row.resolved_at,
                "taken_back": row.taken_back,
            }
            for row in page.rows
        ]
        return Response({"decisions": rows, "after": page.after})


class DecisionBatch(Operation):
    """Asking for many decisions at once."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Hand a POST to the light endpoint before any of this framework's own work."""
        if request.method == "POST":
            return endpoint.decisions_batch(request, kwargs["agent"])
        return super().dispatch(request, *args, **kwargs)

    @extend_schema(
        operation_id="decisions_batch_create",
        auth=_KEY,
        request={endpoint.NDJSON: inputs.BatchLineInput},
        responses={(200, endpoint.NDJSON): outputs.BatchLineOutput, **openapi.problems(413, 429, 503)},
    )
    def post(self, request: Request, agent: str) -> HttpResponseBase:
        """Decide up to 10,000 cases, one JSON object per line, and answer a result per line as soon as it is recorded.

        Each line is a decision request with its own `idempotency_key`; a bad line gets its problem and stops nothing.
        """
        return endpoint.decisions_batch(request._request, agent)  # noqa: SLF001 - Django's request is what the light endpoint takes


class DecisionDetail(Operation):
    """One decision."""

    @extend_schema(operation_id="decisions_retrieve", responses=outputs.ResolvedDecisionOutput)
    def get(self, request: Request, agent: str, decision_id: UUID) -> Response:
        """Return the decision as it was answered, its resolution (null while people have not settled it), and what they said
        after that. While nothing stands since it was taken back, neither is told to a person who reviews the agent's cases.
        """
        found = decisions.detail(request.user, decision_id, agent=agent)
        amended = answers.amendment_rows(found.resolution)
        body = answers.body(found.decision, found.agent.slug)
        if visible.judges_afresh(request.user, found.agent, amended):
            return Response({**body, "resolution": None, "amendments": []})
        return Response({**body, "resolution": found.answer, "amendments": [answers.amendment(one) for one in amended]})


class Trials(Operation):
    """Trying cases."""

    scopes = _TRY

    @extend_schema(
        operation_id="trials_create",
        request=inputs.TrialInput,
        responses={200: outputs.TrialOutput, **openapi.problems(503)},
        examples=[examples.TRIAL],
    )
    def post(self, request: Request, agent: str) -> Response:
        """Return what the live policy would answer to up to 1,000 cases; nothing is recorded."""
        visible.agent(request.user, agent)
        return Response(trials.run(live=deciding.find(agent), body=request.data), status=status.HTTP_200_OK)
