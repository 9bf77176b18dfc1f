"""How far to trust what people agree on."""

import math
from collections.abc import Sequence

# Means of the Beta priors for how often a person is right on a flagged case: Beta(8.5, 1.5) for a reviewer, Beta(9.5, 0.5)
# for the senior, who has read the others' words. They are assumptions of the product, each worth ten known cases, and give
# way to a person's own record where there is one.
REVIEWER_ACCURACY = 0.85
SENIOR_ACCURACY = 0.95


def posterior(*, supporting: Sequence[float], opposing: Sequence[float], classes: int) -> float:
    """Return the probability that the supported label is right, given who is for and who against it.

    `supporting` and `opposing` are the people's expected accuracies (0 to 1), `classes` the number of labels they could
    choose. People err independently and a wrong one picks any other label alike: the one-coin model of Dawid and Skene
    (1979) with a flat prior over labels. With one case at hand a Beta prior enters by its mean alone.
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
