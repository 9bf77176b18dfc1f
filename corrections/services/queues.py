"""Making, changing and pausing queues."""

from dataclasses import asdict, dataclass, fields
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.text import slugify

from agents.selectors import visible
from corrections.models import Queue
from corrections.selectors import rights
from reviewapp.core import clock, events
from reviewapp.core.accounts import access, actors
from reviewapp.core.accounts.models import User
from reviewapp.core.errors import Conflict, Invalid, Missing
from reviewapp.core.events import live

events.external("queue.configured", "queue.paused", "queue.resumed")

_CODES: dict[str, str] = {Queue.Kind.STANDARD: "review", Queue.Kind.SENIOR: "senior"}
_LONGEST_NAME, _LONGEST_REASON, _LAST = 120, 200, 32_767
# Reviewers pick from lists of them, and every flagged decision is matched against them.
_MOST_QUEUES = 40
_DAY_SECONDS, _YEAR_MINUTES = 86_400, 525_600


@dataclass(frozen=True, slots=True)
class Terms:
    """How a queue works: `seats` independent reviews of each decision (1 to 5), held for `lease_seconds` at a time, due
    `due_minutes` after they open; of `blind_percent` in a hundred the agent's answer is shown after one's own. When
    reviewers disagree one more is asked, until `most_seats` were; 0 for a senior at once.
    """

    name: str
    purpose: str = ""
    seats: int = 1
    lease_seconds: int = 900
    due_minutes: int = 120
    position: int = 50
    blind_percent: int = 0
    most_seats: int = 0


@transaction.atomic
def configure(
    *,
    agent_id: UUID,
    agent_slug: str,
    code: str,
    name: str,
    purpose: str = "",
    kind: str = Queue.Kind.STANDARD,
    seats: int = 1,
    lease_seconds: int = 900,
    due_minutes: int = 120,
    position: int = 50,
    blind_percent: int = 0,
    most_seats: int = 0,
    by: events.Actor,
) -> Queue:
    """Make a queue of an agent, or change the one with this code; tasks already waiting keep their deadlines.

    `seats` is how many independent reviews each decision gets (1 to 5); of `blind_percent` in a hundred decisions reviewers
    see the agent's answer only after they have recorded their own. Raises `Invalid` naming the field.
    """
    terms = Terms(name, purpose, seats, lease_seconds, due_minutes, position, blind_percent, most_seats)
    faults = _faults(terms)
    if kind not in Queue.Kind.values:
        faults["kind"] = f"Use one of {', '.join(Queue.Kind.values)}."
    if faults:
        raise Invalid("The queue is not complete.", fields=faults)
    queue, _ = Queue.objects.update_or_create(
        agent_id=agent_id,
        code=code,
        defaults={**_columns(terms), "kind": kind},
        create_defaults={**_columns(terms), "kind": kind, "is_default": _is_first(agent_id, kind)},
    )
    _tell(queue, agent_slug, by)
    return queue


@transaction.atomic
def make(*, agent_id: UUID, kind: str, terms: Terms, by: User) -> Queue:
    """Make a queue of an agent: any number of review queues, of which the first is the default, and one senior queue.

    Raises `Missing`, `NotAllowed`, and `Invalid` naming the field.
    """
    agent = visible.by_id(agent_id, by)
    rights.require_keeper(by, agent)
    faults = _faults(terms)
    if kind not in Queue.Kind.values:
        faults["kind"] = f"Use one of {', '.join(Queue.Kind.values)}."
    elif kind == Queue.Kind.SENIOR and Queue.objects.filter(agent_id=agent_id, kind=kind).exists():
        faults["kind"] = f"{agent.name} has a senior queue already. Change that one."
    held = Queue.objects.filter(agent_id=agent_id)
    if any(name.casefold() == terms.name.strip().casefold() for name in held.values_list("name", flat=True)):
        faults.setdefault("name", f"{agent.name} has a queue of this name. Reviewers must be able to tell them apart.")
    if len(held) >= _MOST_QUEUES:
        faults["kind"] = f"An agent has at most {_MOST_QUEUES} queues."
    if faults:
        raise Invalid("The queue is not complete.", fields=faults)
    try:
        with transaction.atomic():
            queue = Queue.objects.create(
                agent_id=agent_id,
                code=_free_code(kind, terms.name, {row.code for row in held}),
                kind=kind,
                is_default=_is_first(agent_id, kind),
                **_columns(terms),
            )
    except IntegrityError:
        raise Conflict("Somebody made this queue a moment ago.", code="queue_made") from None
    _tell(queue, agent.slug, actors.of(by))
    return queue


@transaction.atomic
def change(*, queue_id: UUID, terms: Terms, by: User) -> Queue:
    """Change how a queue works; tasks already waiting keep their deadlines, seats and blindness.

    Raises `Missing`, `NotAllowed`, and `Invalid` naming the field.
    """
    queue = _locked(queue_id, by)
    if faults := _faults(terms):
        raise Invalid("The queue is not complete.", fields=faults)
    for name, value in _columns(terms).items():
        setattr(queue, name, value)
    queue.save(update_fields=[*_columns(terms)])
    _tell(queue, queue.agent.slug, actors.of(by))
    return queue


