"""Reading notices."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import Max

from reviewapp.core import statements
from reviewapp.core.accounts.models import User
from reviewapp.core.notices import topics
from reviewapp.core.notices.models import Choice, Message, Notice, Wish

MANY = 99
# Of one person; counted no further than anybody reads.
UNREAD = f"""
    SELECT count(*) FROM (SELECT 1 FROM notices_notice WHERE person_id = %s AND read_at IS NULL LIMIT {MANY + 1}) few
"""  # noqa: S608 - a constant


@dataclass(frozen=True, slots=True)
class Row:
    """One topic of the page of wishes: the mode chosen for each channel."""

    topic: topics.Topic
    modes: list[tuple[str, str, str]]


@dataclass(frozen=True, slots=True)
class Trouble:
    """What does not arrive over a channel, since when, and why."""

    channel: str
    count: int
    at: datetime
    why: str


def unread(user: Any) -> int:
    """Return how many of a person's notices are unread, counted up to one more than `MANY`."""
    ((count,),) = statements.run(UNREAD, [user.pk])
    return int(count)


def page(user: User, *, only_unread: bool, before: str, size: int) -> tuple[Sequence[Notice], bool]:
    """Return a person's notices, newest first, of which `before` is the last that was shown, and whether there are more."""
    found = Notice.objects.filter(person=user)
    if only_unread:
        found = found.filter(read_at__isnull=True)
    if before:
        found = found.filter(pk__lt=before)
    rows = list(found.order_by("-pk")[: size + 1])
    return rows[:size], len(rows) > size


def wish(user: User) -> Wish:
    """Return how a person wants to be told, or the defaults, not stored."""
    return Wish.objects.filter(person=user).first() or Wish(person=user)


def rows(user: User) -> list[Row]:
    """Return every topic with the mode of each channel."""
    chosen = {(one.topic, one.channel): one.mode for one in Choice.objects.filter(person=user)}
    return [
        Row(
            topic,
            [
                (channel, label, chosen.get((topic.code, channel), topic.default(channel)))
                for channel, label in topics.CHANNELS.items()
            ],
        )
        for topic in topics.TOPICS.values()
    ]


def troubles(user: User) -> list[Trouble]:
    """Return, per channel, what was given up since something last arrived over it."""
    found: list[Trouble] = []
    for channel, label in topics.CHANNELS.items():
        own = Message.objects.filter(person=user, channel=channel)
        arrived = own.filter(state=Message.State.SENT).aggregate(at=Max("closed_at"))["at"]
        lost = own.filter(state=Message.State.GIVEN_UP)
        if arrived is not None:
            lost = lost.filter(closed_at__gt=arrived)
        latest = lost.order_by("-closed_at").first()
        if latest is not None and latest.closed_at is not None:
            found.append(Trouble(label, lost.count(), latest.closed_at, latest.last_error))
    return found


def sends_email(user: User) -> bool:
    """Say whether e-mail can reach a person: the installation sends it, and they have an address."""
    return bool(settings.SENDS_EMAIL and user.email)
