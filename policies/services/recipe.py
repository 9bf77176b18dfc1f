"""From a snapshot to a policy document: the learner's path, without a database write in it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from agents.contracts.spec import ContractSpec
from agents.runtime import decide
from agents.runtime.artifact import ArtifactError, Policy
from policies.evaluation import replay
from policies.learning import assemble, calibrate, dataset, exceptions, explain, fields, notes, registry
from policies.learning.dataset import TRAIN, Dataset
from policies.learning.learned import Learned, Task, TooLittle
from policies.models import LearningSettings, PolicyVersion, Snapshot
from reviewapp.core import ids
from reviewapp.core.errors import Invalid


@dataclass(frozen=True, slots=True)
class Baked:
    """A policy ready to be stored, with its notes and the name of the recipe it was made by."""

    policy: Policy
    notes: dict[str, Any]
    learner: str
    recipe: str


def bake(
    snapshot: Snapshot,
    contract: ContractSpec,
    settings: LearningSettings,
    *,
    parent: tuple[PolicyVersion, Policy] | None,
    written: Mapping[str, Any] | None = None,
) -> Baked:
    """Learn from a snapshot and return the sealed policy with its release notes.

    What people wrote comes from the `parent` policy, or from `written` for a first version. The same snapshot, settings
    and parent give the same bytes. Raises `Invalid` when there is too little to learn from or a rule does not compile.
    """
    data = dataset.thaw(bytes(snapshot.body), snapshot.digest)
    before = parent[1] if parent else None
    start: Mapping[str, Any] = before.body if before else (written or {})
    task = _task(contract, settings)
    kind = str(settings.learner["kind"])
    try:
        learned = registry.load(kind).learn(data.using(TRAIN), task)
        factor = calibrate.scale(learned.unseen)
        policy, threshold = _policy(data, contract, settings, task, learned, start=start, factor=factor)
    except TooLittle as fault:
        raise Invalid(f"There is too little to learn from: {fault}.", code="too_little") from fault
    except ArtifactError as fault:
        raise Invalid(str(fault), fields=fault.faults, code="artifact") from fault
    return Baked(
        policy=policy,
        notes=notes.write(
            dataset=data,
            listed=explain.changes(before.body if before else None, policy.body),
            threshold=threshold,
            flips=_flips(before, policy, contract, data),
            replaces=parent[0].number if parent else None,
        ),
        learner=kind,
        recipe=name(settings, start),
    )


def name(settings: LearningSettings, start: Mapping[str, Any]) -> str:
    """Return the digest of everything besides the snapshot that decides what is learned."""
    written = {key: start.get(key) for key in ("guardrails", "autonomy", "guidance", "contract")}
    return ids.digest(
        {"learner": settings.learner, "exceptions": settings.exceptions, "seed": settings.seed, "written": written}
    )


def _task(contract: ContractSpec, settings: LearningSettings) -> Task:
    given = settings.learner
    classes = tuple(str(label) for label in given.get("classes", contract.actions))
    if given["kind"] == "scorecard" and len(classes) != 2:
        raise Invalid(
            "A scorecard tells two actions apart; name them in the learner's settings.",
            fields={"learner.classes": f"The contract lists {len(classes)}."},
        )
    return Task(
        target=contract.action_field,
        classes=classes,
        fields=fields.of_schema(contract.input_schema, proposes=contract.mode == "propose"),
        outputs=given.get("outputs") or {label: {contract.action_field: {"const": label}} for label in classes},
        settings=given,
        seed=settings.seed,
    )


def _policy(
    data: Dataset,
    contract: ContractSpec,
    settings: LearningSettings,
    task: Task,
    learned: Learned,
    *,
    start: Mapping[str, Any],
    factor: float,
) -> tuple[Policy, calibrate.Threshold | None]:
    head = assemble.Head(contract.agent, contract.version, contract.digest)
    stated = float(start.get("autonomy", {}).get("review_below", 0.7))
    wanted = settings.learner.get("review", {})
    threshold = assemble.threshold(learned.unseen, wanted, factor=factor, review_below=stated)
    below = threshold.below if threshold else None

    def sealed(found: list[dict[str, Any]]) -> Policy:
        return replay.sealed(assemble.body(head, start, learned, factor=factor, review_below=below, exceptions=found))

    plain = sealed([])
    rows = data.using(TRAIN)
    said = {answer.id: answer.answer for answer in replay.answers(plain, contract, rows)}
    found = exceptions.find(rows, said, task.fields, settings.exceptions)
    if not found:
        return plain, threshold
    policy = sealed(exceptions.as_rules(found, task.fields, start.get("exceptions", ())))
    decide.program(policy, contract)  # a rule that does not compile is found here, not in front of an applicant
    return policy, threshold


def _flips(before: Policy | None, after: Policy, contract: ContractSpec, data: Dataset) -> dict[str, int]:
    if before is None or before.contract_digest != after.contract_digest:
        return {}
    return replay.flips(replay.answers(before, contract, data.rows), replay.answers(after, contract, data.rows))
