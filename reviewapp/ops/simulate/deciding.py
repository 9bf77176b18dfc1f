"""Asking for decisions, as an agent's own program does."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from reviewapp.ops.demo.datasets import Example
from reviewapp.ops.simulate.api import Api
from reviewapp.ops.simulate.world import World

AT_ONCE = 3


@dataclass(frozen=True, slots=True)
class Asked:
    """A decision that was asked for. `case` names it the same on every run, `ref` is unique to this run."""

    case: str
    ref: str
    example: Example
    id: str
    status: str

    @property
    def flagged(self) -> bool:
        """Say whether a person must look."""
        return self.status != "auto"


def ask(api: Api, world: World, cases: Sequence[Example], *, run: str, number: int) -> list[Asked]:
    """Send the cases of round `number`; `run` keeps references and idempotency keys of two runs apart."""

    def one(place: int) -> Asked:
        example = cases[place]
        case = f"{number}-{place:04d}-{example.index}"
        ref = f"SIM-{run}-{case}"
        body = example.request(case_ref=ref, unit=ref)
        answer = api.post(f"program:{world.agent}", f"agents/{world.agent}/decisions", body, key=ref)
        return Asked(case, ref, example, answer["id"], answer["status"])

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(one, range(len(cases))))
