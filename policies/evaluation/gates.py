"""Gates: limits fixed before the evaluation runs, each answered pass, fail or inconclusive, never by a guess.

A gate passes when its whole 95 % interval keeps the limit, fails when the whole interval breaks it, and is
inconclusive in between or with too few cases. A failed gate stops a version. An inconclusive one never passes by
itself: a named person may accept it, with a reason.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from policies.evaluation.intervals import Estimate
from policies.evaluation.metrics import Answer, Metrics, Paired, compare, measure, segments

PASS, FAIL, INCONCLUSIVE = "pass", "fail", "inconclusive"


@dataclass(frozen=True, slots=True)
class Gate:
    """One gate, answered. Shares are 0 to 1; `baseline` is the current version's value, None when there is none."""

    code: str
    title: str
    verdict: str
    value: float | None
    low: float
    high: float
    limit: float
    limit_words: str
    n: int
    baseline: float | None
    text: str

    def as_json(self) -> dict[str, Any]:
        """Return the gate as stored with an evaluation."""
        return asdict(self)


def judge(after: Sequence[Answer], before: Sequence[Answer] | None, limits: Mapping[str, Any]) -> tuple[Gate, ...]:
    """Answer every gate for a version that answered `after`; `before` are the current version's answers, if any.

    `limits` come from `limits.complete`. Both lists hold the same cases in the same order.
    """
    now = measure(after)
    if before is None:
        return (_first_error(now, limits), _alone(now, None, limits), _gap(now, None, limits), _faults(now, None))
    was, paired = measure(before), compare(before, after)
    return (
        _no_worse(now, was, paired, limits),
        _broken(paired, limits),
        _alone(now, was, limits),
        _load(now, was, paired, limits),
        _gap(now, was, limits),
        _faults(now, was),
        *_by_segment(before, after, limits),
    )


def verdict(gates: Sequence[Gate]) -> str:
    """Return the worst verdict of all gates."""
    found = {gate.verdict for gate in gates}
    return FAIL if FAIL in found else INCONCLUSIVE if INCONCLUSIVE in found else PASS


def _at_most(estimate: Estimate, limit: float, least: int) -> str:
    if estimate.n < least:
        return INCONCLUSIVE
    if estimate.high <= limit:
        return PASS
    return FAIL if estimate.low > limit else INCONCLUSIVE


def _no_worse(now: Metrics, was: Metrics, paired: Paired, limits: Mapping[str, Any]) -> Gate:
    change, margin = paired.error_change, limits["error_margin"]
    answered = _at_most(change, margin, limits["min_n"])
    # Worse beyond doubt, and not within the margin beyond doubt: waiting for more cases would not be honest.
    if answered == INCONCLUSIVE and change.low > 0 and change.n >= limits["min_n"]:
        answered = FAIL
    text = (
        f"Wrong on {_percent(now.error.value)} of {now.n} cases it never saw, the current version on "
        f"{_percent(was.error.value)}: {_points(change.value)}, between {_points(change.low)} and {_points(change.high)}."
    )
    return _gate(
        "no_worse",
        "No worse than the current version",
        answered,
        change,
        limit=margin,
        limit_words=f"at most {_points(margin)} worse",
        baseline=0.0,
        text=text,
    )


def _first_error(now: Metrics, limits: Mapping[str, Any]) -> Gate:
    limit = limits["max_error"]
    text = f"Wrong on {_percent(now.error.value)} of {now.n} cases it never saw. There is no current version to compare with."
    return _gate(
        "error",
        "Error of the first version",
        _at_most(now.error, limit, limits["min_n"]),
        now.error,
        limit=limit,
        limit_words=f"at most {_percent(limit)}",
        baseline=None,
        text=text,
    )


def _broken(paired: Paired, limits: Mapping[str, Any]) -> Gate:
    limit = limits["max_broken"]
    count = round((paired.broken.value or 0.0) * paired.n)
    text = (
        f"{count} of {paired.n} cases that the current version gets right become wrong; {paired.mended} become right."
    )
    return _gate(
        "broken",
        "Breaks decisions that were right",
        _at_most(paired.broken, limit, limits["min_n"]),
        paired.broken,
        limit=limit,
        limit_words=f"at most {_percent(limit)}",
        baseline=None,
        text=text,
    )


