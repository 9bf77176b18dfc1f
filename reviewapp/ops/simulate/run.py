"""The whole simulation: round after round of the loop, measured before and after each."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass

from reviewapp.ops.simulate import deciding, releasing, reviewing
from reviewapp.ops.simulate import measure as measuring
from reviewapp.ops.simulate.api import Api
from reviewapp.ops.simulate.crowd import Crowd
from reviewapp.ops.simulate.faults import SimulationError
from reviewapp.ops.simulate.measure import Measure
from reviewapp.ops.simulate.world import World

FEWEST_REVIEWERS, MOST_REVIEWERS = 2, 24
SENIORS = ("sim-senior", "sim-senior-2")

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Round:
    """What one round brought. Round 0 is before: no decisions, only the measure."""

    number: int
    decisions: int
    flagged: int
    corrections: int
    consensus: int
    measure: Measure
    words: str = ""

    @property
    def flagged_share(self) -> float:
        """Return the share of decisions that people saw; 0 without decisions."""
        return self.flagged / self.decisions if self.decisions else 0.0


def crowd(*, seed: int, reviewers: int, error_rate: float) -> Crowd:
    """Return the simulated people. Raises `SimulationError` for numbers with which the loop could not close."""
    if not FEWEST_REVIEWERS <= reviewers <= MOST_REVIEWERS:
        raise SimulationError(
            f"Use {FEWEST_REVIEWERS} to {MOST_REVIEWERS} reviewers: every flagged decision is judged by two people."
        )
    if not 0.0 <= error_rate <= 1.0:
        raise SimulationError("Use an error rate from 0 to 1.")
    return Crowd(seed, error_rate, tuple(f"sim-{number:02d}" for number in range(1, reviewers + 1)), SENIORS)


def run(api: Api, world: World, people: Crowd, say: Say) -> list[Round]:
    """Drive every round of `world` through the product and return what each brought, round 0 first.

    `say` gets a line of progress at every step. Raises `SimulationError` when the product does not do its part.
    """
    mark = secrets.token_hex(3)
    if words := releasing.clear_the_way(api, world.agent):
        say(words)
    before = measuring.measure(api, world)
    say(f"before: version {before.version} is wrong on {_percent(before.error.value)} of the hold-out")
    rounds = [Round(0, 0, 0, 0, 0, before)]
    for number in range(1, len(world.rounds) + 1):
        rounds.append(_round(api, world, people, say, number=number, mark=mark, last=rounds[-1].measure))
    return rounds


def _round(api: Api, world: World, people: Crowd, say: Say, *, number: int, mark: str, last: Measure) -> Round:
    head = f"round {number} of {len(world.rounds)}:"
    asked = deciding.ask(api, world, world.rounds[number - 1], run=mark, number=number)
    flagged = sum(one.flagged for one in asked)
    say(f"{head} {len(asked)} decisions, {flagged} flagged")
    desk = reviewing.work_off(api, world, people, asked)
    say(f"{head} {desk.corrections} corrections, {len(desk.asked)} decisions settled")
    released = releasing.release(api, world.agent, number=number)
    found = measuring.measure(api, world, expected=released.number or last.version)
    say(f"{head} {released.words} Wrong on {_percent(found.error.value)} of the hold-out")
    return Round(number, len(asked), flagged, desk.corrections, len(desk.asked), found, released.words)


def _percent(share: float | None) -> str:
    return f"{(share or 0.0) * 100:.1f} %"
