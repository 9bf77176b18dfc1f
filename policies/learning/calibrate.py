"""Making a stated confidence true, and choosing below which one a person looks.

Both use only scores that a model gave to cases it had not seen.
"""

import importlib
import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from policies.learning.learned import Prediction

_SCALES = (0.5, 1.5)


@dataclass(frozen=True, slots=True)
class Threshold:
    """Confidence below which a person decides: `certified` when the error above it is bounded with confidence."""

    below: float
    certified: bool
    share: float
    error: float | None
    n: int


def scale(unseen: Sequence[Prediction]) -> float:
    """Return the factor for all log-odds that makes the confidence fit best (temperature scaling, Guo et al. 2017).

    Weighted log loss is minimised by golden section between 0.5 and 1.5, wide enough to mend a small sample's shrinkage
    and narrow enough that a lucky fold cannot turn doubt into certainty. Without scores the answer is 1.
    """
    if not unseen:
        return 1.0
    # By name: numpy takes 25 MB that only the process which learns needs.
    np: Any = importlib.import_module("numpy")
    logits = np.array([prediction.logit for prediction in unseen])
    signs = np.array([1.0 if prediction.positive else -1.0 for prediction in unseen])
    weights = np.array([prediction.weight for prediction in unseen])

    def loss(factor: float) -> float:
        return float(np.average(np.logaddexp(0.0, -signs * logits * factor), weights=weights))

    low, high = _SCALES
    golden = (math.sqrt(5) - 1) / 2
    for _ in range(40):
        left, right = high - golden * (high - low), low + golden * (high - low)
        if loss(left) <= loss(right):
            high = right
        else:
            low = left
    return round((low + high) / 2, 3)


def scaled(model: dict[str, object], factor: float) -> dict[str, object]:
    """Return the scorecard with every point multiplied by `factor`; the sum of contributions still is the score."""
    features: list[dict[str, object]] = []
    for feature in model["features"]:  # type: ignore[attr-defined]  # a scorecard always has its list
        points = feature["points"]
        changed = dict(feature)
        changed["points"] = (
            {value: _times(point, factor) for value, point in points.items()}
            if isinstance(points, dict)
            else [_times(point, factor) for point in points]
        )
        for key in ("other", "missing"):
            if key in feature:
                changed[key] = _times(feature[key], factor)
        features.append(changed)
    return {**model, "intercept": _times(model["intercept"], factor), "features": features}  # type: ignore[arg-type]


def certified_threshold(
    unseen: Sequence[Prediction], *, factor: float, limit: float, delta: float = 0.05, least: int = 50
) -> Threshold | None:
    """Return the lowest confidence from which on the error is at most `limit` with confidence 1 - `delta`.

    Learn-then-Test with fixed-sequence binomial tests (Angelopoulos et al. 2021): thresholds go from strict to loose,
    starting where at least `least` cases are decided alone, and stop at the first failed test. None when even the
    strictest fails: then nothing may be decided alone on this evidence.
    """
    if len(unseen) < least:
        return None
    sure = [(1 / (1 + math.exp(-abs(item.logit) * factor)), (item.logit >= 0) != item.positive) for item in unseen]
    sure.sort(key=lambda one: -one[0])
    confidences = [confidence for confidence, _ in sure]
    errors = list(accumulate(int(wrong) for _, wrong in sure))
    accepted: Threshold | None = None
    for count in range(least, len(unseen) + 1):
        # Ties are decided together: a threshold cannot part two cases of equal confidence.
        if count < len(unseen) and confidences[count] == confidences[count - 1]:
            continue
        failures = errors[count - 1]
        if binomial_cdf(failures, count, limit) > delta:
            break
        accepted = Threshold(
            below=math.floor(confidences[count - 1] * 1000) / 1000,
            certified=True,
            share=count / len(unseen),
            error=failures / count,
            n=len(unseen),
        )
    return accepted


def fixed_threshold(unseen: Sequence[Prediction], *, factor: float, below: float) -> Threshold:
    """Describe a threshold that people set: what share it leaves to the policy, and with what error."""
    alone = [item for item in unseen if 1 / (1 + math.exp(-abs(item.logit) * factor)) >= below]
    wrong = sum((item.logit >= 0) != item.positive for item in alone)
    return Threshold(
        below=below,
        certified=False,
        share=len(alone) / len(unseen) if unseen else 0.0,
        error=wrong / len(alone) if alone else None,
        n=len(unseen),
    )


def binomial_cdf(successes: int, n: int, p: float) -> float:
    """Return P(X <= successes) for X ~ Binomial(n, p), by summing exact terms in log space."""
    if p <= 0:
        return 1.0
    if p >= 1:
        return 1.0 if successes >= n else 0.0
    logs = [
        math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1) + k * math.log(p) + (n - k) * math.log1p(-p)
        for k in range(successes + 1)
    ]
    top = max(logs)
    return min(1.0, math.exp(top) * sum(math.exp(value - top) for value in logs))


def _times(value: float, factor: float) -> float:
    return round(float(value) * factor, 4) + 0.0
