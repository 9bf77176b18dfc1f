"""Figures from samples: percentiles, medians of rounds, ratios. Pure."""

import math
from collections.abc import Sequence


def percentile(samples: Sequence[float], share: float) -> float:
    """Return the sample below or at which `share` (0 to 1) of all samples lie: nearest rank, no interpolation.

    Raises `ValueError` without samples or for a share outside 0 to 1.
    """
    if not samples:
        raise ValueError("no samples")
    if not 0 <= share <= 1:
        raise ValueError(f"the share {share} is not between 0 and 1")
    ordered = sorted(samples)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def median(samples: Sequence[float]) -> float:
    """Return the middle sample; of an even number the mean of the middle two. Raises `ValueError` without samples."""
    if not samples:
        raise ValueError("no samples")
    ordered = sorted(samples)
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2


def ratio(subject: Sequence[float], base: Sequence[float]) -> float:
    """Return the median of subject / base over rounds that ran one after the other, so that slow drifts cancel out.

    Raises `ValueError` when the rounds do not pair up or a base is zero.
    """
    if len(subject) != len(base) or not subject:
        raise ValueError(f"{len(subject)} rounds cannot be paired with {len(base)}")
    if any(value == 0 for value in base):
        raise ValueError("a base of zero has no ratio")
    return median([one / other for one, other in zip(subject, base, strict=True)])


def tidy(value: float) -> float:
    """Return a figure with three significant digits, whole from 1,000 on."""
    if value == 0 or not math.isfinite(value):
        return value
    if abs(value) >= 1000:
        return float(round(value))
    return round(value, 2 - math.floor(math.log10(abs(value))))
