"""Sending what is due: together per person and channel, never more than a few an hour, until it arrives.

At least once: whoever sends takes the messages for a minute first, so a sender that dies only delays them. An e-mail's
Message-ID comes from its first message's id, so that mail programs can tell a repeat.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import orjson
from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction

from reviewapp.core import boxes, clock, outgoing
from reviewapp.core.accounts.models import User
from reviewapp.core.errors import Unavailable
from reviewapp.core.notices import topics
from reviewapp.core.notices.models import Message
from reviewapp.core.notices.services import telling
from reviewapp.core.notices.services.wishes import LABEL

log = logging.getLogger(__name__)

ATTEMPTS = 8
_HELD = timedelta(seconds=90)
# What comes within this time of the last message to the same person waits, and goes out as one: nobody is flooded.
GAP = timedelta(minutes=5)
_AT_ONCE, _LISTED = 20, 50


@dataclass(frozen=True, slots=True)
class _Parcel:
    """Messages that go to one person over one channel as one, and how far that came."""

    person: User
    channel: str
    messages: Sequence[Message]


def send_due(*, now: datetime) -> int:
    """Send what is due at `now`, for some people at most; return how many messages arrived."""
    waiting = Message.objects.filter(state=Message.State.WAITING, due_at__lte=now)
    pairs = list(waiting.order_by("person_id", "channel").distinct("person_id", "channel")[:_AT_ONCE])
    arrived = 0
    for one in pairs:
        parcel = _take(one.person_id, one.channel, now)
        if parcel is not None:
            fault = _send(parcel)
            _settle(parcel, fault)
            arrived += 0 if fault else len(parcel.messages)
    return arrived


@transaction.atomic
def _take(person_id: int, channel: str, now: datetime) -> _Parcel | None:
    """Take a person's due messages for a while, or put them off: for a snooze, quiet hours, or the gap between two."""
    due = Message.objects.filter(person_id=person_id, channel=channel, state=Message.State.WAITING, due_at__lte=now)
    rows = list(due.select_for_update(of=("self",), skip_locked=True).select_related("notice").order_by("notice_id"))
    if not rows:
        return None
    person = User.objects.select_related("notice_wish").get(pk=person_id)
    last = Message.objects.filter(person_id=person_id, channel=channel, state=Message.State.SENT)
    latest = last.order_by("-closed_at").values_list("closed_at", flat=True).first()
    until = telling.held_until(person, now=now)
    tried_before = any(row.attempts for row in rows)
    if latest is not None and latest + GAP > until and not tried_before:
        until = latest + GAP
    if until > now:
        Message.objects.filter(pk__in=[row.pk for row in rows]).update(due_at=until)
        return None
    for row in rows:
        row.attempts += 1
        row.due_at = now + _HELD
    Message.objects.bulk_update(rows, ["attempts", "due_at"])
    return _Parcel(person, channel, rows)


def _send(parcel: _Parcel) -> str:
    """Send a parcel and return why it did not arrive, or nothing."""
    if not parcel.person.is_active:
        return "The account is no longer active."
    return _mail(parcel) if parcel.channel == topics.EMAIL else _chat(parcel)


def _mail(parcel: _Parcel) -> str:
    if not (parcel.person.email and settings.SENDS_EMAIL):
        return "There is no e-mail address to send to."
    first = parcel.messages[0]
    host = settings.WEB_ORIGIN.partition("://")[2].partition(":")[0]
    mail = EmailMessage(
        subject=_subject(parcel),
        body=_text(parcel),
        to=[parcel.person.email],
        headers={
            "Message-ID": f"<{first.pk}@{host}>",
            # RFC 3834: no answering machine should reply.
            "Auto-Submitted": "auto-generated",
        },
    )
    try:
        mail.send()
    # Connections, names, certificates and refusals are all OSError; an address or subject that cannot be written is ValueError.
    except (OSError, ValueError) as fault:
        log.warning("a notice could not be mailed: %s", type(fault).__name__)
        return f"{type(fault).__name__}: {fault}"[:300]
    return ""


def _chat(parcel: _Parcel) -> str:
    wish = getattr(parcel.person, "notice_wish", None)
    if wish is None or not wish.chat_sealed:
        return "There is no chat to write to."
    try:
        url = boxes.unseal(wish.chat_sealed, label=LABEL)
    except Unavailable as fault:
        return str(fault)
    # What Slack's incoming webhooks take; Mattermost, Rocket.Chat, Discord (/slack) and Google Chat take the same.
    body = orjson.dumps({"text": _text(parcel)})
    outcome = outgoing.post(url, headers={"content-type": "application/json"}, body=body)
    return "" if outcome.good else (outcome.error or f"It answered {outcome.status}.")[:300]


@transaction.atomic
def _settle(parcel: _Parcel, fault: str) -> None:
    now = clock.now()
    mine: list[UUID] = [row.pk for row in parcel.messages]
    for row in Message.objects.select_for_update().filter(pk__in=mine, state=Message.State.WAITING):
        row.last_error = fault
        if not fault:
            row.state, row.closed_at = Message.State.SENT, now
        elif row.attempts >= ATTEMPTS:
            row.state, row.closed_at = Message.State.GIVEN_UP, now
        else:
            # One minute, then twice as long each time: two hours in all.
            row.due_at = now + timedelta(minutes=2 ** (row.attempts - 1))
        row.save(update_fields=["state", "closed_at", "due_at", "last_error"])


def _subject(parcel: _Parcel) -> str:
    count = len(parcel.messages)
    title = parcel.messages[0].notice.title if count == 1 else f"{count} notices"
    return f"[Countersign] {title}"


def _text(parcel: _Parcel) -> str:
    lines: list[str] = []
    for message in parcel.messages[:_LISTED]:
        notice = message.notice
        lines += [notice.title, *([notice.text] if notice.text else []), f"{settings.WEB_ORIGIN}{notice.path}", ""]
    if (more := len(parcel.messages) - _LISTED) > 0:
        lines += [f"and {more} more: {settings.WEB_ORIGIN}/notices/", ""]
    lines.append(f"How you are told: {settings.WEB_ORIGIN}/notices/wishes/")
    return "\n".join(lines)
