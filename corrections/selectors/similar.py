"""Precedents: past decisions like this one, and what people made of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from agents.contracts import fields
from agents.selectors import contracts, facts
from corrections.models import Consensus
from corrections.selectors import shown

# Compared in memory: enough to find good precedents, small enough to stay far below the page's time budget.
_LOOK_AT = 150


@dataclass(frozen=True, slots=True)
class Precedent:
    """A past decision: how alike it is (0 to 1), what the agent said and what people settled on."""

    decision_id: UUID
    case_ref: str
    likeness: float
    decided: str
    settled: str
    changed: bool
    policy_version: int | None
    at: datetime


def precedents(decision: facts.Facts, *, limit: int) -> list[Precedent]:
    """Return the settled decisions of the agent that are most like `decision`, best first.

    Likeness is the mean over the contract's fields: 1 for equal values, for numbers 1 - |a - b| / max(|a|, |b|) (Gower 1971
    with the pair's own range).
    """
    settled = list(
        Consensus.objects.filter(agent_id=decision.agent_id, authoritative=True, state=Consensus.State.USABLE)
        .exclude(decision_id=decision.id)
        .order_by("-formed_at")[:_LOOK_AT]
    )
    past = facts.of_decisions(row.decision_id for row in settled)
    spec = contracts.by_id(decision.contract_id).spec
    paths = [field.path for field in fields.describe(spec.input_schema) if field.sensitivity != "sensitive"]
    scored = [(likeness(decision.input, past[row.decision_id].input, paths), row) for row in settled]
    scored.sort(key=lambda pair: (-pair[0], str(pair[1].pk)))
    return [
        Precedent(
            decision_id=row.decision_id,
            case_ref=past[row.decision_id].case_ref,
            likeness=score,
            decided=shown.outcome(spec, past[row.decision_id].output),
            settled=shown.outcome(spec, row.output),
            changed=row.changed,
            policy_version=past[row.decision_id].policy_version,
            at=row.formed_at,
        )
        for score, row in scored[:limit]
    ]


def likeness(one: Mapping[str, Any], other: Mapping[str, Any], paths: list[str]) -> float:
    """Return how alike two inputs are over these fields, 0 to 1."""
    if not paths:
        return 0.0
    return sum(_alike(fields.at(one, path), fields.at(other, path)) for path in paths) / len(paths)


def _alike(one: Any, other: Any) -> float:
    if isinstance(one, int | float) and isinstance(other, int | float) and not isinstance(one, bool):
        top = max(abs(one), abs(other))
        return 1.0 if top == 0 else 1 - min(1.0, abs(one - other) / top)
    return float(one == other)
