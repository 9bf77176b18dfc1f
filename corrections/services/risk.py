"""Corrections that a second person must see: asked for under the contract's risk rules, in the name of their author."""

from datetime import timedelta

from agents.contracts.spec import ContractSpec
from agents.runtime import review
from agents.selectors import facts
from corrections.models import Correction, Escalation
from reviewapp.core import clock, events, ids
from reviewapp.core.accounts import actors
from reviewapp.core.accounts.models import User
from reviewapp.core.approvals import services as approvals
from reviewapp.core.events import live


def escalate_if_risky(
    correction: Correction, decision: facts.Facts, spec: ContractSpec, *, by: User
) -> tuple[Escalation | None, tuple[str, ...]]:
    """Ask for a second person when the correction meets an escalation rule, or a rule cannot be told.

    Return the escalation and the rules' sentences, in the caller's transaction. What names no output is never risky: a
    senior sees it anyway.
    """
    if correction.output is None:
        return None, ()
    met = review.escalations(
        spec,
        input=decision.input,
        output=decision.output,
        correction=correction.output,
        confidence=decision.confidence,
        verdict=correction.verdict,
    )
    if not met:
        return None, ()
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
    return escalation, tuple(rule.text for rule in met)


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
