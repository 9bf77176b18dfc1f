"""The scorecard: points per field that add up to log-odds, which anyone can add up again by hand.

Numbers are cut at quantiles and coded as steps, so that L2 shrinkage smooths neighbouring bins; categories
are coded one column each. Points are centred: an average case scores the intercept, and each contribution says how
far a value moves the case from the average. Everything is deterministic, and coefficients are rounded to four
decimals, so the same snapshot and seed give the same bytes.

This module alone imports scikit-learn; it is reached through `registry.load`, in the learning worker.
"""

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression

from policies.learning import reading
from policies.learning.dataset import Row
from policies.learning.fields import NUMERIC, Field
from policies.learning.learned import Learned, Prediction, Task, TooLittle

Matrix = npt.NDArray[np.float64]

DEFAULTS = {"inverse_penalty": 0.3, "bins": 5, "min_category": 3, "folds": 5}
_DECIMALS = 4


@dataclass(frozen=True, slots=True)
class _Coding:
    """How one field becomes columns: cut points for a number, known values for a category."""

    field: Field
    edges: tuple[float, ...] = ()
    values: tuple[str, ...] = ()

    @property
    def width(self) -> int:
        return len(self.edges) or len(self.values)


def learn(rows: Sequence[Row], task: Task) -> Learned:
    """Fit the scorecard on weighted rows; `settings` may change inverse_penalty (C), bins, min_category, folds.

    Also returns, for every row, the score of a model fitted without its fold, which is what calibration may trust.
    Raises `TooLittle` when a class has fewer than two cases.
    """
    knobs = {**DEFAULTS, **{key: value for key, value in task.settings.items() if key in DEFAULTS}}
    usable = [row for row in rows if row.label in task.classes and row.weight > 0]
    positive = np.array([row.label == task.classes[1] for row in usable], dtype=np.float64)
    if min(positive.sum(), len(usable) - positive.sum()) < 2:
        raise TooLittle(f"a scorecard needs at least two cases of each class, {' and '.join(task.classes)}")
    weights = np.array([row.weight for row in usable], dtype=np.float64)

    codings = [_coding(field, usable, task, knobs) for field in task.fields]
    codings = [coding for coding in codings if coding.width]
    matrix = _matrix(usable, codings, task)
    intercept, coefficients, means = _fit(matrix, positive, weights, float(knobs["inverse_penalty"]))
    folds = [_fold(row.unit, task.seed, int(knobs["folds"])) for row in usable]
    logits = _unseen(matrix, positive, weights, folds=folds, inverse_penalty=float(knobs["inverse_penalty"]))
    return Learned(
        model={
            "kind": "scorecard",
            "target": task.target,
            "classes": list(task.classes),
            "intercept": intercept,
            "features": _features(codings, coefficients, means),
            "threshold": 0.5,
            "outputs": dict(task.outputs),
        },
        unseen=tuple(
            Prediction(row.id, float(logit), bool(hit), row.weight)
            for row, logit, hit in zip(usable, logits, positive, strict=True)
            if not np.isnan(logit)
        ),
    )


def _coding(field: Field, rows: Sequence[Row], task: Task, knobs: dict[str, float]) -> _Coding:
    raw = [reading.value(row, field.path, target=task.target, positive=task.classes[1]) for row in rows]
    known = [value for value in raw if value is not None]
    if not known:
        return _Coding(field)
    if field.kind == NUMERIC:
        numbers = np.array([float(value) for value in known])
        bins = int(knobs["bins"])
        cuts = np.unique(np.round(np.quantile(numbers, np.arange(1, bins) / bins), 6))
        return _Coding(field, edges=tuple(float(cut) for cut in cuts if cut > numbers.min()))
    counts = Counter(reading.category(value) for value in known)
    enough = sorted(value for value, count in counts.items() if count >= knobs["min_category"])
    return _Coding(field, values=tuple(enough))


def _matrix(rows: Sequence[Row], codings: Sequence[_Coding], task: Task) -> Matrix:
    columns: list[list[float]] = []
    for row in rows:
        line: list[float] = []
        for coding in codings:
            value = reading.value(row, coding.field.path, target=task.target, positive=task.classes[1])
            if value is None:
                # Not a number: replaced by the column's mean below, so that "missing" moves the score by nothing.
                line.extend([np.nan] * coding.width)
            elif coding.edges:
                line.extend(float(float(value) >= edge) for edge in coding.edges)
            else:
                code = reading.category(value)
                line.extend(float(code == known) for known in coding.values)
        columns.append(line)
    return np.array(columns, dtype=np.float64).reshape(len(rows), sum(coding.width for coding in codings))


def _fit(matrix: Matrix, positive: Matrix, weights: Matrix, inverse_penalty: float) -> tuple[float, Matrix, Matrix]:
    present = ~np.isnan(matrix)
    mass = (present * weights[:, None]).sum(axis=0)
    means = np.where(present, matrix, 0.0).T @ weights / np.maximum(mass, 1e-12)
    centred = np.where(present, matrix - means, 0.0)
    if not centred.shape[1]:
        share = float(np.average(positive, weights=weights))
        return round(float(np.log(share / (1 - share))), _DECIMALS), np.zeros(0), means
    # A fixed start, a tight tolerance and rounding: the same rows give the same points.
    solver = LogisticRegression(C=inverse_penalty, tol=1e-8, max_iter=2000)
    solver.fit(centred, positive, sample_weight=weights)
    return round(float(solver.intercept_[0]), _DECIMALS), solver.coef_[0], means


def _unseen(
    matrix: Matrix, positive: Matrix, weights: Matrix, *, folds: Sequence[int], inverse_penalty: float
) -> Matrix:
    """Score every row by a model that saw none of its fold.

    Rows whose fold leaves too little to learn from get no score (not a number).
    """
    of_row = np.array(folds)
    logits = np.full(len(positive), np.nan)
    for fold in sorted(set(folds)):
        test = of_row == fold
        train = ~test
        if min(positive[train].sum(), train.sum() - positive[train].sum()) < 2:
            continue
        intercept, coefficients, means = _fit(matrix[train], positive[train], weights[train], inverse_penalty)
        filled = np.where(np.isnan(matrix[test]), means, matrix[test])
        logits[test] = intercept + (filled - means) @ coefficients
    return logits


def _fold(unit: str, seed: int, count: int) -> int:
    # By the input's digest, so that repeats of one input share a fold and no chance is involved.
    return int.from_bytes(hashlib.sha256(f"{seed}\x00{unit}".encode()).digest()[:4], "big") % count


def _features(codings: Sequence[_Coding], coefficients: Matrix, means: Matrix) -> list[dict[str, object]]:
    features: list[dict[str, object]] = []
    at = 0
    for coding in codings:
        own, mean = coefficients[at : at + coding.width], means[at : at + coding.width]
        at += coding.width
        base = -float(own @ mean)
        head = {"name": coding.field.name, "path": coding.field.path, "label": coding.field.label}
        if coding.edges:
            steps = [base, *(base + np.cumsum(own))]
            points = [_points(step) for step in steps]
            features.append({**head, "type": "numeric", "edges": list(coding.edges), "points": points, "missing": 0.0})
        else:
            by_value = {value: _points(base + step) for value, step in zip(coding.values, own, strict=True)}
            other = _points(base)
            features.append({**head, "type": "categorical", "points": by_value, "other": other, "missing": 0.0})
    return features


def _points(value: float) -> float:
    # Adding zero turns -0.0 into 0.0, which would otherwise be another byte string for the same number.
    return round(float(value), _DECIMALS) + 0.0