@transaction.atomic
def pause(*, queue_id: UUID, reason: str, by: User) -> Queue:
    """Give out no more of a queue's tasks until it is resumed; who holds one may finish it. Paused twice is paused once.

    Raises `Missing`, `NotAllowed`, and `Invalid` without a reason: whoever finds the queue paused reads it.
    """
    queue = _locked(queue_id, by)
    words = reason.strip()
    if not words or len(words) > _LONGEST_REASON:
        raise Invalid(
            "The queue was not paused.", fields={"reason": f"Say why, in up to {_LONGEST_REASON} characters."}
        )
    if queue.paused_at is None:
        queue.paused_at, queue.paused_by, queue.pause_reason = clock.now(), by, words
        queue.save(update_fields=["paused_at", "paused_by", "pause_reason"])
        events.record(
            "queue.paused",
            subject=("queue", str(queue.pk)),
            actor=actors.of(by),
            scope=queue.agent.slug,
            data={"code": queue.code, "reason": words},
        )
        live.push(f"queue.{queue.pk}", {"event": "queue.paused"})
    return queue


@transaction.atomic
def resume(*, queue_id: UUID, by: User) -> Queue:
    """Give out a queue's tasks again. Raises `Missing` and `NotAllowed`."""
    queue = _locked(queue_id, by)
    if queue.paused_at is not None:
        queue.paused_at, queue.paused_by, queue.pause_reason = None, None, ""
        queue.save(update_fields=["paused_at", "paused_by", "pause_reason"])
        events.record(
            "queue.resumed",
            subject=("queue", str(queue.pk)),
            actor=actors.of(by),
            scope=queue.agent.slug,
            data={"code": queue.code},
        )
        live.push(f"queue.{queue.pk}", {"event": "queue.resumed"})
    return queue


def terms_of(queue: Queue) -> dict[str, Any]:
    """Return how a queue works, as the members of `Terms`."""
    return {field.name: getattr(queue, field.name) for field in fields(Terms)}


def _locked(queue_id: UUID, by: User) -> Queue:
    queue = Queue.objects.select_for_update(of=("self",)).select_related("agent").filter(pk=queue_id).first()
    if queue is None or not access.can(by, "agents.view_agent", queue.agent):
        raise Missing("This queue does not exist.")
    rights.require_keeper(by, queue.agent)
    return queue


def _is_first(agent_id: UUID, kind: str) -> bool:
    return kind == Queue.Kind.STANDARD and not Queue.objects.filter(agent_id=agent_id, is_default=True).exists()


def _free_code(kind: str, name: str, taken: set[str]) -> str:
    """Return the code of a new queue: the usual one of its kind, else one made from its name."""
    if _CODES[kind] not in taken:
        return _CODES[kind]
    stem = slugify(name)[:50] or _CODES[kind]
    return next(code for code in (stem, *(f"{stem}-{count}" for count in range(2, 99))) if code not in taken)


def _columns(terms: Terms) -> dict[str, Any]:
    return {**asdict(terms), "name": terms.name.strip(), "purpose": terms.purpose.strip()}


def _faults(terms: Terms) -> dict[str, str]:
    faults: dict[str, str] = {}
    if not terms.name.strip() or len(terms.name.strip()) > _LONGEST_NAME:
        faults["name"] = f"Give the queue a name of up to {_LONGEST_NAME} characters."
    if not 1 <= terms.seats <= 5:
        faults["seats"] = "Use 1 to 5 independent reviews."
    if terms.most_seats and not (terms.seats >= 2 and terms.seats < terms.most_seats <= 7):
        faults["most_seats"] = "Use more than are asked at first, at least two of them, and at most 7; or 0."
    if not 30 <= terms.lease_seconds <= _DAY_SECONDS:
        faults["lease_seconds"] = "Use at least 30 seconds, and at most a day."
    if not 1 <= terms.due_minutes <= _YEAR_MINUTES:
        faults["due_minutes"] = "Use at least one minute, and at most a year."
    if not 0 <= terms.position <= _LAST:
        faults["position"] = f"Use 0 (first) to {_LAST}."
    if not 0 <= terms.blind_percent <= 100:
        faults["blind_percent"] = "Use 0 (never) to 100 (every case)."
    for name in ("name", "purpose"):
        if "\x00" in getattr(terms, name):
            faults[name] = "Take out the character that cannot be stored (NUL)."
    return faults


def _tell(queue: Queue, agent_slug: str, by: events.Actor) -> None:
    events.record(
        "queue.configured",
        subject=("queue", str(queue.pk)),
        actor=by,
        scope=agent_slug,
        data={
            "code": queue.code,
            "kind": queue.kind,
            "seats": queue.seats,
            "lease_seconds": queue.lease_seconds,
            "due_minutes": queue.due_minutes,
            "blind_percent": queue.blind_percent,
            "most_seats": queue.most_seats,
        },
    )
