"""Drafts: what a reviewer typed, kept."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from corrections.models import Correction, Draft, Task
from corrections.rules import submission
from corrections.selectors import rights
from reviewapp.core import clock, ids
from reviewapp.core.accounts.models import User
from reviewapp.core.errors import Conflict, Invalid, Missing, TooLarge

_MAX_BYTES = 64 * 1024


@transaction.atomic
def save(*, task_id: UUID, token: int | None = None, body: Mapping[str, Any], by: User) -> tuple[datetime, bool]:
    """Keep what `by` has entered for a task; return (saved at, whether they still hold the task).

    Saved even when the lease is lost: what was typed is theirs. Raises `Missing`, `NotAllowed`, `Invalid`,
    `TooLarge`, and `Conflict` for a task they have submitted already.
    """
    task = Task.objects.select_related("queue__agent").filter(pk=task_id).first()
    if task is None:
        raise Missing("This task does not exist.")
    rights.require_queue(by, task.queue)
    if Correction.objects.filter(task=task, author=by).exists():
        raise Conflict("You have submitted this task already.", code="task_closed")
    if not submission.storable(dict(body)):
        raise Invalid("The draft holds a character or a number that cannot be stored.", fields={"body": "Take it out."})
    if len(ids.canonical(dict(body))) > _MAX_BYTES:
        raise TooLarge("The draft is longer than 64 kB. Attach long texts as evidence instead.")
    saved_at = clock.now()
    Draft.objects.update_or_create(task=task, reviewer=by, defaults={"body": dict(body), "saved_at": saved_at})
    holds = task.lease_holder_id == by.pk and (token is None or task.lease_token == token)
    return saved_at, holds


def keep(*, task_id: UUID, entry: submission.Entry, attachments: Sequence[str] = (), by: User) -> None:
    """Keep a refused submission as its author's draft, as far as there is room. Inside the caller's transaction or alone."""
    body = {
        "verdict": entry.verdict,
        "output": dict(entry.output) if entry.output is not None else None,
        "reason_code": entry.reason_code,
        "justification": entry.justification,
        "evidence": list(entry.evidence),
        "confidence": entry.confidence,
        **({"attachments": list(attachments)} if attachments else {}),
    }
    if submission.storable(body) and len(ids.canonical(body)) <= _MAX_BYTES:
        Draft.objects.update_or_create(task_id=task_id, reviewer=by, defaults={"body": body, "saved_at": clock.now()})


def discard(*, task_id: UUID, by: User) -> None:
    """Drop a person's draft of a task; used once it has become a correction."""
    Draft.objects.filter(task_id=task_id, reviewer=by).delete()
