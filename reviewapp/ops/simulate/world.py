"""What a simulation sends to an agent: rounds of cases whose answer is known, and a hold-out that is only ever tried."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from reviewapp.ops.demo import datasets, splits
from reviewapp.ops.demo.datasets import Example
from reviewapp.ops.simulate import chance
from reviewapp.ops.simulate.faults import SimulationError

CREDIT_PER_ROUND = 116
EMPLOYMENT_PER_ROUND = 120
YEARS = (2015, 2016, 2017, 2018)


@dataclass(frozen=True, slots=True)
class World:
    """The cases of one agent. `classes` are the two values of the output's `action`; `rounds` follow each other."""

    agent: str
    action: str
    classes: tuple[str, str]
    rounds: tuple[tuple[Example, ...], ...]
    holdout: tuple[Example, ...]

    def right(self, example: Example) -> dict[str, Any]:
        """Return the right output for a case."""
        return dict(example.answer)

    def wrong(self, example: Example) -> dict[str, Any]:
        """Return the output of somebody who is mistaken about a case."""
        truth = str(example.answer[self.action])
        other = self.classes[0] if truth == self.classes[1] else self.classes[1]
        return self.output(example, other)

    def output(self, example: Example, label: str) -> dict[str, Any]:
        """Return the whole output that goes with a class."""
        if self.agent == "credit":
            return datasets.credit_answer(label, example.input["credit_amount"])
        return {self.action: label}

    def label(self, output: Mapping[str, Any] | None) -> str:
        """Return the class of an output, empty when there is none."""
        return str((output or {}).get(self.action, ""))


def build(agent: str, *, rounds: int, seed: int, decisions: int | None = None) -> World:
    """Return the world of an agent. Raises `SimulationError` for an agent without enough cases to measure anything."""
    if agent == "credit":
        return _credit(rounds, seed, decisions)
    if agent == "employment":
        return _employment(rounds, seed, decisions)
    raise SimulationError(
        f"There is no simulation of {agent!r}: only credit and employment have enough cases with known answers to measure."
    )


def _credit(rounds: int, seed: int, decisions: int | None) -> World:
    split = splits.credit()
    stream = chance.shuffled(seed, split.stream, "stream")
    size = decisions or min(CREDIT_PER_ROUND, max(1, len(stream) // rounds))
    return World(
        agent="credit",
        action="decision",
        classes=("approve", "decline"),
        rounds=tuple(_cut(stream, at * size, size) for at in range(rounds)),
        holdout=split.holdout,
    )


def _employment(rounds: int, seed: int, decisions: int | None) -> World:
    """Rounds follow the years, so that a later round brings a later year; a fifth one begins with 2015 again."""
    split = splits.employment()
    size = decisions or EMPLOYMENT_PER_ROUND
    years = {
        year: chance.shuffled(seed, [one for one in split.stream if one.year == year], "stream", year) for year in YEARS
    }
    return World(
        agent="employment",
        action="employed",
        classes=("no", "yes"),
        rounds=tuple(_cut(years[YEARS[at % 4]], at // 4 * size, size) for at in range(rounds)),
        holdout=split.holdout,
    )


def _cut(stream: list[Example], start: int, size: int) -> tuple[Example, ...]:
    # More rounds than there are cases: the stream begins again, as customers come back.
    return tuple(stream[(start + at) % len(stream)] for at in range(size))
