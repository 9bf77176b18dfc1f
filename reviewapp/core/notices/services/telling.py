"""Telling people: one notice each, and a message for every channel they want it by."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction

from reviewapp.core import clock
from reviewapp.core.accounts.models import User
from reviewapp.core.notices import rules, topics
from reviewapp.core.notices.models import Choice, Message, Notice, Wish
from reviewapp.core.notices.rules import Wishes


@transaction.atomic
def tell(
    *, event_id: UUID, topic: str, people: Iterable[int], title: str, text: str = "", path: str, scope: str = ""
) -> int:
    """Tell these people (ids) of an event, once each however often this is called; return how many were new.

    `title` and `text` say what happened and name no value of a case: what a notice says stays readable after a right was
    taken away. `path` is the page where the rest is shown to those who still may see it. People who are no longer active
    are left out.
    """
    if topic not in topics.TOPICS:
        raise ValueError(f"there is no topic {topic!r}")
    wanted = set(people)
    active = User.objects.filter(pk__in=wanted, is_active=True)
    known = Notice.objects.filter(event_id=event_id, topic=topic, person_id__in=wanted)
    fresh = list(active.exclude(pk__in=known.values("person_id")).select_related("notice_wish").order_by("pk"))
    if not fresh:
        return 0
    now = clock.now()
    made = [
        Notice(person=one, event_id=event_id, topic=topic, title=title, text=text, path=path, scope=scope, told_at=now)
        for one in fresh
    ]
    Notice.objects.bulk_create(made)
    chosen = {
        (choice.person_id, choice.channel): choice.mode
        for choice in Choice.objects.filter(person__in=fresh, topic=topic)
    }
    messages: list[Message] = []
    for notice, one in zip(made, fresh, strict=True):
        for channel in _reached_by(one):
            mode = chosen.get((one.pk, channel), topics.TOPICS[topic].default(channel))
            if mode != topics.OFF:
                due = rules.due(mode, wishes_of(one), now=now)
                messages.append(Message(notice=notice, person=one, channel=channel, due_at=due))
    Message.objects.bulk_create(messages)
    return len(made)


@transaction.atomic
def settle(*, topic: str, path: str) -> int:
    """Put aside what told people that something waits, once it waits no more: read, and sent no further. Return how many."""
    open_ones = Notice.objects.filter(topic=topic, path=path, read_at__isnull=True)
    # What a sender holds at this moment goes out; the page behind the link says that it is settled.
    Message.objects.filter(notice__topic=topic, notice__path=path, state=Message.State.WAITING, attempts=0).delete()
    return open_ones.update(read_at=clock.now())


def wishes_of(person: User) -> Wishes:
    """Return how a person wants to be told; the defaults for one who has not said."""
    wish = getattr(person, "notice_wish", None) or Wish(person=person)
    quiet = (wish.quiet_from, wish.quiet_to) if wish.quiet_from is not None and wish.quiet_to is not None else None
    return Wishes(ZoneInfo(person.time_zone), wish.digest_at, quiet, wish.snoozed_until)


def held_until(person: User, *, now: datetime) -> datetime:
    """Return when a message that is due at `now` may go out, after a snooze or quiet hours that began since."""
    return rules.due(topics.NOW, wishes_of(person), now=now)


def _reached_by(person: User) -> list[str]:
    wish = getattr(person, "notice_wish", None)
    channels = [topics.EMAIL] if person.email and settings.SENDS_EMAIL else []
    return [*channels, topics.CHAT] if wish is not None and wish.chat_sealed else channels
