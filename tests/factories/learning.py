"""Agents that learn: reference cases, settled decisions, versions on their way to release."""

import hashlib
from dataclasses import dataclass
from typing import Any

from agents.models import Decision
from corrections.models import Consensus
from policies.models import PolicyVersion, Release
from policies.services import builds, evaluations, reference, releases, versions
from policies.services import settings as learning
from reviewapp.core import clock
from reviewapp.core.accounts import actors
from reviewapp.core.accounts.models import User
from tests.factories import decisions, serving
from tests.factories.serving import World

OUTPUTS = {"approve": {"action": {"const": "approve"}}, "decline": {"action": {"const": "decline"}}}
LEARNER: dict[str, Any] = {"kind": "scorecard", "classes": ["approve", "decline"], "outputs": OUTPUTS}
WRITTEN: dict[str, Any] = {"autonomy": {"review_below": 0.7, "override_at": None, "sample_rate": 0.0}}
PLAN = [
    {"share_bp": 1000, "min_decisions": 0, "min_minutes": 0},
    {"share_bp": 5000, "min_decisions": 0, "min_minutes": 0},
]


@dataclass
class School:
    """An agent that learns, and the people who answer for its versions."""

    world: World
    builder: User
    officer: User

    @property
    def agent_id(self) -> Any:
        """The agent's id."""
        return self.world.agent.pk


def school(
    *, slug: str = "lending", mode: str = "decide", train: int = 60, evaluate: int = 160, **settings: Any
) -> School:
    """Make an agent under contract with reference cases and settings; nothing is served yet."""
    world = serving.world(slug=slug, mode=mode, live=False)
    agent = world.agent
    learning.configure(agent_id=agent.pk, **{"learner": LEARNER, "default_plan": PLAN, **settings}, by=actors.SYSTEM)
    for role, start, n in (("train", 0, train), ("evaluate", 10_000, evaluate)):
        cases = [case(at, proposes=mode == "propose") for at in range(start, start + n)]
        reference.add_cases(agent_id=agent.pk, role=role, cases=cases, source="Made for tests", by=actors.SYSTEM)
    people = {
        name: serving.person(f"{slug}-{name}", role, agent=agent)
        for name, role in (("builder", "policy_admin"), ("officer", "policy_admin"))
    }
    return School(world, people["builder"], people["officer"])


def inputs(at: int) -> dict[str, Any]:
    """Return the input of case `at`: varied, and the same on every run."""
    seed = hashlib.sha256(f"case {at}".encode()).digest()
    return {
        "purpose": ("car", "education", "repairs")[seed[0] % 3],
        "duration": 6 + seed[1] % 60,
        "amount": 500.0 + 100 * seed[2],
        "savings": 50.0 * seed[3],
    }


def truth(at: int) -> str:
    """Return the right answer: long loans for repairs and cars go wrong, with some luck either way."""
    found = inputs(at)
    luck = hashlib.sha256(f"luck {at}".encode()).digest()[0] / 255
    risk = found["duration"] / 66 + (0.3 if found["purpose"] == "repairs" else 0.0) - found["savings"] / 40_000
    return "decline" if risk + 0.35 * (luck - 0.5) > 0.75 else "approve"


def case(at: int, *, proposes: bool = False) -> dict[str, Any]:
    """Return a reference case; with the right proposal when the agent proposes."""
    output = {"action": truth(at)}
    proposal = {"proposal": {"output": output, "confidence": 0.8}} if proposes else {}
    return {"input": inputs(at), "output": output, **proposal}


def base(made: School) -> Release:
    """Bring the first version all the way: learned, evaluated, approved by the officer, live."""
    version = versions.seal_base(agent_id=made.agent_id, body=WRITTEN, by=made.builder)
    evaluations.evaluate(version_id=version.pk)
    return release(made, version)


def approve(made: School, version: PolicyVersion, *, plan: Any = None) -> PolicyVersion:
    """Submit a version as the builder and approve it as the officer."""
    versions.submit(version_id=version.pk, plan=plan, by=made.builder)
    return versions.decide(version_id=version.pk, verdict="approved", rationale="Read and accepted.", by=made.officer)


def release(made: School, version: PolicyVersion, *, plan: Any = None) -> Release:
    """Approve a version and start its rollout."""
    approve(made, version, plan=plan)
    return releases.start(version_id=version.pk, by=made.builder)


def settle(made: School, start: int, n: int, *, label: str | None = None) -> list[Decision]:
    """Let the agent decide cases and people settle them: with the right answer, or with `label`."""
    rows = []
    for at in range(start, start + n):
        row = decisions.decided(made.world, inputs(at), unit=f"unit {at}")
        settled(row, label or truth(at))
        rows.append(row)
    return rows


def settled(row: Decision, label: str) -> Consensus:
    """Write the consensus that a decision should have been `label`."""
    output = {"action": label}
    return Consensus.objects.create(
        decision=row, agent_id=row.agent_id, state="usable", output=output, label=label, confidence=0.95,
        method="two agree", changed=output != row.output, corrections=[], formed_at=clock.now(),
    )  # fmt: skip


def built(made: School) -> PolicyVersion:
    """Ask for a build as the builder, run it, and return its version."""
    build = builds.request(agent_id=made.agent_id, reason="Test", by=made.builder)
    done = builds.run(build_id=build.pk)
    assert done.version is not None, f"{done.state}: {done.error}"
    return done.version
