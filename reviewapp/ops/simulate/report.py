"""What a simulation found: a table, a sentence that is as careful as the numbers, one JSON object."""

import json
import math
from collections.abc import Sequence

from reviewapp.ops.simulate.measure import Measure
from reviewapp.ops.simulate.run import Round

_HEAD = (
    "Round",
    "Decisions",
    "Flagged",
    "Corrections",
    "Consensus",
    "Version",
    "Hold-out error",
    "Alone",
    "Error there",
)
_CLEAR = 0.05


def table(rounds: Sequence[Round]) -> str:
    """Return the rounds as text; round 0 is before. "Alone" is the share of the hold-out decided without a person."""
    lines = [_HEAD, *(_row(one) for one in rounds)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(_HEAD))]
    return "\n".join(
        "  ".join(cell.rjust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines
    )


def sentence(rounds: Sequence[Round]) -> str:
    """Say what the simulation shows, and what it does not."""
    first, last = rounds[0].measure, rounds[-1].measure
    mended, broken = flips(first, last)
    wrong = f"{_points(first)} to {_points(last)} of {len(last.right)} held-out cases"
    p = sign_test(mended, broken)
    pairs = f"{mended} became right and {broken} became wrong (sign test p = {p:.3f})"
    if first.version == last.version:
        return f"No version was released, so nothing changed: {_points(last)} of the hold-out is wrong."
    if mended == broken == 0:
        return f"No improvement: the same {_points(last)} of {len(last.right)} held-out cases is wrong.{_alone(first, last)}"
    if mended <= broken:
        return f"No improvement: the error went from {wrong}; {pairs}.{_alone(first, last)}"
    shown = "more than chance would bring" if p < _CLEAR else "which chance alone could bring in one run"
    return f"The error fell from {wrong}: {pairs}, {shown}.{_alone(first, last)}"


def flips(first: Measure, last: Measure) -> tuple[int, int]:
    """Return how many hold-out cases became right and how many became wrong."""
    pairs = list(zip(first.right, last.right, strict=True))
    return sum(now and not was for was, now in pairs), sum(was and not now for was, now in pairs)


def sign_test(plus: int, minus: int) -> float:
    """Return the two-sided p-value of the exact sign test (McNemar's test on the cases that changed)."""
    n, rare = plus + minus, min(plus, minus)
    if n == 0:
        return 1.0
    tail: int = sum(math.comb(n, k) for k in range(rare + 1))
    return min(1.0, 2 * tail / float(2**n))


def as_json(rounds: Sequence[Round], *, agent: str, seed: int) -> str:
    """Return the one JSON object that checks read: shares from 0 to 1, rounded to four places."""
    return json.dumps({"agent": agent, "seed": seed, "rounds": [_entry(one) for one in rounds]})


def _entry(one: Round) -> dict[str, object]:
    error = one.measure.error
    return {
        "round": one.number,
        "decisions": one.decisions,
        "flagged_share": round(one.flagged_share, 4),
        "corrections": one.corrections,
        "consensus": one.consensus,
        "version": one.measure.version,
        "holdout_error": round(error.value or 0.0, 4),
        "holdout_ci": [round(error.low, 4), round(error.high, 4)],
        "automated_share": round(one.measure.automated_share, 4),
        "automated_error": round(one.measure.automated_error, 4),
    }


def _row(one: Round) -> tuple[str, ...]:
    error = one.measure.error
    worked = one.decisions > 0
    return (
        "before" if not one.number else str(one.number),
        str(one.decisions) if worked else "",
        _percent(one.flagged_share) if worked else "",
        str(one.corrections) if worked else "",
        str(one.consensus) if worked else "",
        str(one.measure.version),
        f"{_percent(error.value)} ({error.low * 100:.1f} to {error.high * 100:.1f})",
        _percent(one.measure.automated_share),
        _percent(one.measure.automated_error),
    )


def _alone(first: Measure, last: Measure) -> str:
    return (
        f" It decides {_percent(last.automated_share)} alone and is wrong on {_percent(last.automated_error)} of those; "
        f"before, {_percent(first.automated_share)} and {_percent(first.automated_error)}."
    )


def _points(one: Measure) -> str:
    return _percent(one.error.value)


def _percent(share: float | None) -> str:
    return f"{(share or 0.0) * 100:.1f} %"
