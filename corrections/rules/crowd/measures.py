"""How good a consensus is, where the truth is known."""

from dataclasses import dataclass

import numpy as np

from corrections.rules.crowd.answers import Flags, Floats, Ints

_BINS = 10
SURE = 0.95


@dataclass(frozen=True, slots=True)
class Quality:
    """Measured on tasks whose truth the method did not see; None where there is nothing to measure on."""

    accuracy: float | None
    f1: float | None
    log_loss: float | None
    ece: float | None
    precision_at_95: float | None
    share_at_95: float | None


NOTHING = Quality(None, None, None, None, None, None)


def quality(probable: Floats, chosen: Ints, truth: Ints) -> Quality:
    """Return the quality of `chosen` labels (one per task) with their probabilities, against the truth.

    A truth of -1 is a label that nobody gave: the choice is wrong and its probability was nought.
    """
    if not len(truth):
        return NOTHING
    sure = probable[np.arange(len(chosen)), chosen]
    right = chosen == truth
    of_truth = np.where(truth >= 0, probable[np.arange(len(truth)), np.maximum(truth, 0)], 0.0)
    high = sure >= SURE
    return Quality(
        accuracy=float(right.mean()),
        f1=f1(chosen, truth, probable.shape[1]),
        log_loss=float(-np.log(np.maximum(of_truth, 1e-12)).mean()),
        ece=calibration_error(sure, right),
        precision_at_95=float(right[high].mean()) if high.any() else None,
        share_at_95=float(high.mean()),
    )


def f1(chosen: Ints, truth: Ints, labels: int) -> float:
    """Return F1: of the later of two labels (1 of 0 and 1, yes of no and yes), else the mean over the labels that occur."""
    listed = [1] if labels == 2 else [int(label) for label in np.unique(truth) if label >= 0]
    scores = []
    for label in listed:
        both = float(((chosen == label) & (truth == label)).sum())
        either = float((chosen == label).sum() + (truth == label).sum())
        scores.append(2 * both / either if either else 0.0)
    return float(np.mean(scores)) if scores else 0.0


def calibration_error(sure: Floats, right: Flags) -> float:
    """Return the expected calibration error over ten equal bins (Naeini, Cooper and Hauskrecht, AAAI 2015)."""
    bins = np.minimum((sure * _BINS).astype(np.int64), _BINS - 1)
    size = np.bincount(bins, minlength=_BINS)
    gap = np.abs(np.bincount(bins, sure, _BINS) - np.bincount(bins, right.astype(np.float64), _BINS))
    return float(gap[size > 0].sum() / len(sure))
