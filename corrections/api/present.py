"""The feedback plane's rows as JSON."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from agents.contracts.spec import ContractSpec
from agents.selectors.facts import Facts
from corrections.selectors.consensus import Counts
from corrections.selectors.taken import Taken
from corrections.selectors.workbench import Case


def task(case: Case | Taken) -> dict[str, Any]:
    """Return a claimed or read task."""
    return {
        "task": str(case.task_id),
        "queue": str(case.queue_id),
        "kind": case.kind,
        "state": case.state,
        "blind": case.sealed,
        "title": case.title,
        "why": case.why,
        "token": case.token,
        "lease_until": case.lease_until.isoformat() if case.lease_until else None,
        "due_at": case.due_at.isoformat(),
        "decision": _decision(case.decision, case.spec, sealed=case.sealed),
        "contract": _terms(case.spec),
        "earlier": case.earlier,
        "draft": case.draft,
    }


def counts(row: Counts) -> dict[str, int]:
    """Return how far an agent's feedback is, also in the words of a reader who does not know queues."""
    return {**asdict(row), "conflicting": row.open_adjudications, "pending": row.open_reviews + row.open_escalations}


def _decision(decision: Facts, spec: ContractSpec, *, sealed: bool) -> dict[str, Any]:
    # What the workbench hides, a key must not show: reviewers never judge by what the contract calls sensitive.
    hidden = {field.path for field in spec.input.fields if field.sensitivity == "sensitive"}
    return {
        "id": str(decision.id),
        "agent": decision.agent_slug,
        "case_ref": decision.case_ref,
        "input": _without(decision.input, hidden),
        "proposal": decision.proposal,
        "output": decision.output,
        "confidence": None if sealed else decision.confidence,
        "score": decision.score,
        "status": None if sealed else decision.status,
        "reasons": decision.reasons,
        "policy_version": decision.policy_version,
        "explanation": _explanation(decision.trace.get("explanation"), hidden),
        "decided_at": decision.decided_at.isoformat(),
    }


def _terms(spec: ContractSpec) -> dict[str, Any]:
    return {
        "version": spec.version,
        "output_schema": spec.output_schema,
        "action_field": spec.action_field,
        "min_justification": spec.min_justification,
        "min_evidence": spec.min_evidence,
        "reason_codes": [
            {"code": reason.code, "title": reason.title, "verdicts": list(reason.verdicts)}
            for reason in spec.reason_codes
        ],
    }


def _without(document: Mapping[str, Any], hidden: set[str], prefix: str = "") -> dict[str, Any]:
    return {
        name: _without(value, hidden, f"{prefix}{name}.") if isinstance(value, Mapping) else value
        for name, value in document.items()
        if f"{prefix}{name}" not in hidden
    }


def _explanation(told: Mapping[str, Any] | None, hidden: set[str]) -> dict[str, Any] | None:
    if told is None:
        return None
    moved = [
        {**one, "value": None, "label": "Withheld"} if one["field"] in hidden else one
        for one in told.get("contributions", ())
    ]
    return {**told, "contributions": moved}
