"""Recent decisions, decided again by the policy that serves now with one more exception in it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from agents.models import Agent, Decision, Resolution
from agents.runtime import standing
from agents.runtime.artifact import ArtifactError
from agents.runtime.decide import Case
from agents.selectors import live
from reviewapp.core import ids


@dataclass(frozen=True, slots=True)
class Past:
    """A decision with its input, and whether its answer would be another; None when it cannot be decided again."""

    id: UUID
    input: Mapping[str, Any]
    turned: bool | None


@dataclass(frozen=True, slots=True)
class Replay:
    """Decisions newest first; `more` says that the period holds more than were replayed, `fault` why none could be."""

    version: int | None
    rows: tuple[Past, ...]
    more: bool
    fault: str = ""


def with_exception(
    agent_id: UUID,
    output: Mapping[str, Any],
    *,
    members: Collection[str],
    since: datetime,
    apart_from: UUID,
    limit: int,
) -> Replay:
    """Replay the newest `limit` decisions since a moment under the contract of the policy that serves the agent now.

    Answers are compared by `members` of the output. `apart_from` is the decision the exception comes from. The caller has checked the right to see the agent.
    """
    slug = Agent.objects.values_list("slug", flat=True).get(pk=agent_id)
    try:
        served = live.load(slug)
    except ArtifactError:
        return Replay(None, (), more=False, fault="The policy that serves cannot be followed now.")
    if served is None or served.stable is None or served.contract is None:
        return Replay(None, (), more=False, fault="No policy serves this agent now.")
    found = (
        Decision.objects.filter(agent_id=agent_id, pk__gte=ids.uuid7_floor(since), contract_id=served.contract.id)
        .exclude(pk=apart_from)
        .order_by("-pk")
        .values_list("pk", "input", "proposal", "unit", "request_digest", "mode", named=True)
    )
    rows = list(found[: limit + 1])
    kept = rows[:limit]
    cases = (Case(row.input, row.proposal, row.unit, row.request_digest, row.mode == "record") for row in kept)
    turned = standing.turned(served.stable.policy, served.contract.spec, output, cases, members=members)
    past = tuple(Past(row.pk, row.input, one) for row, one in zip(kept, turned, strict=True))
    return Replay(served.stable.version, past, more=len(rows) > limit)


def settled(decision_ids: list[UUID]) -> list[dict[str, Any]]:
    """Return the outputs people settled on, of those decisions that people settled."""
    by_people = Resolution.objects.filter(decision_id__in=decision_ids).exclude(source__in=["auto", "contract"])
    return [output or {} for output in by_people.values_list("output", flat=True)]
