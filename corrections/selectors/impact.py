"""What approving an escalated correction would mean, in figures that stand in the database."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Q

from agents.contracts import fields
from agents.contracts.spec import ContractSpec
from agents.selectors.facts import Facts
from corrections.models import Consensus
from corrections.selectors import consensus, shown
from corrections.selectors.similar import Precedent

_DAYS = 90


@dataclass(frozen=True, slots=True)
class Measure:
    """One figure with its base or comparison."""

    label: str
    value: str
    unit: str
    note: str


def of_change(
    spec: ContractSpec,
    decision: Facts,
    proposed: dict[str, Any] | None,
    precedents: Sequence[Precedent],
    *,
    now: datetime,
) -> list[Measure]:
    """Return what changes in figures, how like cases were settled, how often such answers change, what can be learned."""
    return [
        *_amounts(spec, decision.output, proposed),
        _like(shown.outcome(spec, proposed), precedents),
        _often(spec, decision, now),
        _learned(decision),
    ]


def _amounts(spec: ContractSpec, before: dict[str, Any] | None, after: dict[str, Any] | None) -> list[Measure]:
    made = []
    for field in fields.describe(spec.output_schema):
        old, new = fields.at(before, field.path), fields.at(after, field.path)
        if field.kind not in {"integer", "number"} or old == new:
            continue
        step = (new or 0) - (old or 0)
        sign = "+" if step >= 0 else "−"
        note = "The agent gave none" if old is None else f"{field.show(old)} before"
        made.append(Measure(field.title, f"{sign}{fields.human(abs(step))}", field.unit, note))
    return made


def _like(proposed: str, precedents: Sequence[Precedent]) -> Measure:
    same = sum(one.settled == proposed for one in precedents)
    if not precedents:
        return Measure("Cases most like it", "None", "", "No settled case to compare with")
    return Measure("Cases most like it", f"{same} of {len(precedents)}", "", f"were settled as {proposed.lower()}")


def _often(spec: ContractSpec, decision: Facts, now: datetime) -> Measure:
    action = (decision.output or {}).get(spec.action_field)
    counted = Consensus.objects.filter(
        agent_id=decision.agent_id,
        authoritative=True,
        state=Consensus.State.USABLE,
        formed_at__gte=now - timedelta(days=_DAYS),
        **{f"decision__output__{spec.action_field}": action},
    ).aggregate(all=Count("pk"), changed=Count("pk", filter=Q(changed=True)))
    words = f"“{shown.outcome(spec, decision.output)}” settled"
    share = f"{counted['changed'] / counted['all']:.0%}".replace("%", " %") if counted["all"] else "none"
    return Measure(
        "Such answers changed", f"{counted['changed']} of {counted['all']}", "", f"{words} in {_DAYS} days, {share}"
    )


def _learned(decision: Facts) -> Measure:
    counts = consensus.counts(decision.agent_id)
    return Measure(
        "To learn from", str(counts.usable + 1), "answers", f"{counts.usable} so far, {counts.changed} of them changed"
    )
