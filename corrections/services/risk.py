"""Corrections that a second person must see: asked for under the contract's risk rules, in the name of their author."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from django.db import transaction

from agents.contracts.spec import ContractSpec
from agents.runtime import review
from agents.selectors import contracts, facts
from corrections.models import Correction, Escalation
from reviewapp.core import clock, events, ids
from reviewapp.core.accounts import actors
from reviewapp.core.accounts.models import User
from reviewapp.core.approvals import services as approvals
from reviewapp.core.events import live


def why_risky(correction: Correction, decision: facts.Facts, spec: ContractSpec) -> tuple[str, ...]:
    """Return the sentences of the escalation rules that a correction meets, or that cannot be told; empty when there are none.

    What names no output is never risky: a senior sees it anyway.
    """
    return tuple(rule.text for rule in _met(correction, decision, spec))


def escalate(correction: Correction, decision: facts.Facts, spec: ContractSpec, *, by: User) -> Escalation:
    """Ask for a second person because of a correction that meets an escalation rule; in the caller's transaction."""
    met = _met(correction, decision, spec)
    approval = approvals.request(
        kind="correction",
        subject=("correction", str(correction.pk)),
        scope=decision.agent_slug,
        binding=binding(correction),
        by=by,
    )
    now = clock.now()
    escalation = Escalation.objects.create(
        correction=correction,
        agent_id=decision.agent_id,
        approval=approval,
        rules=[{"id": rule.id, "text": rule.text} for rule in met],
        due_at=now + timedelta(minutes=spec.review_minutes),
        raised_at=now,
    )
    events.record(
        "escalation.raised",
        subject=("decision", str(decision.id)),
        actor=actors.of(by),
        scope=decision.agent_slug,
        data={"escalation": str(escalation.pk), "correction": str(correction.pk), "rules": [rule.id for rule in met]},
    )
    live.push(f"escalations.{decision.agent_slug}", {"escalation": str(escalation.pk)})
    return escalation


@transaction.atomic
def escalate_held(*, correction_id: UUID) -> Escalation | None:
    """Escalate a correction whose hold has ended, in the name of its author, when it is risky; idempotent."""
    correction = Correction.objects.select_related("author").filter(pk=correction_id, held_until__isnull=False).first()
    if correction is None or Escalation.objects.filter(correction=correction).exists():
        return None
    decision = facts.of_decision(correction.decision_id)
    spec = contracts.by_id(decision.contract_id).spec
    if not why_risky(correction, decision, spec):
        return None
    return escalate(correction, decision, spec, by=correction.author)


def _met(correction: Correction, decision: facts.Facts, spec: ContractSpec) -> Sequence[review.Fired]:
    if correction.output is None:
        return ()
    return review.escalations(
        spec,
        input=decision.input,
        output=decision.output,
        correction=correction.output,
        confidence=decision.confidence,
        verdict=correction.verdict,
    )


def binding(correction: Correction) -> str:
    """Return the digest of exactly what a second person decides on."""
    return ids.digest(
        {
            "correction": str(correction.pk),
            "decision": str(correction.decision_id),
            "verdict": correction.verdict,
            "output": correction.output,
            "reason": correction.reason_code,
            "justification": correction.justification,
            "evidence": correction.evidence,
        }
    )
