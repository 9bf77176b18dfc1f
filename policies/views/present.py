"""Sentences that read a plot, and the few numbers a plot needs that no selector knows."""

from collections.abc import Sequence
from dataclasses import dataclass

from policies.learning.explain import Change
from policies.selectors.evaluations import Both, CalibrationRow, EvaluationRow, Num
from policies.selectors.rollouts import GuardRow
from reviewapp.core.web.templatetags import charts, ui

_SHOWN_FIELDS = 6


@dataclass(frozen=True, slots=True)
class Measure:
    """A share measured for this version and for the one it would replace, with the sentence that reads it."""

    title: str
    now: Num
    before: float | None
    interval: str
    text: str


@dataclass(frozen=True, slots=True)
class Changes:
    """The differences of a version by kind; `reach` is the largest number of points, so that all plots share a scale."""

    rules: tuple[Change, ...]
    thresholds: tuple[Change, ...]
    others: tuple[Change, ...]
    fields: tuple[Change, ...]
    lesser_fields: tuple[Change, ...]
    reach: float


def grouped(found: Sequence[Change]) -> Changes:
    """Return the differences by kind; the fields that moved least come apart."""
    fields = tuple(change for change in found if change.area == "field")
    values = [abs(value) for change in fields for step in change.steps for value in (step.before, step.after) if value]
    return Changes(
        rules=tuple(change for change in found if change.area in {"rule", "exception"}),
        thresholds=tuple(change for change in found if change.area == "threshold"),
        others=tuple(change for change in found if change.area == "exemplars"),
        fields=fields[:_SHOWN_FIELDS],
        lesser_fields=fields[_SHOWN_FIELDS:],
        reach=max(values, default=1.0),
    )


def measures(found: EvaluationRow) -> tuple[Measure, ...]:
    """Return the four shares an approver asks about first, each in a sentence."""
    return (
        _measure("Wrong, if it decided everything alone", found.error, "lower"),
        _measure("Decides alone", found.automated, "higher"),
        _measure("Wrong where no person looks", found.automated_error, "lower"),
        _measure("Agrees with what people settled", found.people_agree, "higher"),
    )


def _measure(title: str, both: Both, better: str) -> Measure:
    now, before = both.now, both.before.value if both.before else None
    interval = "no cases" if now.value is None else f"{ui.percent(now.low)} to {ui.percent(now.high)}"
    return Measure(title, now, before, interval, _comparison(now, before, better))


def _comparison(now: Num, before: float | None, better: str) -> str:
    if now.value is None:
        return "No case of this kind among the test cases."
    if before is None:
        return f"Measured on {now.n} cases; nothing to compare with yet."
    if now.low <= before <= now.high:
        return "The interval holds the earlier value, so no difference is shown by itself."
    grown = now.value > before
    return "Better than before beyond doubt." if grown == (better == "higher") else "Worse than before beyond doubt."


def calibrated(found: Sequence[CalibrationRow]) -> str:
    """Return the sentence that reads the calibration plot."""
    if not found:
        return "This policy states no confidence of its own, so there is nothing to compare."
    inside = [row for row in found if row.right_low <= row.stated <= row.right_high]
    lead = "How sure it said it was on the horizontal axis, how often it was right on the vertical."
    if len(inside) == len(found):
        return f"{lead} In every group the interval holds what was stated."
    sure = [row for row in found if row.stated > row.right_high]
    shy = [row for row in found if row.stated < row.right_low]
    parts = [f"In {len(inside)} of {len(found)} groups the interval holds what was stated"]
    if sure:
        parts.append(f"it is surer than it should be {_spans(sure)}")
    if shy:
        parts.append(f"it is right more often than it says {_spans(shy)}")
    return f"{lead} {'; '.join(parts)}."


def _spans(found: Sequence[CalibrationRow]) -> str:
    return "and ".join(f"between {row.low:.0%} and {row.high:.0%} " for row in found).strip().replace("%", " %")


def limit(guard: GuardRow) -> str:
    """Return the words beside a guard's limit."""
    if guard.code == "worse":
        return "Same as the stable version"
    if guard.code == "faults":
        return f"Limit {ui.percent(guard.limit)}"
    return f"Limit {charts.points(guard.limit)}"
