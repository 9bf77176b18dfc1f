"""How far to trust what people agree on."""

import math
from collections.abc import Sequence

# Beta(8.5, 1.5): reviewers in published crowd and expert studies are right in about 85 % of hard cases. A reviewer's own
# record will replace this prior where there is one.
PRIOR_ACCURACY = 0.85


def posterior(*, supporting: Sequence[float], opposing: Sequence[float], classes: int) -> float:
    """Return the probability that the supported label is right, given who is for and who against it.

    `supporting` and `opposing` are the reviewers' accuracies (0 to 1), `classes` the number of labels they could choose.
    Reviewers err independently and a wrong one picks any other label alike: the one-coin model of Dawid and Skene (1979)
    with known accuracies and a flat prior. The other labels share what the opponents support.
    """
    others = max(classes - 1, 1)
    for_label, against = 1.0, 1.0
    for accuracy in supporting:
        for_label *= _bounded(accuracy)
        against *= (1 - _bounded(accuracy)) / others
    for accuracy in opposing:
        for_label *= (1 - _bounded(accuracy)) / others
        against *= _bounded(accuracy)
    # One rival label takes all opposition; the remaining ones nothing but the supporters' slips.
    rest = (others - 1) * math.prod((1 - _bounded(accuracy)) / others for accuracy in [*supporting, *opposing])
    return for_label / (for_label + against + rest)


def _bounded(accuracy: float) -> float:
    # Nobody is always right or always wrong: certainty would silence everyone else.
    return min(0.99, max(0.05, accuracy))
