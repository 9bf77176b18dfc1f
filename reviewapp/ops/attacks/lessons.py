"""What the product's own learner makes of settled cases, and how often its policy is wrong on others."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from agents.contracts.spec import ContractSpec
from policies.evaluation import replay
from policies.learning import assemble, calibrate, dataset, fields, registry
from policies.learning.dataset import TEST, TRAIN, Case, Row
from policies.learning.learned import Task
from reviewapp.ops.demo import datasets
from reviewapp.ops.demo.datasets import Example

CLASSES = ("no", "yes")
_FIELD = "employed"


@dataclass(frozen=True, slots=True)
class Settled:
    """A case as people settled it: the label's number in `CLASSES` and how far it is trusted."""

    example: Example
    label: int
    trust: float


@lru_cache(maxsize=1)
def contract() -> ContractSpec:
    """Return the contract of the demo's employment agent."""
    return ContractSpec.parse({**datasets.contract("employment"), "agent": "employment", "version": 1})


def error(settled: Sequence[Settled], held_out: Sequence[Example]) -> float:
    """Train a policy on settled cases and return its share of wrong answers on held-out cases, deciding all by itself."""
    spec = contract()
    task = Task(
        target=spec.action_field,
        classes=CLASSES,
        fields=fields.of_schema(spec.input_schema),
        outputs={label: {spec.action_field: {"const": label}} for label in CLASSES},
        settings={"kind": "scorecard"},
        seed=7,
    )
    learned = registry.load("scorecard").learn(
        [_row(one.example, CLASSES[one.label], one.trust, TRAIN) for one in settled], task
    )
    head = assemble.Head(spec.agent, spec.version, spec.digest)
    # The policy's own answer counts, never the proposal it was given.
    start = {"autonomy": {"review_below": 0.5, "override_at": 0.5}}
    body = assemble.body(head, start, learned, factor=calibrate.scale(learned.unseen), review_below=None, exceptions=())
    tests = [_row(example, str(example.answer[_FIELD]), 1.0, TEST) for example in held_out]
    said = replay.answers(replay.sealed(body), spec, tests)
    return sum(not one.right for one in said) / len(said)


def _row(example: Example, label: str, weight: float, use: str) -> Row:
    case = Case(
        id=f"employment-{example.index:05}",
        source="consensus",
        role="",
        input=example.input,
        proposal=example.proposal,
        output={_FIELD: label},
        label=label,
        decided=None,
        weight=weight,
    )
    return dataset.row(case, use=use)
