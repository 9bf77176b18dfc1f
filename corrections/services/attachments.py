"""Files that go with a judgement: given while it is drafted, bound when it is submitted, swept when nobody needs them."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction

from agents.selectors import contracts, facts
from corrections.models import Attachment, Correction, Task
from corrections.rules import files
from corrections.selectors import rights
from reviewapp.core import blobs, clock
from reviewapp.core.accounts.models import User
from reviewapp.core.errors import Conflict, Invalid, Missing, TooLarge

# How long a file that no correction names is kept while its task is open, and a content that nothing names at all.
KEPT = timedelta(days=14)
_CONTENT_KEPT_SECONDS = 3600.0
_AT_ONCE = 500
# Held while contents are named or forgotten, so that none goes in the moment when somebody gives it again.
_LOCK = 7_241_905_113


@transaction.atomic
def add(*, task_id: UUID, name: str, content: bytes, by: User) -> Attachment:
    """Keep a file with the draft of a person who holds the task; the same content again is the same attachment.

    Raises `Missing`, `NotAllowed`, `Conflict` when they do not hold the task, `TooLarge`, and `Invalid` at "attachments"
    for a file that the contract or the product does not take.
    """
    task = _task(task_id, by)
    if task.state != Task.State.OPEN or task.lease_holder_id != by.pk:
        raise Conflict("You do not hold this case, so the file was not added.", code="lease_lost")
    allowed = contracts.by_id(facts.of_decision(task.decision_id).contract_id).spec.attachments
    limit = min(allowed.max_kb * 1024, settings.ATTACHMENT_MAX_BYTES)
    if len(content) > limit:
        raise TooLarge(f"{files.clean_name(name)} is too large. A file has at most {words_of(limit)}.")
    try:
        found = files.recognise(content, name, allowed.kinds)
    except files.Refused as fault:
        raise Invalid("The file is not taken.", fields={"attachments": f"{files.clean_name(name)}: {fault}"}) from None
    _serialise()
    mine = Attachment.objects.filter(task=task, uploader=by)
    if same := mine.filter(digest=blobs.digest_of(content)).first():
        return same
    if mine.filter(correction=None).count() >= allowed.most:
        words = f"At most {allowed.most} files go with a judgement. Remove one first."
        raise Invalid(
            "There are too many files.",
            fields={"attachments": words if allowed.most else "This contract takes no files."},
        )
    return Attachment.objects.create(
        task=task,
        uploader=by,
        name=found.name,
        kind=found.kind,
        media_type=found.media_type,
        size=len(content),
        digest=blobs.store().put(content),
        tells=found.tells,
        uploaded_at=clock.now(),
    )


@transaction.atomic
def remove(*, task_id: UUID, attachment_id: UUID, by: User) -> None:
    """Take a file out of a person's draft; its content goes with the next sweep. Raises `Missing`, `NotAllowed`, `Conflict`."""
    _task(task_id, by)
    row = Attachment.objects.select_for_update().filter(pk=attachment_id, task_id=task_id, uploader=by).first()
    if row is None:
        raise Missing("This file does not exist.")
    if row.correction_id is not None:
        raise Conflict("This file belongs to what you submitted, and stays with it.", code="attachment_bound")
    row.delete()


def chosen(*, task_id: UUID, named: Sequence[str], by: User) -> tuple[list[Attachment], Mapping[str, str]]:
    """Return a person's files of a task by their ids, locked, and what is wrong with the ids by path."""
    mine = {str(row.pk): row for row in Attachment.objects.select_for_update().filter(task_id=task_id, uploader=by)}
    faults = {
        f"attachments[{at}]": "There is no such file of yours. Add it again."
        for at, one in enumerate(named)
        if one not in mine
    }
    return [mine[one] for one in dict.fromkeys(named) if one in mine], faults


def bind(*, rows: Sequence[Attachment], correction: Correction) -> None:
    """Make files part of a correction, for good. Inside the transaction that writes it."""
    Attachment.objects.filter(pk__in=[row.pk for row in rows]).update(correction=correction)


def carry(*, correction: Correction, task: Task) -> list[str]:
    """Give the files of a correction to its author's draft of another task too; return their ids there.

    The content is the same: only what names it is written again. Inside the transaction that opens the task.
    """
    _serialise()
    bound = Attachment.objects.filter(correction=correction).select_related("uploader").order_by("uploaded_at", "id")
    now = clock.now()
    copies = [_copy(row, task=task, uploader=row.uploader, now=now) for row in bound]
    return [str(row.pk) for row in Attachment.objects.bulk_create(copies)]


def hand(*, task: Task, giver: User, receiver: User) -> dict[str, str]:
    """Give the files of one person's draft of a task to another's; return the receiver's id of each by the giver's.

    The content is the same: only what names it is written again. Inside the transaction that hands the task over.
    """
    _serialise()
    theirs = {row.digest: str(row.pk) for row in Attachment.objects.filter(task=task, uploader=receiver)}
    given = {}
    for row in Attachment.objects.filter(task=task, uploader=giver, correction=None).order_by("uploaded_at", "id"):
        if row.digest not in theirs:
            copy = _copy(row, task=task, uploader=receiver, now=clock.now())
            copy.save(force_insert=True)
            theirs[row.digest] = str(copy.pk)
        given[str(row.pk)] = theirs[row.digest]
    return given


def sweep(*, now: datetime) -> tuple[int, int]:
    """Forget files that became part of nothing, and contents that no file names; return how many of each.

    A file of a draft goes once its task is closed, or `KEPT` after it was given. Runs twice without harm.
    """
    loose = Attachment.objects.filter(correction=None)
    with transaction.atomic():
        _serialise()
        due = loose.filter(uploaded_at__lt=now - KEPT) | loose.exclude(task__state=Task.State.OPEN)
        gone, _ = Attachment.objects.filter(pk__in=list(due.values_list("pk", flat=True)[:_AT_ONCE])).delete()
    forgotten, store = 0, blobs.store()
    for digest in store.older_than(_CONTENT_KEPT_SECONDS):
        with transaction.atomic():
            _serialise()
            if not Attachment.objects.filter(digest=digest).exists():
                store.remove(digest)
                forgotten += 1
    return gone, forgotten


def words_of(size: int) -> str:
    """Return a size in bytes as people read it."""
    return f"{size / 1024**2:.3g} MB" if size >= 1024**2 else f"{max(1, round(size / 1024))} kB"


def _task(task_id: UUID, by: User) -> Task:
    task = Task.objects.select_related("queue__agent").filter(pk=task_id).first()
    if task is None:
        raise Missing("This task does not exist.")
    rights.require_queue(by, task.queue)
    return task


def _copy(row: Attachment, *, task: Task, uploader: User, now: datetime) -> Attachment:
    return Attachment(
        task=task,
        uploader=uploader,
        name=row.name,
        kind=row.kind,
        media_type=row.media_type,
        size=row.size,
        digest=row.digest,
        tells=row.tells,
        uploaded_at=now,
    )


def _serialise() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
