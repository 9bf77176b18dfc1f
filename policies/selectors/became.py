"""What became of what people said of a decision: who carries it, its weight, the versions that learned, answers they changed."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from agents.contracts.spec import ContractSpec
from agents.models import Decision
from agents.runtime import decide
from agents.runtime.artifact import ArtifactError
from corrections.models import Consensus
from corrections.selectors import shown
from corrections.selectors.judgements import Judgements
from policies.learning import dataset
from policies.models import Evaluation, PolicyVersion, Snapshot
from policies.selectors import sources, words
from reviewapp.core.errors import Missing

# A consensus is in every snapshot after it: the first ones answer the question, and each is some megabytes.
_MOST_SNAPSHOTS = 20
# More bytes of a snapshot than a row has.
_ROW = 65_536


@dataclass(frozen=True, slots=True)
class Learned:
    """A version whose training snapshot holds the consensus on this decision; `live_at` once it decided all traffic, `retired`
    when that consensus stands no more, because a judgement it rested on was taken back.

    Of its evaluation: `changed` of `cases` were answered otherwise than by `baseline`, `mended` to the better, `broken` to the
    worse; `cases` is 0 without one, `baseline` None when there was no version before.
    """

    id: UUID
    number: int
    state_label: str
    tone: str
    live_at: datetime | None
    retired: bool
    cases: int
    baseline: int | None
    changed: int
    mended: int
    broken: int


@dataclass(frozen=True, slots=True)
class Became:
    """What the judgements of a decision came to.

    `carriers` people carry the consensus, `mine` says how the reader's own judgement stands ("" without one). `weight` (0 to 1)
    is what the case counts in learning, `use` "train" or "test" ("" while no snapshot holds it) and `rows` how many cases the
    newest snapshot has. `now` is what version `now_by` answers to this case, `as_settled` whether people settled that.
    """

    settled: str
    changed: bool
    carriers: int
    mine: str
    weight: float | None
    use: str
    rows: int
    now: str
    now_by: int | None
    as_settled: bool


def learned(agent_id: UUID, decision_id: UUID) -> tuple[Learned, ...]:
    """Return the versions, oldest first, whose snapshots hold a consensus on the decision, also one that was retired since; by
    its id in the snapshot's own bytes. The caller has checked the right to see the agent.
    """
    found: dict[UUID, tuple[PolicyVersion, bool]] = {}
    # What stands last: a version that holds both learned from what stands.
    for one in Consensus.objects.filter(decision_id=decision_id).order_by("revision"):
        frozen = Snapshot.objects.filter(agent_id=agent_id, cutoff__gte=one.formed_at).order_by("pk")
        held = frozen.extra(where=["position(%s::bytea IN body) > 0"], params=[_named(one.pk)])[:_MOST_SNAPSHOTS]
        rows = PolicyVersion.objects.filter(snapshot__in=list(held.values_list("pk", flat=True))).order_by("number")
        for row in rows.prefetch_related("releases")[:_MOST_SNAPSHOTS]:
            found[row.pk] = (row, not one.authoritative)
    # The newest of each version.
    measured = Evaluation.objects.filter(version__in=found).order_by("version_id", "-pk").distinct("version_id")
    figures = {one.version_id: one for one in measured.select_related("baseline")}
    listed = (_row(row, figures.get(row.pk), retired=retired) for row, retired in found.values())
    return tuple(sorted(listed, key=lambda one: one.number))


def of_decision(row: Decision, spec: ContractSpec, said: Judgements, versions: tuple[Learned, ...]) -> Became | None:
    """Return what became of the judgements that the reader may see; None while nothing is settled."""
    settled = said.consensus
    if settled is None:
        return None
    mine = next((one.standing for one in reversed(said.corrections) if one.mine), "")
    standing = [one for one in versions if not one.retired]
    use, weight, rows = _in_snapshot(standing[-1].id, settled.id) if standing else ("", None, 0)
    answer, by = _answer(row, standing)
    return Became(
        settled=shown.outcome(spec, settled.output) if settled.output is not None else "",
        changed=settled.changed,
        carriers=len({one.author for one in said.corrections if one.standing == "counts"}),
        mine=mine,
        weight=settled.confidence if weight is None and settled.state == Consensus.State.USABLE else weight,
        use=use,
        rows=rows,
        now=shown.outcome(spec, answer) if answer is not None else "",
        now_by=by,
        as_settled=_action(spec, answer) == _action(spec, settled.output),
    )


def _named(consensus_id: UUID) -> bytes:
    return f'"consensus:{consensus_id}"'.encode()


def _row(row: PolicyVersion, measured: Evaluation | None, *, retired: bool) -> Learned:
    label, tone = words.version(row.state)
    live = [one.live_at for one in row.releases.all() if one.live_at is not None]
    paired: dict[str, Any] = (measured.metrics.get("paired") or {}) if measured else {}
    pairs = paired.get("changed", ())
    return Learned(
        id=row.pk,
        number=row.number,
        state_label=label,
        tone=tone,
        live_at=min(live, default=None),
        retired=retired,
        cases=measured.n if measured else 0,
        baseline=measured.baseline.number if measured and measured.baseline else None,
        changed=sum(count for was, is_, count in pairs if was != is_),
        mended=paired.get("mended", 0),
        broken=round((paired["broken"]["value"] or 0.0) * paired["n"]) if paired else 0,
    )


def _in_snapshot(version_id: UUID, consensus_id: UUID) -> tuple[str, float | None, int]:
    """Return on which side of a version's snapshot a case is, its weight there, and how many cases the snapshot has."""
    found = (
        Snapshot.objects.filter(pk__in=PolicyVersion.objects.filter(pk=version_id).values("snapshot"))
        .extra(  # noqa: S610 - a number of the code
            select={"piece": f"substring(body FROM position(%s::bytea IN body) FOR {_ROW})"},
            select_params=[_named(consensus_id)],
        )
        .values_list("rows", "piece")
        .first()
    )
    if found is None:
        return "", None, 0
    count, piece = found
    try:
        # Canonical JSON has a row's members in the order of their names: what tells of the case stands after its id.
        told, _ = json.JSONDecoder().raw_decode('{"id":' + bytes(piece).decode(errors="ignore"))
    except ValueError:
        return "", None, count
    use = told.get("use", "")
    return (use if use in {dataset.TRAIN, dataset.TEST} else ""), told.get("weight"), count


def _answer(row: Decision, standing: list[Learned]) -> tuple[dict[str, Any] | None, int | None]:
    """Return what the newest version that learned from what stands answers to the very case, and its number."""
    if not standing:
        return None, None
    version = PolicyVersion.objects.get(pk=standing[-1].id)
    try:
        policy = sources.policy(version.artifact_id)
        terms = sources.contract_of(version.agent_id, policy)
        # A later contract may ask for what this case never had.
        if terms.input.validate(row.input):
            return None, None
        made = decide.program(policy, terms).decide(
            decide.Case(row.input, row.proposal, row.unit, row.request_digest, row.mode == "record")
        )
    except (ArtifactError, Missing, decide.ModelError, decide.OutOfSteps):
        return None, None
    return (dict(made.output) if made.output is not None else None), version.number


def _action(spec: ContractSpec, output: dict[str, Any] | None) -> Any:
    return None if output is None else output.get(spec.action_field)
