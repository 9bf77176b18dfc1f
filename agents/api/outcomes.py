"""What became of decided cases, over HTTP. Each operation makes one call into the domain."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from agents.api.views import Operation
from agents.selectors import decisions, outcomes
from agents.selectors.outcomes import Observed
from agents.services import outcomes as service
from reviewapp.core.accounts import access, api_auth
from reviewapp.core.accounts.keys import KeyHolder
from reviewapp.core.accounts.models import User
from reviewapp.core.errors import Invalid


class OutcomeInput(serializers.Serializer[dict[str, Any]]):
    """What was observed of a case, and when."""

    outcome = serializers.DictField()
    observed_at = serializers.DateTimeField()


class OutcomeOutput(serializers.Serializer[dict[str, Any]]):
    """One observation; `figures` are the contract's business figures that it gave."""

    id = serializers.UUIDField()
    outcome = serializers.DictField()
    figures = serializers.DictField(child=serializers.FloatField())
    observed_at = serializers.DateTimeField()
    recorded_at = serializers.DateTimeField()


class Outcomes(Operation):
    """The ground truth of one decision."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Check the key's scope before anything else: telling needs `decide`, reading any scope that reads."""
        super().initial(request, *args, **kwargs)
        if request.method == "POST" and isinstance(request.auth, KeyHolder):
            api_auth.require_scope(request, "decide")

    @extend_schema(operation_id="outcomes_list", responses=OutcomeOutput(many=True))
    def get(self, request: Request, agent: str, decision_id: UUID) -> Response:
        """Return what was observed of the case, the newest observation first; that one counts."""
        return Response([_shown(one) for one in outcomes.of_decision(request.user, decision_id, agent=agent)])

    @extend_schema(
        operation_id="outcomes_create", request=OutcomeInput, responses={201: OutcomeOutput, 200: OutcomeOutput}
    )
    def post(self, request: Request, agent: str, decision_id: UUID) -> Response:
        """Tell what became of the case, weeks later if need be; the contract's `outcome_schema` types it.

        Told again with the same time, nothing changes (200). A later observation is kept beside the earlier ones.
        """
        found = decisions.detail(request.user, decision_id, agent=agent)
        if isinstance(request.user, User):
            access.require(request.user, "agents.operate_agent", found.agent)
        body: Any = request.data
        sent = OutcomeInput(data=body)
        sent.is_valid(raise_exception=True)
        for name in set(body) - set(sent.fields):
            raise Invalid("The outcome cannot be recorded.", fields={str(name): "Known are outcome, observed_at."})
        row, fresh = service.record(
            decision=found.decision,
            outcome=body["outcome"],
            observed_at=sent.validated_data["observed_at"],
            by=api_auth.actor_of(request),
        )
        return Response(_shown(outcomes.observed(row)), status=201 if fresh else 200)


def _shown(one: Observed) -> dict[str, Any]:
    return {
        "id": one.id,
        "outcome": one.body,
        "figures": one.values,
        "observed_at": one.observed_at,
        "recorded_at": one.recorded_at,
    }
