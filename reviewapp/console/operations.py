"""How an agent and the installation do: the figures of the operations page, read from every plane."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from agents.models import Agent
from agents.selectors import contracts, live, load, pulse, visible
from corrections.selectors import pulse as feedback
from reviewapp.core.accounts import access
from reviewapp.core.accounts.models import User
from reviewapp.core.events import selectors as events
from reviewapp.core.incidents import selectors as incidents
from reviewapp.core.web import times

# Name of a period: how many steps, how long each, what one is called.
PERIODS = {
    "24h": (8, timedelta(hours=3), "three hours"),
    "7d": (7, timedelta(days=1), "a day"),
    "28d": (28, timedelta(days=1), "a day"),
}
OPERATE = "agents.operate_agent"


@dataclass(frozen=True, slots=True)
class Drawn:
    """One chart: a value a step, a sentence that reads it, and its numbers as rows."""

    title: str
    values: tuple[float, ...]
    read: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Measure:
    """One figure with what it is held against; `tone` is caution or critical when it needs a look."""

    label: str
    value: str
    unit: str
    note: str
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Installation:
    """What all agents share: the outbox, and nothing of any one agent."""

    waiting: int
    oldest_s: float
    parked: int
    last_error: str


@dataclass(frozen=True, slots=True)
class Page:
    """Everything the operations page shows of an agent in a period; `installation` for who operates all agents."""

    agent: Agent
    agents: list[Agent]
    period: str
    labels: tuple[str, ...]
    measures: tuple[Measure, ...]
    charts: tuple[Drawn, ...]
    cut: bool
    installation: Installation | None

    @property
    def attention(self) -> int:
        """Return how many measures need a look."""
        return sum(bool(one.tone) for one in self.measures)

    @property
    def look(self) -> str:
        """Return the same in words."""
        return f"{self.attention} of {len(self.measures)} measures need a look"


def page(user: User, slug: str, period: str, *, now: datetime) -> Page | None:
    """Return the page of an agent, the first by name without `slug`; None for somebody who sees no agent.

    Raises `Missing` for an agent out of sight.
    """
    agents = visible.agents(user)
    if not agents:
        return None
    agent = visible.agent(user, slug) if slug else agents[0]
    period = period if period in PERIODS else "24h"
    count, step, called = PERIODS[period]
    zone = ZoneInfo(user.time_zone)
    edges = _edges(now, count, step, zone)
    decided, said = pulse.steps(agent.pk, edges), feedback.of(agent.pk, edges, now=now)
    form = "%H:%M" if step < timedelta(days=1) else "%-d %b"
    labels = tuple(f"{edge.astimezone(zone):{form}}" for edge in edges)
    total = sum(one.decided for one in decided)
    return Page(
        agent=agent,
        agents=agents,
        period=period,
        labels=labels,
        measures=_measures(agent, decided, said, now),
        charts=_charts(decided, said, labels, called),
        cut=total >= pulse.MOST,
        installation=_installation(now) if access.can(user, OPERATE) else None,
    )


def _edges(now: datetime, count: int, step: timedelta, zone: ZoneInfo) -> list[datetime]:
    if step < timedelta(days=1):
        return [now - (count - number) * step for number in range(count)]
    # Whole days of the person's own calendar, today the last of them; a day of a clock change is shorter or longer.
    today = now.astimezone(zone).date()
    days = [today - timedelta(days=count - 1 - number) for number in range(count)]
    return [datetime(day.year, day.month, day.day, tzinfo=zone) for day in days]


def _measures(agent: Agent, decided: Sequence[pulse.Step], said: feedback.Pulse, now: datetime) -> tuple[Measure, ...]:
    found = contracts.latest(agent.pk)
    spec = found.spec if found is not None else None
    total, asked = sum(one.decided for one in decided), sum(one.asked for one in decided)
    slowest = max((one.p95_ms for one in decided), default=0.0)
    room = load.room(agent.pk, spec) if spec is not None else None
    signed = live.signed(agent.slug)
    return (
        Measure(
            "Decisions", f"{total:,}", "", f"{asked / total:.0%} went to people" if total else "None in this period"
        ),
        Measure(
            "Answer time, slowest p95",
            f"{slowest:.1f}",
            "ms",
            f"The contract allows {spec.latency_ms:,} ms" if spec else "No contract yet",
            "critical" if spec and slowest > spec.latency_ms else "",
        ),
        Measure(
            "Settled as the agent said",
            f"{said.agreed / said.settled:.1%}" if said.settled else "–",
            "",
            f"{said.agreed} of {said.settled} settled cases" if said.settled else "Nothing settled in this period",
        ),
        Measure(
            "From decision to settled",
            _lasting(said.median_s),
            "",
            f"Median; nine in ten within {_lasting(said.p90_s)}" if said.p90_s is not None else "Nothing settled",
        ),
        Measure(
            "Waiting for people",
            f"{said.waiting:,}",
            "",
            f"{room.waiting:,} of {room.open_max:,} that the contract allows" if room else "The contract sets no limit",
            room.tone if room and room.tone != "info" else "",
        ),
        Measure(
            "Overdue now",
            f"{said.overdue:,}",
            "",
            f"{said.late} of {said.closed} closed ones were late",
            "caution" if said.overdue else "",
        ),
        _statement(signed, now),
        _incidents(agent),
    )


def _incidents(agent: Agent) -> Measure:
    found = incidents.tally(agent.pk)
    note = f"{found.holding} of them still so" if found.holding else "What they are about is over"
    tone = "critical" if found.holding else "caution" if found.unresolved else ""
    return Measure("Incidents to see to", f"{found.unresolved}", "", note if found.unresolved else "None", tone)


def _statement(signed: live.Signed | None, now: datetime) -> Measure:
    if signed is None or signed.not_after is None:
        return Measure("What serves", "–", "", "No policy is live: the contract answers", "caution")
    if signed.fault:
        return Measure("What serves", "Refused", "", f"{signed.fault} The contract answers", "critical")
    left = (signed.not_after - now).total_seconds()
    return Measure("What serves", "Signed", "", f"Its statement holds {_lasting(left)} longer, unless renewed")


def _charts(
    decided: Sequence[pulse.Step], said: feedback.Pulse, labels: tuple[str, ...], called: str
) -> tuple[Drawn, ...]:
    agreement = tuple(one.agreed / one.settled * 100 if one.settled else 0.0 for one in said.steps)
    return (
        Drawn(
            "Agreement with reviewers, %",
            agreement,
            _agreement(said),
            ("From", "Settled", "As the agent said"),
            tuple((label, str(one.settled), str(one.agreed)) for label, one in zip(labels, said.steps, strict=True)),
        ),
        Drawn(
            "Answer time, p95 in milliseconds",
            tuple(one.p95_ms for one in decided),
            _most(
                [one.p95_ms for one in decided],
                labels,
                "Slowest in {called}, by its p95: {value:.1f} ms, from {label}.",
                called,
            ),
            ("From", "Median", "p95"),
            tuple(
                (label, f"{one.median_ms:.1f} ms", f"{one.p95_ms:.1f} ms")
                for label, one in zip(labels, decided, strict=True)
            ),
        ),
        Drawn(
            "Cases that came in",
            tuple(float(one.came) for one in said.steps),
            _most([one.came for one in said.steps], labels, "Most in {called}: {value:.0f}, from {label}.", called),
            ("From", "Came in", "Closed"),
            tuple((label, str(one.came), str(one.closed)) for label, one in zip(labels, said.steps, strict=True)),
        ),
        Drawn(
            "Cases that were closed",
            tuple(float(one.closed) for one in said.steps),
            _most([one.closed for one in said.steps], labels, "Most in {called}: {value:.0f}, from {label}.", called),
            ("From", "Closed", "After the deadline"),
            tuple((label, str(one.closed), str(one.late)) for label, one in zip(labels, said.steps, strict=True)),
        ),
    )


def _agreement(said: feedback.Pulse) -> str:
    if not said.settled:
        return "Nothing was settled in this period."
    return f"{said.agreed / said.settled:.0%} of {said.settled} settled cases ended as the agent had said."


def _most(values: Sequence[float], labels: Sequence[str], words: str, called: str) -> str:
    highest = max(values, default=0)
    if not highest:
        return "None in this period."
    return words.format(called=called, value=highest, label=labels[list(values).index(highest)])


def _installation(now: datetime) -> Installation:
    found = events.outbox(now=now)
    return Installation(found.waiting, found.oldest_seconds, found.parked, found.last_error)


def _lasting(seconds: float | None) -> str:
    return "–" if seconds is None else f"{seconds:.0f} s" if seconds < 60 else times.span(seconds)


def runs_any(user: Any) -> bool:
    """Say whether the page belongs into the person's navigation: who keeps, releases, audits or builds an agent."""
    rights = ("operate_agent", "release_policy", "audit_agent", "develop_agent")
    return any(access.can_for_any(user, f"agents.{one}") for one in rights)
