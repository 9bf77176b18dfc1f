"""Files that go with judgements, as people see them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from corrections.models import Attachment
from corrections.selectors import judgements, rights
from reviewapp.core import clock
from reviewapp.core.accounts.models import User
from reviewapp.core.errors import Missing


@dataclass(frozen=True, slots=True)
class File:
    """A file by its name, kind, size in bytes and digest; `tells` says that a picture names camera, time or place."""

    id: UUID
    name: str
    kind: str
    media_type: str
    size: int
    digest: str
    tells: bool


def drafted(task_id: UUID, user: User) -> list[File]:
    """Return the files that a person gave for a task and has not submitted, oldest first."""
    rows = Attachment.objects.filter(task_id=task_id, uploader=user, correction=None)
    return [_file(row) for row in rows]


def of_corrections(ids: Iterable[UUID]) -> Mapping[UUID, list[File]]:
    """Return the files of corrections by correction, oldest first."""
    found: dict[UUID, list[File]] = {}
    for row in Attachment.objects.filter(correction_id__in=list(ids)):
        if row.correction_id is not None:
            found.setdefault(row.correction_id, []).append(_file(row))
    return found


def readable(attachment_id: UUID, user: User) -> File:
    """Return a file that the person may read. Raises `Missing` for every other one.

    A draft's file is its author's alone, and so is one of a correction that they may still undo. Any other is for whoever
    may read the correction: reviewers who may still judge the decision may not.
    """
    row = Attachment.objects.select_related("task__queue", "correction__undone").filter(pk=attachment_id).first()
    if row is None or not rights.visible_agents(user).filter(pk=row.task.queue.agent_id).exists():
        raise Missing("This file does not exist.")
    said = row.correction
    if row.uploader_id != user.pk and (
        said is None
        or judgements.may_be_undone(said, now=clock.now())
        or judgements.withheld(row.task.decision_id, row.task.queue.agent_id, user)
    ):
        raise Missing("This file does not exist.")
    return _file(row)


def of_json(listed: Iterable[Mapping[str, Any]]) -> list[File]:
    """Return files as a statement reads them beside a task."""
    return [
        File(
            UUID(one["id"]),
            one["name"],
            one["kind"],
            one["media_type"],
            one["size"],
            one["digest"],
            one["tells"],
        )
        for one in listed
    ]


def _file(row: Attachment) -> File:
    return File(row.pk, row.name, row.kind, row.media_type, row.size, row.digest, row.tells)
