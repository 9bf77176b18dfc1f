"""Drafts: what a reviewer typed, kept."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from corrections.models import Draft, Task
from corrections.selectors import rights
from reviewapp.core import clock, ids
from reviewapp.core.accounts.models import User
from reviewapp.core.errors import Conflict, Missing, TooLarge

_MAX_BYTES = 64 * 1024


@transaction.atomic
def save(*, task_id: UUID, token: int | None = None, body: Mapping[str, Any], by: User) -> tuple[datetime, bool]:
    """Keep what `by` has entered for a task; return (saved at, whether they still hold the task).

    Saved even when the lease is lost: what was typed is theirs. Raises `Missing`, `NotAllowed`, `TooLarge`, and
    `Conflict` for a task they have submitted already.
    """
    task = Task.objects.select_related("queue__agent").filter(pk=task_id).first()
    if task is None:
        raise Missing("This task does not exist.")
    rights.require_queue(by, task.queue)
    if task.state == Task.State.DONE and hasattr(task, "correction") and task.correction.author_id == by.pk:
        raise Conflict("You have submitted this task already.", code="task_closed")
    if len(ids.canonical(dict(body))) > _MAX_BYTES:
        raise TooLarge("The draft is longer than 64 kB. Attach long texts as evidence instead.")
    saved_at = clock.now()
    Draft.objects.update_or_create(task=task, reviewer=by, defaults={"body": dict(body), "saved_at": saved_at})
    holds = task.lease_holder_id == by.pk and (token is None or task.lease_token == token)
    return saved_at, holds


def discard(*, task_id: UUID, by: User) -> None:
    """Drop a person's draft of a task; used once it has become a correction."""
    Draft.objects.filter(task_id=task_id, reviewer=by).delete()
