"""Working off the queues: claim, judge, have escalations decided, settle disagreements, until everything is resolved.

Who judges what follows from the case and the seed, never from who is faster: so the same seed gives the same verdicts.
"""

import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from reviewapp.ops.simulate import chance
from reviewapp.ops.simulate.api import Api, Refused
from reviewapp.ops.simulate.crowd import Crowd
from reviewapp.ops.simulate.deciding import AT_ONCE, Asked
from reviewapp.ops.simulate.faults import SimulationError
from reviewapp.ops.simulate.world import World

OFFICER = "sim-officer"
PATIENCE = 90.0
_PAGE = 200


@dataclass
class Desk:
    """The review work of one round, and what came of it."""

    api: Api
    world: World
    crowd: Crowd
    asked: dict[str, Asked]
    judged: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    escalated: dict[str, tuple[str, str, bool]] = field(default_factory=dict)
    corrections: int = 0

    @property
    def seniors_watch(self) -> str:
        """Who reads the queues: a senior sees them all."""
        return self.crowd.seniors[0]


def work_off(api: Api, world: World, crowd: Crowd, asked: Sequence[Asked]) -> Desk:
    """Judge every flagged decision of `asked` until the product has resolved it.

    Raises `SimulationError` when nothing moves for `PATIENCE` seconds, saying what was left.
    """
    desk = Desk(api, world, crowd, {one.ref: one for one in asked if one.flagged})
    waiting = dict(desk.asked)
    moved = time.monotonic()
    while waiting:
        if _one_pass(desk, waiting):
            moved = time.monotonic()
            continue
        if _take_settled(desk, waiting):
            moved = time.monotonic()
        elif time.monotonic() - moved > PATIENCE:
            raise SimulationError(
                f"{len(waiting)} flagged decisions of {world.agent} were not resolved within {PATIENCE:.0f} s: "
                "see `manage.py doctor` whether a worker is running."
            )
        else:
            time.sleep(0.3)
    return desk


def _one_pass(desk: Desk, waiting: Mapping[str, Asked]) -> bool:
    """Judge every open task of ours; with none left, decide escalations. Say whether anything was done."""
    own = [task for task in _open_tasks(desk) if task["case_ref"] in waiting]
    given: list[tuple[str, dict[str, Any]]] = []
    busy: set[tuple[str, str]] = set()
    for task in sorted(own, key=lambda task: (task["case_ref"], task["kind"], task["id"])):
        person = _whose(desk, task, busy)
        if person is not None:
            busy.add((task["case_ref"], person))
            given.append((person, task))
    if given:
        with ThreadPoolExecutor(AT_ONCE) as pool:
            done = sum(pool.map(lambda pair: _judge(desk, *pair), given))
        desk.corrections += done
        return done > 0
    pending, desk.escalated = desk.escalated, {}
    for escalation, (case, author, right) in sorted(pending.items()):
        _decide(desk, escalation, case, author, right=right)
    return bool(pending)


def _open_tasks(desk: Desk) -> list[dict[str, Any]]:
    """Return the open tasks of the agent's queues, ours and everybody else's."""
    found: list[dict[str, Any]] = []
    for queue in desk.api.get(desk.seniors_watch, "queues", agent=desk.world.agent):
        page = {"next": ""}
        while page:
            page = desk.api.get(desk.seniors_watch, f"queues/{queue['id']}/tasks", limit=_PAGE, after=page["next"])
            found += page["tasks"]
            page = page if page["next"] else {}
    return found


def _whose(desk: Desk, task: Mapping[str, Any], busy: set[tuple[str, str]]) -> str | None:
    ref = task["case_ref"]
    after = [*desk.judged[ref], *(person for case, person in busy if case == ref)]
    if task["kind"] == "adjudication":
        return desk.crowd.next_senior(after)
    return desk.crowd.next_reviewer(desk.asked[ref].case, after)


def _judge(desk: Desk, person: str, task: Mapping[str, Any]) -> bool:
    """Claim and submit one task; False when it was closed or taken in the meantime."""
    asked = desk.asked[task["case_ref"]]
    try:
        claimed = desk.api.post(person, f"tasks/{task['id']}/claim")
    except Refused as fault:
        if fault.code in {"task_closed", "task_held", "already_judged"}:
            return False
        raise
    if claimed["blind"]:
        # Simulated people judge by what is true and by chance, whatever they see: a first answer of theirs would tell nothing.
        claimed = desk.api.post(person, f"tasks/{task['id']}/judgement", {"token": claimed["token"], "output": None})
    said = desk.crowd.judge(person, asked.case, world=desk.world, example=asked.example, task=claimed)
    body = {
        "token": claimed["token"],
        "verdict": said.verdict,
        "output": said.output,
        "reason_code": said.reason_code,
        "justification": said.justification,
        "evidence": list(said.evidence),
        "confidence": said.confidence,
        "time_spent_ms": 20_000 + int(chance.draw(desk.crowd.seed, "time", person, asked.case) * 160_000),
    }
    done = desk.api.post(person, f"tasks/{task['id']}/corrections", body)
    desk.judged[asked.ref].append(person)
    if done["escalation"]:
        right = not desk.crowd.mistaken(person, asked.case)
        desk.escalated[done["escalation"]] = (asked.case, person, right)
    return True


def _decide(desk: Desk, escalation: str, case: str, author: str, *, right: bool) -> None:
    """Let the risk officer, who is sometimes mistaken too, approve or reject a correction."""
    slip = chance.draw(desk.crowd.seed, "officer", case, author) < desk.crowd.error_rate
    approves = right != slip
    rationale = (
        "The cited inputs carry it." if approves else "The cited inputs do not carry it; someone else looks again."
    )
    body = {"verdict": "approved" if approves else "rejected", "rationale": rationale}
    desk.api.post(OFFICER, f"escalations/{escalation}/decision", body)


def _take_settled(desk: Desk, waiting: dict[str, Asked]) -> bool:
    """Take what the product has resolved out of `waiting`, in order; say whether there was any.

    Stops at the first that is still open, so that waiting costs one request, not one for each decision.
    """
    before = len(waiting)
    for ref, asked in list(waiting.items()):
        found = desk.api.get(f"program:{desk.world.agent}", f"agents/{desk.world.agent}/decisions/{asked.id}")
        if found["resolution"] is None:
            break
        del waiting[ref]
    return len(waiting) < before
