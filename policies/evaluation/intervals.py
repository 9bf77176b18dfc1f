"""Intervals that stay honest for small counts."""

import math
from dataclasses import dataclass

Z95 = 1.959963984540054


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value with its 95 % interval and the number of cases behind it."""

    value: float | None
    low: float
    high: float
    n: int


def share(hits: int, n: int, *, z: float = Z95) -> Estimate:
    """Return hits / n with the Wilson score interval (Wilson 1927); without cases, anything is possible."""
    if n == 0:
        return Estimate(None, 0.0, 1.0, 0)
    p = hits / n
    centre = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return Estimate(p, max(0.0, centre - half) if hits else 0.0, min(1.0, centre + half) if hits < n else 1.0, n)


def paired_difference(plus: int, minus: int, n: int, *, z: float = Z95) -> Estimate:
    """Return (plus - minus) / n with the adjusted Wald interval for paired shares (Bonett and Price 2012).

    `plus` counts the cases where only the second of two judges says yes, `minus` those where only the first does.
    """
    if n == 0:
        return Estimate(None, -1.0, 1.0, 0)
    p, q = (plus + 1) / (n + 2), (minus + 1) / (n + 2)
    centre = p - q
    half = z * math.sqrt((p + q - centre * centre) / (n + 2))
    return Estimate((plus - minus) / n, max(-1.0, centre - half), min(1.0, centre + half), n)


def gap(stated: float, hits: int, n: int) -> Estimate:
    """Return stated - hits / n, with the Wilson interval of the share turned around."""
    found = share(hits, n)
    if found.value is None:
        return Estimate(None, -1.0, 1.0, 0)
    return Estimate(stated - found.value, stated - found.high, stated - found.low, n)
