"""Handing a held case over to a named colleague, with all that was entered."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from corrections.models import Draft, Handover, Task
from corrections.selectors import rights, skills
from corrections.services import attachments, claiming, drafts, seats, tasks
from reviewapp.core import clock, ids
from reviewapp.core.accounts import actors
from reviewapp.core.accounts.models import User
from reviewapp.core.errors import Conflict, Invalid

_LONGEST_NOTE = 500


@dataclass(frozen=True, slots=True)
class Handed:
    """What became of a hand-over: to whom the case went, and whether the draft is theirs now."""

    handover_id: UUID
    receiver: str
    copied: bool


@transaction.atomic
def hand_over(
    *, task_id: UUID, token: int, to: str, note: str = "", body: Mapping[str, Any] | None = None, by: User
) -> Handed:
    """Give a case that `by` holds under `token` to the colleague with user name `to`, who holds it from now on.

    `body` is what stands in the form at this moment; without it the draft that was saved goes along. The giver keeps
    their draft, and the receiver what they had entered for the case themselves before. Whoever shared a case in this way
    gets no other seat of its decision. Raises `Missing`, `NotAllowed`, `Invalid` at "to" or "note", and `Conflict`: the
    lease is lost, the case is reserved or blind, or the colleague may not judge it or holds as many as one can work on.
    """
    named = Task.objects.filter(pk=task_id).values("decision_id")[:1]
    # All seats at once, in one order: a colleague who takes another seat at this moment is seen, or waits.
    list(Task.objects.select_for_update().filter(decision_id=named).order_by("pk").values_list("pk"))
    task = tasks.locked(task_id)
    rights.require_queue(by, task.queue)
    tasks.require_lease(task, token, by)
    receiver = _receiver(task, to, by)
    if len(note.strip()) > _LONGEST_NOTE:
        raise Invalid("The note is too long.", fields={"note": f"Use at most {_LONGEST_NOTE} characters."})
    if body is not None:
        drafts.save(task_id=task_id, token=token, body=body, by=by)
    now = clock.now()
    task.lease_holder, task.lease_token = receiver, task.lease_token + 1
    task.lease_until = now + timedelta(seconds=task.queue.lease_seconds)
    task.save(update_fields=["lease_holder", "lease_token", "lease_until"])
    mine = Draft.objects.filter(task=task, reviewer=by).first()
    made = Handover(
        id=ids.uuid7(),
        task=task,
        decision_id=task.decision_id,
        kind=task.kind,
        seat=task.seat,
        receiver=receiver,
        note=note.strip(),
        draft=mine.body if mine else None,
        copied=mine is not None and _copied(task, mine, receiver),
        lease_token=task.lease_token,
        handed_at=now,
        handed_by=by,
    )
    made.save(force_insert=True)
    seats.tell(
        "task.handed_over",
        task,
        actors.of(by),
        slug=task.queue.agent.slug,
        handover=str(made.pk),
        receiver=str(receiver.pk),
        draft_by=str(by.pk) if made.copied else None,
    )
    return Handed(made.pk, receiver.display_name, made.copied)


def _receiver(task: Task, to: str, by: User) -> User:
    """Return the colleague, who may judge the case as `by` might have. Raises `Invalid` and `Conflict`."""
    if task.reserved_for_id is not None:
        raise Conflict("This case came back to you, so only you can answer it. You can put it back.", code="reserved")
    if task.blind:
        raise Conflict("This case is reviewed blind, so each judges it alone. You can put it back.", code="blind")
    found = User.objects.filter(username=to, is_active=True).exclude(pk=by.pk).first() if to else None
    if found is None or not rights.can_work(found, task.queue):
        words = "Choose a colleague who may work in this queue." if to else "Choose a colleague."
        raise Invalid("The case was not handed over.", fields={"to": words})
    now = clock.now()
    if lacks := skills.lacking(found, [task.queue_id], now=now):
        words = f"{found.display_name} is not certified in {lacks[task.queue_id][0].skill}, which this queue needs."
        raise Invalid("The case was not handed over.", fields={"to": words})
    if not rights.may_judge(found, task) or rights.is_tied(found, task) or tasks.holds_another(found, task):
        raise Conflict(
            f"{found.display_name} has another part in this case and can’t judge this one. Choose someone else.",
            code="not_independent",
        )
    held = Task.objects.filter(lease_holder=found, state=Task.State.OPEN, lease_until__gt=now).count()
    if held >= claiming.MAX_HELD:
        raise Conflict(
            f"{found.display_name} holds {held} cases already. Choose someone else, or put the case back.",
            code="too_many_held",
        )
    return found


def _copied(task: Task, mine: Draft, receiver: User) -> bool:
    """Give the draft to the receiver, with its files, unless they have one of their own for this case; say whether."""
    files = attachments.hand(task=task, giver=mine.reviewer, receiver=receiver)
    listed = mine.body.get("attachments")
    body = {**mine.body, "attachments": [files[one] for one in listed if one in files]} if listed else mine.body
    # The time they spent is theirs; the receiver's begins now.
    body = {name: value for name, value in body.items() if name != "time_spent_ms"}
    _, fresh = Draft.objects.get_or_create(
        task=task, reviewer=receiver, defaults={"body": body, "saved_at": clock.now()}
    )
    return fresh
