"""What the live policy is worth, on cases that nobody ever showed it."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from policies.evaluation import intervals
from policies.evaluation.intervals import Estimate
from reviewapp.ops.simulate.api import Api
from reviewapp.ops.simulate.faults import SimulationError
from reviewapp.ops.simulate.world import World

PER_REQUEST = 250
# Serving processes promise to follow a switched slot within a second.
PATIENCE = 10.0


@dataclass(frozen=True, slots=True)
class Measure:
    """The answers of one version to the hold-out: which are right, and which it would give without asking anybody."""

    version: int
    right: tuple[bool, ...]
    alone: tuple[bool, ...]

    @property
    def error(self) -> Estimate:
        """Return the share of wrong answers if it decided everything alone, with its 95 % interval (Wilson)."""
        return intervals.share(self.right.count(False), len(self.right))

    @property
    def automated_share(self) -> float:
        """Return the share it decides alone."""
        return sum(self.alone) / len(self.alone)

    @property
    def automated_error(self) -> float:
        """Return the share of wrong answers among those it decides alone; 0 when it decides none."""
        own = [right for right, alone in zip(self.right, self.alone, strict=True) if alone]
        return own.count(False) / len(own) if own else 0.0


def measure(api: Api, world: World, *, expected: int | None = None) -> Measure:
    """Try the hold-out on the live policy and compare with the known answers.

    Waits until version `expected` answers, when one is given. Raises `SimulationError` when it never does.
    """
    until = time.monotonic() + PATIENCE
    while True:
        versions, results = _try(api, world)
        # Two versions in one measurement belong to neither: a process switched between two requests.
        if len(versions) == 1 and (expected is None or versions == {expected}):
            return read(world, versions.pop(), results)
        if time.monotonic() > until:
            raise SimulationError(f"Version {expected} of {world.agent} is live, but {sorted(versions)} answers.")
        time.sleep(0.3)


def read(world: World, version: int, results: Sequence[dict[str, Any]]) -> Measure:
    """Compare trial results with the hold-out's known answers, in order.

    A sure answer that only the random check would show to somebody counts as decided alone.
    """
    pairs = list(zip(results, world.holdout, strict=True))
    return Measure(
        version=version,
        right=tuple(world.label(result["output"]) == world.label(one.answer) for result, one in pairs),
        alone=tuple(result["status"] == "auto" or result["reasons"] == ["sampled"] for result, _ in pairs),
    )


def _try(api: Api, world: World) -> tuple[set[int], list[dict[str, Any]]]:
    versions: set[int] = set()
    results: list[dict[str, Any]] = []
    for start in range(0, len(world.holdout), PER_REQUEST):
        cases = [one.request() for one in world.holdout[start : start + PER_REQUEST]]
        answer = api.post(f"program:{world.agent}", f"agents/{world.agent}/trials", {"cases": cases}, repeat=True)
        if answer["policy"] is None:
            raise SimulationError(f"No policy of {world.agent} is live: release one first.")
        versions.add(int(answer["policy"]["version"]))
        results += answer["results"]
    return versions, results
