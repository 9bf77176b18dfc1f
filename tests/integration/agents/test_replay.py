"""A stored decision, decided again from what is stored, gives the same canonical bytes."""

from typing import Any

import pytest

from agents.models import Artifact, Decision
from agents.runtime import artifact, decide
from agents.runtime.decide import Case
from agents.selectors import contracts
from agents.services import agents, artifacts, slots
from agents.services import contracts as publishing
from reviewapp.core import ids
from reviewapp.core.accounts import actors
from reviewapp.ops.demo import datasets
from tests.factories import serving
from tests.factories.decisions import decided
from tests.factories.serving import GOOD_INPUT, UNSURE_INPUT, World

pytestmark = pytest.mark.django_db

KEPT = ("output", "confidence", "score", "status", "reasons", "trace", "propensity")


def stored(row: Decision) -> bytes:
    """Return what the row says was decided, as canonical bytes."""
    return ids.canonical({name: getattr(row, name) for name in KEPT})


def again(row: Decision) -> bytes:
    """Decide the row's case once more by its sealed policy and contract, from the database alone."""
    sealed = Artifact.objects.get(pk=row.artifact_id)
    policy = artifact.load(bytes(sealed.body), sealed.pk)
    case = Case(row.input, row.proposal, row.unit, row.request_digest, row.mode == "record")
    verdict = decide.decide(policy, contracts.of_decision(row.pk), case=case)
    return ids.canonical(verdict.content())


def replayed(made: list[Decision]) -> list[Decision]:
    rows = [Decision.objects.get(pk=one.pk) for one in made]
    assert [stored(row) for row in rows] == [again(row) for row in rows]
    return rows


def test_replay__scorecard_rules_and_exceptions__gives_the_same_bytes():
    world = serving.world(policy={"autonomy": {"review_below": 0.7, "override_at": None, "sample_rate": 0.3}})
    inputs = [
        GOOD_INPUT,
        UNSURE_INPUT,
        {**GOOD_INPUT, "purpose": "education"},
        {**GOOD_INPUT, "duration": 100},
        {**GOOD_INPUT, "savings": -1.0},
        {"purpose": "repairs", "duration": 30, "amount": 1e3 / 3},
        *({**GOOD_INPUT, "amount": 900.0 + step / 7} for step in range(20)),
    ]

    rows = replayed([decided(world, one) for one in inputs])

    # Every way to an answer was taken, the sample among them.
    assert {row.status for row in rows} == {"auto", "review"}
    assert {0.3, 1.0} & {row.propensity for row in rows}


def test_replay__under_a_newer_policy__uses_the_one_that_decided():
    world = serving.world()
    first = decided(world, GOOD_INPUT)
    stricter = serving.store(world.agent, autonomy={"review_below": 1.0, "override_at": None, "sample_rate": 0})
    slots.switch(agent_id=world.agent.pk, stable=(stricter.pk, 2), by=actors.SYSTEM)
    second = decided(world, GOOD_INPUT)

    rows = replayed([first, second])

    assert [row.status for row in rows] == ["auto", "review"]
    assert rows[0].artifact_id != rows[1].artifact_id


def _demo(name: str, mode: str, **policy: Any) -> World:
    agent = agents.register(slug=name, name=name, description="", mode=mode, by=actors.SYSTEM)
    contract = publishing.publish(
        agent_id=agent.pk, body={**datasets.contract(name), "agent": name, "version": 1}, by=actors.SYSTEM
    )
    body = {
        "format": artifact.FORMAT,
        "agent": name,
        "contract": {"version": 1, "digest": contract.digest},
        "model": {"kind": "none"},
        "autonomy": {"review_below": 0.8, "override_at": None, "sample_rate": 0.2},
        **policy,
    }
    sealed = artifacts.store(agent_id=agent.pk, body=body, by=actors.SYSTEM)
    slots.switch(agent_id=agent.pk, stable=(sealed.pk, 1), by=actors.SYSTEM)
    return World(agent, contract, sealed, "")


def test_replay__demos_refund_requests__give_the_same_bytes():
    rule = {
        "id": "R-001",
        "title": "Refund above 200.00",
        "when": "proposal.output.action == 'refund' && input.order_value > 200.0",
        "action": "review",
        "text": "Refunds above 200.00 are seen by a person.",
    }
    world = _demo("refund", "propose", guardrails=[rule])

    rows = replayed(
        [decided(world, dict(one.example.input), proposal=dict(one.example.proposal)) for one in datasets.refunds()]
    )

    assert len(rows) == len(datasets.refunds())
    assert {row.status for row in rows} >= {"auto", "review"}


def test_decision__rule_that_would_run_away__escalates_at_once_and_replays_the_same():
    rule = {
        "id": "R-009",
        "title": "Tags in the note",
        "when": "input.tags.exists(t, input.note.contains(t))",
        "action": "review",
        "text": "Never seen.",
    }
    world = serving.world(policy={"guardrails": [rule]})

    row = decided(world, {**GOOD_INPUT, "tags": ["x"] * 15_000, "note": "y" * 200})

    assert row.status == "escalate"
    assert any("R-009" in reason["code"] or "too large" in reason["text"] for reason in row.reasons)
    assert row.latency_us < 500_000
    replayed([row])
