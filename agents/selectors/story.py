"""What happened to a decision, from the event log, newest first."""

from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Any
from uuid import UUID

from agents.contracts.fields import human
from agents.models import Decision
from agents.selectors import decisions
from reviewapp.core import clock
from reviewapp.core.accounts import access
from reviewapp.core.events import selectors as log

# Words for what this plane records; what the planes above record reads well by its own name.
_KNOWN = {
    "decision.flagged": ("Sent to people", "flag"),
    "decision.outcome_recorded": ("Outcome told", "circle-check"),
    "decision.resolved": ("Answer given back to the agent", "circle-check"),
    "decision.amended": ("The agent was told that people say something else now", "undo-2"),
    "correction.recalled": ("A judgement was recalled by its author", "undo-2"),
    "consensus.revised": ("Settled again", "git-merge"),
    "consensus.retired": ("No longer settled", "circle-dashed"),
    "decision.timed_out": ("The time for people was over", "hourglass"),
    "correction.submitted": ("Reviewed", "pen-line"),
    "escalation.raised": ("Escalated to a risk officer", "scale"),
    "task.opened": ("Waits for a reviewer", "inbox"),
    "task.claimed": ("Taken by a reviewer", "user-check"),
    "task.released": ("Put back", "undo-2"),
    "task.handed_over": ("Handed to a colleague", "user-check"),
    "task.cancelled": ("No longer needed", "circle-x"),
    "escalation.decided": ("Escalation decided", "scale"),
    "judgement.recorded": ("Judged without the answer first", "eye-off"),
    "consensus.formed": ("Settled", "git-merge"),
}
_TELL_WHAT_WAS_SETTLED: frozenset[str] = frozenset(
    {"consensus.formed", "consensus.revised", "consensus.retired", "decision.resolved", "decision.amended"}
)
_TONES = {"person": "human", "service": "agent", "system": "neutral"}
_SHOWN = 4
_SHORTEST_TIME = len("2026-11-23T14:35Z")
# What the page says beside the timeline anyway.
_ELSEWHERE = {"held_until", "agent", "arm", "policy_version", "confidence"}


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened: what, by whom, when."""

    title: str
    note: str
    icon: str
    tone: str
    at: datetime


def of_decision(asker: Any, decision_id: UUID) -> list[Entry]:
    """Return everything recorded about a decision, newest first. Raises `Missing` when the asker may not see it."""
    found = decisions.detail(asker, decision_id).decision
    rows = log.of_subjects([("decision", str(decision_id))])
    # Reviewers judge independently: what colleagues said is told once the case is settled, and not while it is open again.
    state = next((row.type for row in reversed(rows) if row.type.startswith("consensus.")), "")
    afresh = state == "consensus.retired"
    judges = (afresh or not state) and access.can(asker, "agents.review_task", found.agent)
    hidden = _TELL_WHAT_WAS_SETTLED if afresh and judges else frozenset()
    now = clock.now()
    # The person's own zone, as the rest of the page has it; a program's key has none.
    zone = getattr(asker, "zone", UTC)
    entries = [
        _kept_back(row) if _withheld(row, asker, now, hidden, judges=judges) else _entry(row, zone) for row in rows
    ]
    return [*reversed(entries), _first(found)]


def _withheld(row: log.EventRow, asker: Any, now: datetime, hidden: frozenset[str], *, judges: bool) -> bool:
    if (row.actor_kind, row.actor_id) == ("person", str(asker.pk)):
        return False
    if row.type in hidden:
        return True
    if not row.type.startswith(("correction.", "escalation.")):
        return False
    held = row.data.get("held_until")
    return judges or (isinstance(held, str) and datetime.fromisoformat(held) > now)


def _kept_back(row: log.EventRow) -> Entry:
    if row.type in _TELL_WHAT_WAS_SETTLED:
        title, icon = _KNOWN[row.type]
        return Entry(title, "What it was is told once the case is settled again", icon, "neutral", row.at)
    return Entry("Reviewed", "Who said what is told once the case is settled", "pen-line", "neutral", row.at)


def _first(found: Decision) -> Entry:
    if found.mode == Decision.Mode.RECORD:
        judge = f"judged by policy version {found.policy_version}" if found.policy_version else "nothing judged it"
        return Entry("Done by the agent", f"Told afterwards, {judge}", "bot", "agent", found.decided_at)
    by = f"policy version {found.policy_version}" if found.policy_version else "the contract’s failure terms"
    note = f"By {by}, {found.get_arm_display().lower()} arm, in {found.latency_us / 1000:.1f} ms"
    return Entry("Decided", note, "bot", "agent", found.decided_at)


def _entry(row: log.EventRow, zone: tzinfo) -> Entry:
    title, icon = _KNOWN.get(row.type, (row.type.replace(".", " ").replace("_", " ").capitalize(), "circle-dot"))
    facts = [
        f"{key.replace('_', ' ')}: {_said(value, zone)}" for key, value in row.data.items() if _telling(key, value)
    ]
    note = ", ".join([row.actor_label, *facts[:_SHOWN]])
    return Entry(title, note, icon, _TONES.get(row.actor_kind, "neutral"), row.at)


def _said(value: Any, zone: tzinfo) -> str:
    if isinstance(value, str) and (moment := _moment(value)) is not None:
        return f"{moment.astimezone(zone):%-d %b %Y, %H:%M}"
    return f"{value:.2f}" if isinstance(value, float) else human(value).replace("_", " ")


def _moment(text: str) -> datetime | None:
    """Return the moment that an event's text names; None for what is no full time with its zone."""
    try:
        found = datetime.fromisoformat(text) if len(text) >= _SHORTEST_TIME else None
    except ValueError:
        return None
    return found if found is not None and found.tzinfo is not None else None


def _telling(key: str, value: Any) -> bool:
    """Leave out ids and digests: they say nothing to a reader and are kept in the log."""
    if key in _ELSEWHERE or key.endswith("_id") or isinstance(value, dict) or value in (None, "", []):
        return False
    return not (isinstance(value, str) and (len(value) > 40 or value.count("-") >= 4))
