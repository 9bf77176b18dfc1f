"""How far people agree beyond chance: Krippendorff's alpha and Cohen's kappa, with intervals.

Alpha takes any number of people and missing answers; kappa is for two. Both are 1 for perfect agreement, 0 for what chance
alone gives, and below for less than that.
"""

import math
from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

NOMINAL, ORDINAL, INTERVAL = "nominal", "ordinal", "interval"
_DRAWS = 1000


@dataclass(frozen=True, slots=True)
class Agreement:
    """A coefficient with its interval; None where it is not defined. `units` are the cases it rests on."""

    value: float | None
    low: float | None
    high: float | None
    units: int


def alpha(
    units: Iterable[Sequence[Hashable]], *, metric: str = NOMINAL, level: float = 0.95, seed: int = 1
) -> Agreement:
    """Return Krippendorff's alpha of answers grouped by case; cases with fewer than two answers are left out.

    `metric` is "nominal", "ordinal" (labels in the order they sort) or "interval" (numbers). The interval is the percentile
    bootstrap over cases. Not defined when there is one label only. Source: Krippendorff, Content Analysis (2004), chapter 11.
    """
    kept = [list(unit) for unit in units if len(unit) >= 2]
    if not kept:
        return Agreement(None, None, None, 0)
    labels = sorted({label for unit in kept for label in unit}, key=_order)
    at = {label: number for number, label in enumerate(labels)}
    patterns: Counter[tuple[int, ...]] = Counter(
        tuple(np.bincount([at[label] for label in unit], minlength=len(labels)).tolist()) for unit in kept
    )
    counts = np.array(sorted(patterns), dtype=np.float64)
    often = np.array([patterns[pattern] for pattern in sorted(patterns)], dtype=np.float64)
    value = _alpha(counts, often, labels, metric)
    if value is None:
        return Agreement(None, None, None, len(kept))
    chance = np.random.default_rng(seed)
    # As many cases drawn again with repetition; cases with the same answers are drawn together.
    draws = chance.multinomial(len(kept), often / often.sum(), size=_DRAWS).astype(np.float64)
    again = [_alpha(counts, draw, labels, metric) for draw in draws]
    # A draw with one label only says that nobody disagreed in it.
    low, high = np.quantile([1.0 if one is None else one for one in again], [0.5 - level / 2, 0.5 + level / 2])
    return Agreement(value, float(low), float(high), len(kept))


def kappa(table: Sequence[Sequence[float]], *, level: float = 0.95) -> Agreement:
    """Return Cohen's kappa of a square table: how often one person said the row and the other the column.

    The interval is normal with the standard error of Fleiss, Cohen and Everitt (1969). Not defined when both only ever used
    one and the same label. Raises `ValueError` when the table is not square.
    """
    counts = np.array(table, dtype=np.float64)
    if counts.ndim != 2 or counts.shape[0] != counts.shape[1]:
        raise ValueError("kappa needs a square table: a row and a column for every label")
    total = float(counts.sum())
    if not total:
        return Agreement(None, None, None, 0)
    shares = counts / total
    rows, columns = shares.sum(axis=1), shares.sum(axis=0)
    agreed, chance = float(np.trace(shares)), float(rows @ columns)
    if chance >= 1:
        return Agreement(None, None, None, int(total))
    value = (agreed - chance) / (1 - chance)
    spread = _kappa_variance(shares, rows, columns, value, chance, agreed)
    margin = NormalDist().inv_cdf(0.5 + level / 2) * math.sqrt(max(spread, 0.0) / total)
    return Agreement(value, max(-1.0, value - margin), min(1.0, value + margin), int(total))


def table_of(pairs: Iterable[tuple[Hashable, Hashable]]) -> list[list[int]]:
    """Return the square table of two people's answers to the same cases, labels in the order they sort."""
    said = list(pairs)
    labels = sorted({label for pair in said for label in pair}, key=_order)
    at = {label: number for number, label in enumerate(labels)}
    table = [[0] * len(labels) for _ in labels]
    for one, other in said:
        table[at[one]][at[other]] += 1
    return table


def of_pairs(
    answers: Mapping[Hashable, Mapping[Hashable, Hashable]], *, least: int = 5, level: float = 0.95
) -> dict[tuple[Hashable, Hashable], Agreement]:
    """Return kappa of every two people, given case → person → label, where they share `least` cases or more."""
    together: dict[tuple[Hashable, Hashable], list[tuple[Hashable, Hashable]]] = {}
    for said in answers.values():
        people = sorted(said, key=_order)
        for place, one in enumerate(people):
            for other in people[place + 1 :]:
                together.setdefault((one, other), []).append((said[one], said[other]))
    return {
        pair: kappa(table_of(both), level=level)
        for pair, both in sorted(together.items(), key=str)
        if len(both) >= least
    }


def _order(label: Any) -> tuple[int, float, str]:
    is_number = isinstance(label, int | float) and not isinstance(label, bool)
    return (0, float(label), "") if is_number else (1, 0.0, str(label))


def _alpha(counts: Floats, often: Floats, labels: Sequence[Hashable], metric: str) -> float | None:
    """Return 1 - observed / expected disagreement, from answers per pattern (rows) and label, and how often each occurs."""
    sizes = counts.sum(axis=1)
    totals = often @ counts
    distance = _distances(labels, totals, metric)
    paired = float(often @ sizes)
    # Ordered pairs inside each case, each case weighing as many answers as it has.
    inside = ((counts @ distance) * counts).sum(axis=1)
    observed = float(often @ (inside / (sizes - 1))) / paired
    expected = float(totals @ distance @ totals) / (paired * (paired - 1))
    return None if expected <= 0 else 1 - observed / expected


def _distances(labels: Sequence[Hashable], totals: Floats, metric: str) -> Floats:
    many = len(labels)
    if metric == NOMINAL:
        return 1.0 - np.eye(many)
    if metric == INTERVAL:
        values = np.array([float(str(label)) for label in labels])
        squares: Floats = (values[:, None] - values[None, :]) ** 2
        return squares
    if metric != ORDINAL:
        raise ValueError(f'there is no metric "{metric}"; use "nominal", "ordinal" or "interval"')
    # Between two ranks lie all answers from one to the other, the two ends by half.
    middle = np.cumsum(totals) - totals / 2
    ranks: Floats = (middle[:, None] - middle[None, :]) ** 2
    return ranks


def _kappa_variance(shares: Floats, rows: Floats, columns: Floats, value: float, chance: float, agreed: float) -> float:
    both = rows[None, :] + columns[:, None]
    diagonal = np.diag(shares) * ((1 - chance) - (rows + columns) * (1 - agreed)) ** 2
    apart = shares * both**2
    off = (1 - agreed) ** 2 * float(apart.sum() - np.trace(apart))
    rest = (agreed * chance - 2 * chance + agreed) ** 2
    return (float(diagonal.sum()) + off - rest) / (1 - chance) ** 4
