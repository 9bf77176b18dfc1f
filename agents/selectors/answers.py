"""A decision as the API answers it: the same members at once, on a repeat, and when asked for later."""

from collections.abc import Collection
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.conf import settings
from django.db.models import Subquery

from agents.models import Amendment, Decision, DecisionKey, Resolution
from agents.selectors import contracts

if TYPE_CHECKING:
    # What is about to become a row has the same members.
    from agents.services.decisions import Draft


def find_by_key(agent_id: UUID, key: str) -> Decision | None:
    """Return the decision that was made under an idempotency key, if any."""
    return Decision.objects.filter(
        pk=Subquery(DecisionKey.objects.filter(agent_id=agent_id, key=key).values("decision_id"))
    ).first()


def find_by_keys(agent_id: UUID, keys: Collection[str]) -> dict[str, Decision]:
    """Return the decisions that were made under any of these idempotency keys, by key, in one query."""
    if not keys:
        return {}
    rows = Decision.objects.filter(
        pk__in=DecisionKey.objects.filter(agent_id=agent_id, key__in=keys).values("decision_id")
    )
    return {row.idempotency_key: row for row in rows if row.idempotency_key is not None}


def resolution_row(decision_id: UUID) -> Resolution | None:
    """Return the people's answer to a decision, None while there is none."""
    return Resolution.objects.filter(decision_id=decision_id).first()


def body(decision: "Decision | Draft", slug: str) -> dict[str, Any]:
    """Return the members of the answer to a decision request."""
    trace = decision.trace
    return {
        "id": str(decision.pk),
        "agent": slug,
        "mode": decision.mode,
        "status": decision.status,
        "output": decision.output,
        "confidence": decision.confidence,
        "score": decision.score,
        "reasons": decision.reasons,
        "explanation": trace.get("explanation"),
        "policy": {"version": decision.policy_version, "digest": decision.artifact_id}
        if decision.artifact_id
        else None,
        "contract": {"version": contracts.by_id(decision.contract_id).version},
        "arm": decision.arm,
        "case_ref": decision.case_ref,
        "decided_at": decision.decided_at.isoformat().replace("+00:00", "Z"),
        "links": links(decision.pk, slug),
    }


def links(decision_id: UUID, slug: str) -> dict[str, str]:
    """Return where a decision is read, and where its resolution is waited for: by long poll, or by server-sent events."""
    path = f"agents/{slug}/decisions/{decision_id}"
    return {
        "self": f"{settings.WEB_ORIGIN}/api/v1/{path}",
        "wait": f"{settings.LIVE_ORIGIN}/live/v1/{path}/resolution",
        "events": f"{settings.LIVE_ORIGIN}/live/v1/{path}/events",
    }


def resolution_of(decision: Decision, resolution: Resolution | None) -> dict[str, Any] | None:
    """Return what a decision came to: its answer, the policy's own when it was automatic, or None so far.

    Its `output` is null only when the contract's terms spoke and declare none.
    """
    if resolution is not None:
        return _come_to(resolution.output, resolution.source, resolution.resolved_at)
    if decision.status == Decision.Status.AUTO:
        return _come_to(decision.output, Resolution.Source.AUTO.value, decision.decided_at)
    return None


def outcome(decision: Decision, resolution: Resolution | None, slug: str) -> dict[str, Any] | None:
    """Return the one payload of every channel: what a decision came to, of which agent, under which contract."""
    found = resolution_of(decision, resolution)
    if found is None:
        return None
    return {
        "decision": str(decision.pk),
        "agent": slug,
        "case_ref": decision.case_ref,
        "contract": {"version": contracts.by_id(decision.contract_id).version},
        **found,
    }


def amendment_rows(resolution: Resolution | None) -> list[Amendment]:
    """Return what people said after an answer was given, first to last; empty for nearly all."""
    return list(Amendment.objects.filter(resolution=resolution).order_by("number")) if resolution is not None else []


def amendment(row: Amendment) -> dict[str, Any]:
    """Return an amendment as the API and webhooks tell it; `output` is null while nothing stands in the answer's place."""
    return {
        "number": row.number,
        "output": row.output,
        "cause": row.cause,
        "told_at": row.told_at.isoformat().replace("+00:00", "Z"),
    }


def _come_to(output: dict[str, Any] | None, source: str, at: datetime) -> dict[str, Any]:
    return {"output": output, "source": source, "resolved_at": at.isoformat().replace("+00:00", "Z")}
