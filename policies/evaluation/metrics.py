"""Measuring a policy on cases whose answer is known."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from policies.evaluation.intervals import Estimate, gap, paired_difference, share

_BINS = (0.5, 0.6, 0.7, 0.8, 0.9)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a policy answered for one case whose `label` is settled. `fault` names a contract violation or error."""

    id: str
    source: str
    label: str
    answer: str
    status: str
    confidence: float | None
    segments: tuple[tuple[str, str], ...] = ()
    fault: str = ""

    @property
    def right(self) -> bool:
        """Say whether the answer is the settled one."""
        return not self.fault and self.answer == self.label

    @property
    def alone(self) -> bool:
        """Say whether the policy would have decided without a person."""
        return self.status == "auto"


@dataclass(frozen=True, slots=True)
class CalibrationBin:
    """Cases of similar confidence: how sure the policy said it was, and how often it was right."""

    low: float
    high: float
    n: int
    stated: float
    right: Estimate


@dataclass(frozen=True, slots=True)
class Metrics:
    """One policy on one set of cases."""

    n: int
    error: Estimate
    automated: Estimate
    automated_error: Estimate
    people_agree: Estimate
    confidence_gap: Estimate
    faults: int
    confusion: tuple[tuple[str, str, int], ...]
    calibration: tuple[CalibrationBin, ...]


@dataclass(frozen=True, slots=True)
class Paired:
    """Two policies on the same cases. `changed` maps (before, after) to a count over all cases."""

    n: int
    error_change: Estimate
    automated_change: Estimate
    broken: Estimate
    mended: int
    changed: tuple[tuple[str, str, int], ...]


def measure(answers: Sequence[Answer]) -> Metrics:
    """Return the error at full automation, the share decided alone and its error, confusion, and calibration."""
    n = len(answers)
    alone = [answer for answer in answers if answer.alone]
    people = [answer for answer in answers if answer.source == "consensus"]
    stated = [answer for answer in answers if answer.confidence is not None]
    mean = sum(answer.confidence or 0.0 for answer in stated) / len(stated) if stated else 0.0
    return Metrics(
        n=n,
        error=share(_wrong(answers), n),
        automated=share(len(alone), n),
        automated_error=share(_wrong(alone), len(alone)),
        people_agree=share(len(people) - _wrong(people), len(people)),
        confidence_gap=gap(mean, len(stated) - _wrong(stated), len(stated)),
        faults=sum(1 for answer in answers if answer.fault),
        confusion=_counted((answer.label, answer.answer) for answer in answers),
        calibration=_calibration(stated),
    )


def compare(before: Sequence[Answer], after: Sequence[Answer]) -> Paired:
    """Return the paired change from one policy to the other. Raises `ValueError` unless the cases are the same."""
    if [answer.id for answer in before] != [answer.id for answer in after]:
        raise ValueError("two policies can be compared on the same cases only")
    pairs = list(zip(before, after, strict=True))
    broken = sum(was.right and not now.right for was, now in pairs)
    mended = sum(now.right and not was.right for was, now in pairs)
    more = sum(now.alone and not was.alone for was, now in pairs)
    fewer = sum(was.alone and not now.alone for was, now in pairs)
    return Paired(
        n=len(pairs),
        error_change=paired_difference(broken, mended, len(pairs)),
        automated_change=paired_difference(more, fewer, len(pairs)),
        broken=share(broken, len(pairs)),
        mended=mended,
        changed=_counted((was.answer, now.answer) for was, now in pairs),
    )


def segments(answers: Sequence[Answer]) -> dict[tuple[str, str], list[Answer]]:
    """Group answers by each (field, value) segment they belong to."""
    groups: dict[tuple[str, str], list[Answer]] = {}
    for answer in answers:
        for segment in answer.segments:
            groups.setdefault(segment, []).append(answer)
    return dict(sorted(groups.items()))


def _wrong(answers: Sequence[Answer]) -> int:
    return sum(not answer.right for answer in answers)


def _counted(pairs: Iterable[tuple[str, str]]) -> tuple[tuple[str, str, int], ...]:
    counts = Counter(pairs)
    return tuple((first, second, count) for (first, second), count in sorted(counts.items()))


def _calibration(stated: Sequence[Answer]) -> tuple[CalibrationBin, ...]:
    found = []
    for low, high in zip(_BINS, (*_BINS[1:], 1.0), strict=True):
        inside = [
            answer
            for answer in stated
            if low <= (answer.confidence or 0.0) < high or (high == answer.confidence == 1.0)
        ]
        if inside:
            mean = sum(answer.confidence or 0.0 for answer in inside) / len(inside)
            found.append(CalibrationBin(low, high, len(inside), mean, share(len(inside) - _wrong(inside), len(inside))))
    return tuple(found)
