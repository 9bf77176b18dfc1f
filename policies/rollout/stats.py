"""Statistics that stay valid however often one looks, so that a rollout can be watched without fooling oneself."""

import math
from collections.abc import Sequence

_BETS = (0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5)


def evidence(plus: int, minus: int) -> float:
    """Return the e-value against "the canary is not worse", from pairs judged on the same decisions.

    `plus` pairs: only the canary was wrong; `minus`: only the stable version was. The mean over fixed bets of
    (1 + bet)^plus (1 - bet)^minus is a test martingale when the canary is not worse, so it passes 1/alpha with a chance
    of at most alpha at any look (Ville's inequality; Waudby-Smith and Ramdas, betting).
    """
    logs = [plus * math.log1p(bet) + minus * math.log1p(-bet) for bet in _BETS]
    return _mean_exp(logs)


def evidence_above(values: Sequence[float], limit: float) -> float:
    """Return the e-value against "the mean of these 0 to 1 values is at most `limit`", valid at every look."""
    top = max(limit, 1 - limit, 1e-9)
    logs = [sum(math.log1p(bet / top * (value - limit)) for value in values) for bet in _BETS]
    return _mean_exp(logs)


def band(values: Sequence[float], *, alpha: float = 0.05, planned: int = 500) -> tuple[float, float, float]:
    """Return mean, low and high of an asymptotic confidence sequence (Waudby-Smith et al. 2021, equation 9).

    The band holds at every look with confidence 1 - `alpha`; it is tightest around `planned` values.
    """
    n = len(values)
    if n == 0:
        return 0.0, -1.0, 1.0
    mean = math.fsum(values) / n
    # A variance of zero after few values is luck, not knowledge: one disagreement more is always possible.
    spread = max(math.fsum((value - mean) ** 2 for value in values) / n, 1 / n)
    half = math.sqrt(spread) * half_width(n, alpha=alpha, planned=planned)
    return mean, max(-1.0, mean - half), min(1.0, mean + half)


def half_width(n: int, *, alpha: float, planned: int) -> float:
    """Return the half-width of the sequence for unit variance after n values."""
    ratio = boundary_ratio(alpha, planned)
    return math.sqrt(2 * (n * ratio**2 + 1) / (n * ratio) ** 2 * math.log(math.sqrt(n * ratio**2 + 1) / alpha))


def boundary_ratio(alpha: float, planned: int) -> float:
    """Return the mixture parameter that makes the band tightest at `planned` values (same paper, equation 161)."""
    return math.sqrt((-2 * math.log(alpha) + math.log(-2 * math.log(alpha) + 1)) / planned)


def _mean_exp(logs: Sequence[float]) -> float:
    top = max(logs)
    if top > 700:
        return math.inf
    return math.exp(top) * math.fsum(math.exp(value - top) for value in logs) / len(logs)
