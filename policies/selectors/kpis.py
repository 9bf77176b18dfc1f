"""Business figures of a version beside those of the version it replaces: what their cases came to in the world."""

import math
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from agents.contracts import fields
from agents.contracts.outcomes import Kpi
from agents.selectors import outcomes
from agents.selectors.outcomes import ArmFigure
from policies.evaluation import intervals
from policies.evaluation.intervals import Estimate

_ARMS = {"canary": "Canary", "stable": "Stable"}
# Whole interval on one side of zero, or not.
_VERDICTS = {"better": ("Better", "positive"), "worse": ("Worse", "critical"), "open": ("Not told yet", "neutral")}


@dataclass(frozen=True, slots=True)
class Side:
    """A mean with its 95 % interval, as numbers in the figure's unit and in words, by version and arm."""

    version: int
    arm: str
    arm_label: str
    n: int
    estimate: Estimate
    text: str
    interval: str


@dataclass(frozen=True, slots=True)
class FigureRow:
    """One figure: every arm of both versions, and the difference of the versions where both have cases."""

    name: str
    title: str
    unit: str
    more_is_better: bool
    sides: tuple[Side, ...]
    gap: Estimate | None
    difference: str
    interval: str
    verdict: str
    verdict_label: str
    tone: str


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of version `number` against `baseline` (None: it replaced none), since a moment (None: ever)."""

    number: int
    baseline: int | None
    since: datetime | None
    rows: tuple[FigureRow, ...]

    @property
    def told(self) -> bool:
        """Say whether any outcome was told."""
        return any(row.sides for row in self.rows)


def figures(agent_id: UUID, number: int, baseline: int | None, *, since: datetime | None = None) -> Figures | None:
    """Return the business figures of two versions of an agent, None when its contract names none.

    The caller has checked the right to see the agent.
    """
    versions = [number] if baseline is None else [number, baseline]
    listed, found = outcomes.by_arm(agent_id, versions, since=since)
    if not listed:
        return None
    return Figures(number, baseline, since, tuple(_row(kpi, found, number, baseline) for kpi in listed))


def _row(kpi: Kpi, found: list[ArmFigure], number: int, baseline: int | None) -> FigureRow:
    mine = [one for one in found if one.name == kpi.name]
    order = sorted(mine, key=lambda one: (one.version != number, one.arm))
    now = _pooled([one for one in mine if one.version == number])
    before = _pooled([one for one in mine if one.version == baseline])
    told = now is not None and before is not None
    gap = intervals.difference(before, now) if now and before else Estimate(None, -math.inf, math.inf, 0)
    verdict = _verdict(kpi, gap)
    label, tone = _VERDICTS[verdict]
    return FigureRow(
        name=kpi.name,
        title=kpi.title,
        unit=kpi.unit,
        more_is_better=kpi.direction == "up",
        sides=tuple(_side(kpi, one) for one in order),
        gap=gap if told else None,
        difference=_signed(gap.value, kpi) if told and gap.value is not None else "",
        interval=_span(gap, kpi, signed=True) if told else "",
        verdict=verdict,
        verdict_label=label,
        tone=tone,
    )


def _side(kpi: Kpi, one: ArmFigure) -> Side:
    estimate = _estimate(one)
    return Side(one.version, one.arm, _ARMS[one.arm], one.n, estimate, _human(one.mean, kpi), _span(estimate, kpi))


def _pooled(arms: list[ArmFigure]) -> Estimate | None:
    """Return the mean over all arms of one version, from their sums (Chan, Golub and LeVeque 1979)."""
    if not arms:
        return None
    n = sum(one.n for one in arms)
    mean = sum(one.mean * one.n for one in arms) / n
    squares = sum(one.variance * (one.n - 1) + one.n * (one.mean - mean) ** 2 for one in arms)
    whole = ArmFigure(
        arms[0].version, "", arms[0].name, n, mean, squares / max(1, n - 1), all(one.binary for one in arms)
    )
    return _estimate(whole)


def _estimate(one: ArmFigure) -> Estimate:
    if one.binary:
        return intervals.share(round(one.mean * one.n), one.n)
    return intervals.mean(one.mean, one.variance, one.n)


def _verdict(kpi: Kpi, gap: Estimate) -> str:
    if gap.value is None or gap.low <= 0 <= gap.high:
        return "open"
    return "better" if (gap.low > 0) == (kpi.direction == "up") else "worse"


def _span(estimate: Estimate, kpi: Kpi, *, signed: bool = False) -> str:
    if math.isinf(estimate.low) or math.isinf(estimate.high):
        return "too few cases"
    show = _signed if signed else _human
    return f"{show(estimate.low, kpi)} to {show(estimate.high, kpi)}"


def _human(value: float, kpi: Kpi) -> str:
    return fields.human(float(f"{value:.4g}"), kpi.unit)


def _signed(value: float, kpi: Kpi) -> str:
    return f"+{_human(value, kpi)}" if value > 0 else _human(value, kpi)