def _alone(now: Metrics, was: Metrics | None, limits: Mapping[str, Any]) -> Gate:
    found, limit = now.automated_error, limits["max_automated_error"]
    text = f"It decides {_percent(now.automated.value)} of the cases alone and is wrong on {_percent(found.value)} of those {found.n}."
    return _gate(
        "alone",
        "Wrong where no person looks",
        _at_most(found, limit, limits["segment_min_n"]),
        found,
        limit=limit,
        limit_words=f"at most {_percent(limit)}",
        baseline=was.automated_error.value if was else None,
        text=text,
    )


def _load(now: Metrics, was: Metrics, paired: Paired, limits: Mapping[str, Any]) -> Gate:
    # A loss is what the gate limits, so the change is turned around: positive means fewer decided alone.
    change, margin = paired.automated_change, limits["automated_margin"]
    loss = Estimate(None if change.value is None else -change.value, -change.high, -change.low, change.n)
    text = f"{_percent(now.automated.value)} of the cases need no person, {_percent(was.automated.value)} under the current version."
    return _gate(
        "load",
        "Asks people for more than they can take",
        _at_most(loss, margin, limits["min_n"]),
        loss,
        limit=margin,
        limit_words=f"at most {_points(margin)} fewer alone",
        baseline=0.0,
        text=text,
    )


def _gap(now: Metrics, was: Metrics | None, limits: Mapping[str, Any]) -> Gate:
    found, limit = now.confidence_gap, limits["max_confidence_gap"]
    if found.value is None:
        text = "This policy states no confidence of its own."
        return _gate(
            "confidence",
            "Says it is surer than it is",
            PASS,
            found,
            limit=limit,
            limit_words=f"at most {_points(limit)}",
            baseline=None,
            text=text,
        )
    word = "surer" if found.value > 0 else "less sure"
    text = f"On average it is {_points(abs(found.value)).lstrip('+')} {word} than it is right, over {found.n} cases."
    return _gate(
        "confidence",
        "Says it is surer than it is",
        _at_most(found, limit, limits["min_n"]),
        found,
        limit=limit,
        limit_words=f"at most {_points(limit)}",
        baseline=was.confidence_gap.value if was else None,
        text=text,
    )


def _faults(now: Metrics, was: Metrics | None) -> Gate:
    found = Estimate(float(now.faults), float(now.faults), float(now.faults), now.n)
    text = f"{now.faults or 'No'} answers break the contract or end in an error, of {now.n}."
    return _gate(
        "faults",
        "Contract violations",
        FAIL if now.faults else PASS,
        found,
        limit=0.0,
        limit_words="none",
        baseline=float(was.faults) if was else None,
        text=text,
    )


def _by_segment(before: Sequence[Answer], after: Sequence[Answer], limits: Mapping[str, Any]) -> list[Gate]:
    earlier = segments(before)
    found = []
    for (field, value), own in segments(after).items():
        if field not in limits["segments"] or len(own) < limits["segment_min_n"]:
            continue
        paired = compare(earlier[field, value], own)
        change, margin = paired.error_change, limits["segment_margin"]
        text = f"Among {len(own)} cases with {value}: {_points(change.value)} error, up to {_points(change.high)}."
        found.append(
            _gate(
                f"segment:{field}:{value}",
                f"No worse for {value}",
                _at_most(change, margin, limits["segment_min_n"]),
                change,
                limit=margin,
                limit_words=f"at most {_points(margin)} worse",
                baseline=0.0,
                text=text,
            )
        )
    return found


def _gate(
    code: str,
    title: str,
    answered: str,
    estimate: Estimate,
    *,
    limit: float,
    limit_words: str,
    baseline: float | None,
    text: str,
) -> Gate:
    return Gate(
        code=code,
        title=title,
        verdict=answered,
        value=_rounded(estimate.value),
        low=round(estimate.low, 6),
        high=round(estimate.high, 6),
        limit=limit,
        limit_words=limit_words,
        n=estimate.n,
        baseline=_rounded(baseline),
        text=text,
    )


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 6)


def _percent(value: float | None) -> str:
    return "an unknown share" if value is None else f"{value * 100:.1f} %"


def _points(value: float | None) -> str:
    if value is None:
        return "an unknown number of points"
    return f"{value * 100:+.1f} points".replace("-", "−")
