"""From what people settled to a live version: build, evaluation, two signatures, canary, all traffic."""

import time
from dataclasses import dataclass
from typing import Any

from reviewapp.ops.simulate.api import Api, Refused
from reviewapp.ops.simulate.faults import SimulationError

BUILDER, APPROVER = "sim-builder", "sim-approver"
PLAN = [{"share_bp": 5000, "min_decisions": 0, "min_minutes": 0}]
PATIENCE = 180.0


@dataclass(frozen=True, slots=True)
class Released:
    """What became of a build: the number of the version that went live, or None and why not."""

    number: int | None
    words: str


def release(api: Api, agent: str, *, number: int) -> Released:
    """Build a version from all that is settled and bring it live, if its gates allow.

    Raises `SimulationError` when the learner does not answer, or when the build failed.
    """
    built = _build(api, agent, reason=f"Simulated round {number}")
    if built is None:
        return Released(None, "There was nothing new to learn, so the version stays.")
    version = api.get(BUILDER, f"versions/{built}")
    try:
        api.post(BUILDER, f"versions/{built}/submit", {"plan": PLAN})
    except Refused as fault:
        return Released(None, f"Version {version['number']} is not released: {fault}")
    verdict = version["evaluation"]["verdict"]
    rationale = f"Simulated approval of round {number}; the gates say {verdict}, and inconclusive ones are accepted."
    api.post(APPROVER, f"versions/{built}/approval", {"verdict": "approved", "rationale": rationale})
    started = api.post(BUILDER, f"versions/{built}/release", {})
    release_id, state = started["id"], started["state"]
    while state == "canary":
        state = api.post(BUILDER, f"releases/{release_id}/advance", {"rationale": "Simulated stage."})["state"]
    if state != "live":
        raise SimulationError(f"The release of version {version['number']} ended as {state}, not live.")
    return Released(version["number"], f"Version {version['number']} is live; its gates say {verdict}.")


def clear_the_way(api: Api, agent: str) -> str:
    """End a roll-out that is open on the agent, since one agent has one at a time; say what was done, if anything."""
    for row in api.get(BUILDER, f"agents/{agent}/versions")["versions"]:
        if row["state"] != "releasing":
            continue
        version = api.get(BUILDER, f"versions/{row['id']}")
        body = {"rationale": "Ended by a simulation, which releases versions of its own."}
        api.post(BUILDER, f"releases/{version['release']['id']}/rollback", body)
        return f"Version {row['number']} was in roll-out; it was rolled back to make way."
    return ""


def _build(api: Api, agent: str, *, reason: str) -> str | None:
    """Have a version built and evaluated; return its id, or None when there is nothing new."""
    build = _request(api, agent, reason)
    until = time.monotonic() + PATIENCE
    while build["state"] in {"queued", "running"}:
        if time.monotonic() > until:
            raise SimulationError(
                f"The build of {agent} is still {build['state']} after {PATIENCE:.0f} s: see `manage.py doctor` whether "
                "the learner is running."
            )
        time.sleep(0.3)
        build = api.get(BUILDER, f"builds/{build['id']}")
    if build["state"] == "failed":
        raise SimulationError(f"The build of {agent} failed: {build['error']}")
    return str(build["version"]["id"]) if build["version"] else None


def _request(api: Api, agent: str, reason: str) -> Any:
    until = time.monotonic() + PATIENCE
    while True:
        try:
            return api.post(BUILDER, f"agents/{agent}/builds", {"reason": reason})
        except Refused as fault:
            # Somebody else's build comes first; what it misses, ours will find.
            if fault.code != "build_open" or time.monotonic() > until:
                raise
        time.sleep(1.0)
