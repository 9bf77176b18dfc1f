"""The evaluation page: gates with intervals, decisions that change, calibration, segments."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from policies.evaluation import gates
from policies.models import Evaluation
from policies.selectors import kpis, versions, words

_COUNTED = {"faults"}
_SIGNED = {"no_worse", "load", "confidence"}


@dataclass(frozen=True, slots=True)
class Num:
    """A value with its 95 % interval and the number of cases behind it."""

    value: float | None
    low: float
    high: float
    n: int


@dataclass(frozen=True, slots=True)
class Both:
    """The same measure for this version and for the one it would replace."""

    now: Num
    before: Num | None


@dataclass(frozen=True, slots=True)
class GateRow:
    """A gate as the page draws it. `unit` is share, points or count; the axis spans value, interval, limit, baseline."""

    code: str
    title: str
    verdict: str
    verdict_label: str
    tone: str
    unit: str
    value: float | None
    low: float
    high: float
    limit: float
    limit_words: str
    baseline: float | None
    n: int
    text: str
    axis_low: float
    axis_high: float


@dataclass(frozen=True, slots=True)
class MatrixCell:
    """A count; `same` on the diagonal."""

    count: int
    same: bool


@dataclass(frozen=True, slots=True)
class Matrix:
    """Counts by two answers: `rows` pairs each first answer with its cells, in the order of `labels`."""

    labels: tuple[str, ...]
    rows: tuple[tuple[str, tuple[MatrixCell, ...]], ...]


@dataclass(frozen=True, slots=True)
class CalibrationRow:
    """Cases of similar confidence: stated, right, and right under the baseline where it has such cases."""

    low: float
    high: float
    n: int
    stated: float
    right: float | None
    right_low: float
    right_high: float
    baseline: float | None


@dataclass(frozen=True, slots=True)
class SegmentRow:
    """Error in one group of cases."""

    field: str
    value: str
    n: int
    before: float | None
    now: float | None
    low: float
    high: float
    note: str
    tone: str


@dataclass(frozen=True, slots=True)
class EvaluationRow:
    """An evaluation, ready to be shown."""

    id: UUID
    verdict: str
    verdict_label: str
    tone: str
    headline: str
    detail: str
    n: int
    n_people: int
    data_digest: str
    digest: str
    evaluated_at: datetime
    baseline_number: int | None
    gates: tuple[GateRow, ...]
    error: Both
    automated: Both
    automated_error: Both
    people_agree: Both
    confusion: Matrix
    changed: Matrix | None
    changed_total: int
    mended: int
    broken: int
    calibration: tuple[CalibrationRow, ...]
    segments: tuple[SegmentRow, ...]


@dataclass(frozen=True, slots=True)
class EvaluationPage:
    """The page; without an evaluation it says that there is none yet."""

    header: versions.Header
    evaluation: EvaluationRow | None
    figures: kpis.Figures | None


def page(user: Any, version_id: UUID) -> EvaluationPage:
    """Return the evaluation page of a version. Raises `Missing` when `user` may not see its agent."""
    found = versions.load(user, version_id)
    evaluation = row(found.evaluation) if found.evaluation else None
    header = versions.head(user, found)
    # Whatever it decided, ever: a version that never served has no outcomes.
    figures = kpis.figures(found.version.agent_id, header.number, header.replaces_number)
    return EvaluationPage(header, evaluation, figures)


def row(evaluation: Evaluation) -> EvaluationRow:
    """Return an evaluation as the page shows it; its baseline must be loaded."""
    now, before, paired = (evaluation.metrics.get(key) for key in ("now", "before", "paired"))
    label, tone = words.gate(evaluation.verdict)
    broken = 0 if paired is None else round((paired["broken"]["value"] or 0.0) * paired["n"])
    return EvaluationRow(
        id=evaluation.pk,
        verdict=evaluation.verdict,
        verdict_label=label,
        tone=tone,
        headline=words.headline(evaluation.gates),
        detail=_detail(evaluation.gates),
        n=evaluation.n,
        n_people=now["people_agree"]["n"],
        data_digest=evaluation.data_digest,
        digest=evaluation.digest,
        evaluated_at=evaluation.evaluated_at,
        baseline_number=evaluation.baseline.number if evaluation.baseline else None,
        gates=tuple(_gate(gate) for gate in evaluation.gates),
        error=_both(now, before, "error"),
        automated=_both(now, before, "automated"),
        automated_error=_both(now, before, "automated_error"),
        people_agree=_both(now, before, "people_agree"),
        confusion=_matrix(now["confusion"]),
        changed=_matrix(paired["changed"]) if paired else None,
        changed_total=sum(count for was, is_, count in paired["changed"] if was != is_) if paired else 0,
        mended=paired["mended"] if paired else 0,
        broken=broken,
        calibration=_calibration(now["calibration"], before["calibration"] if before else ()),
        segments=tuple(_segment(one, evaluation.limits) for one in evaluation.metrics.get("segments", ())),
    )


def _detail(found: Sequence[Mapping[str, Any]]) -> str:
    failed = [gate for gate in found if gate["verdict"] == gates.FAIL]
    if failed:
        return f"{failed[0]['title']}: {failed[0]['text']} A failed gate stops the version."
    unsure = [gate for gate in found if gate["verdict"] == gates.INCONCLUSIVE]
    if unsure:
        return f"{unsure[0]['title']}: {unsure[0]['text']} A person may accept what could not be shown, with a reason."
    return "Every interval keeps its limit."


def _gate(gate: Mapping[str, Any]) -> GateRow:
    label, tone = words.gate(gate["verdict"])
    code = str(gate["code"])
    signed = code in _SIGNED or code.startswith("segment:")
    drawn = [
        gate["low"],
        gate["high"],
        gate["limit"],
        *(one for one in (gate["value"], gate["baseline"]) if one is not None),
    ]
    low, high = min(drawn), max(drawn)
    room = (high - low) * 0.1 or 0.05
    return GateRow(
        code=code,
        title=gate["title"],
        verdict=gate["verdict"],
        verdict_label=label,
        tone=tone,
        unit="count" if code in _COUNTED else "points" if signed else "share",
        value=gate["value"],
        low=gate["low"],
        high=gate["high"],
        limit=gate["limit"],
        limit_words=gate["limit_words"],
        baseline=gate["baseline"],
        n=gate["n"],
        text=gate["text"],
        axis_low=low - room if signed else max(0.0, low - room),
        axis_high=high + room,
    )


def _num(raw: Mapping[str, Any]) -> Num:
    return Num(raw["value"], raw["low"], raw["high"], raw["n"])


def _both(now: Mapping[str, Any], before: Mapping[str, Any] | None, key: str) -> Both:
    return Both(_num(now[key]), _num(before[key]) if before else None)


def _matrix(counted: Sequence[Sequence[Any]]) -> Matrix:
    counts = {(first, second): count for first, second, count in counted}
    labels = tuple(sorted({label for pair in counts for label in pair}))
    body = tuple(
        (first, tuple(MatrixCell(counts.get((first, second), 0), first == second) for second in labels))
        for first in labels
    )
    return Matrix(labels, body)


def _calibration(now: Sequence[Mapping[str, Any]], before: Sequence[Mapping[str, Any]]) -> tuple[CalibrationRow, ...]:
    earlier = {group["low"]: group["right"]["value"] for group in before}
    return tuple(
        CalibrationRow(
            low=group["low"],
            high=group["high"],
            n=group["n"],
            stated=group["stated"],
            right=group["right"]["value"],
            right_low=group["right"]["low"],
            right_high=group["right"]["high"],
            baseline=earlier.get(group["low"]),
        )
        for group in now
    )


def _segment(raw: Mapping[str, Any], limits: Mapping[str, Any]) -> SegmentRow:
    now = raw["now"]
    before = raw["before"]["value"] if raw["before"] else None
    if raw["n"] < limits["segment_min_n"]:
        note, tone = "Too few to tell", "neutral"
    elif before is None:
        note, tone = "No comparison", "neutral"
    elif now["high"] < before:
        note, tone = "Better", "positive"
    elif now["low"] > before:
        note, tone = "Worse", "critical"
    else:
        note, tone = "No clear change", "neutral"
    return SegmentRow(raw["field"], raw["value"], raw["n"], before, now["value"], now["low"], now["high"], note, tone)
