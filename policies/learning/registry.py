"""Finding a learner by its name."""

import importlib
from typing import cast

from policies.learning.learned import Learner

# By module name, not by import: the scorecard brings scikit-learn, 200 MB that a web process never needs.
LEARNERS = {
    "scorecard": "policies.learning.learners.scorecard",
    "exemplars": "policies.learning.learners.exemplars",
}


def load(name: str) -> Learner:
    """Return the learner called `name`. Raises `ValueError` for an unknown one."""
    if name not in LEARNERS:
        raise ValueError(f"unknown learner {name!r}; known are {', '.join(sorted(LEARNERS))}")
    return cast("Learner", importlib.import_module(LEARNERS[name]))
