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


# Below this many cases the spread itself is anybody's guess.
LEAST_FOR_MEAN = 4


def mean(value: float, variance: float, n: int, *, z: float = Z95) -> Estimate:
    """Return a mean with Student's t interval (Student 1908); `variance` is that of the sample, divided by n - 1.

    The quantile is the expansion of Abramowitz and Stegun 26.7.5, within 1 % from three degrees of freedom on. With fewer
    than four cases, anything is possible.
    """
    if n < LEAST_FOR_MEAN:
        return Estimate(value if n else None, -math.inf, math.inf, n)
    free = n - 1
    t = z + (z**3 + z) / (4 * free) + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * free**2)
    t += (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / (384 * free**3)
    half = t * math.sqrt(variance / n)
    return Estimate(value, value - half, value + half, n)


def difference(first: Estimate, second: Estimate) -> Estimate:
    """Return second - first of two independent groups, from their own intervals: square and add (MOVER, Zou and Donner
    2008; for shares it is Newcombe's method 10, 1998). `n` is that of the smaller group."""
    if first.value is None or second.value is None:
        return Estimate(None, -math.inf, math.inf, 0)
    value = second.value - first.value
    down = math.hypot(second.value - second.low, first.high - first.value)
    up = math.hypot(second.high - second.value, first.value - first.low)
    return Estimate(value, value - down, value + up, min(first.n, second.n))
