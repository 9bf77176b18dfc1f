"""What a learner hands back, whatever its kind."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from policies.learning.dataset import Row
from policies.learning.fields import Field


@dataclass(frozen=True, slots=True)
class Prediction:
    """A score given to a training case by a model that had not seen it: log-odds of the positive class."""

    id: str
    logit: float
    positive: bool
    weight: float


@dataclass(frozen=True, slots=True)
class Learned:
    """A model for the artifact, with the unseen predictions that calibration needs and its exemplars."""

    model: dict[str, Any]
    unseen: tuple[Prediction, ...] = ()
    exemplars: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Task:
    """What is to be learned: the action field, its two classes (negative first), what each class answers, the knobs."""

    target: str
    classes: tuple[str, ...]
    fields: tuple[Field, ...]
    outputs: Mapping[str, Any] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)
    seed: int = 0


class Learner(Protocol):
    """The one function a learner module offers."""

    def learn(self, rows: Sequence[Row], task: Task) -> Learned:
        """Learn from the training rows. Raises `TooLittle` when they cannot teach anything."""
        ...


class TooLittle(ValueError):
    """There is not enough to learn from; the message says what is missing."""
