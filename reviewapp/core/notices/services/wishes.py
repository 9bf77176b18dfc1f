"""How people want to be told."""

from collections.abc import Mapping
from datetime import datetime, time, timedelta

from django.db import transaction

from reviewapp.core import boxes, clock, events, ids, outgoing
from reviewapp.core.accounts import actors
from reviewapp.core.accounts.models import User
from reviewapp.core.errors import Conflict, Invalid
from reviewapp.core.notices import rules, topics
from reviewapp.core.notices.models import Choice, Message, Notice, Wish
from reviewapp.core.notices.services import telling

events.external("notice.chat_entered", "notice.chat_removed")

LABEL = "chat addresses"
_LONGEST_SNOOZE = timedelta(days=31)


@transaction.atomic
def save(*, choices: Mapping[tuple[str, str], str], digest_at: str, quiet: tuple[str, str], by: User) -> Wish:
    """Keep how a person wants to be told: a mode per (topic, channel), the digest's time, quiet hours ("HH:MM", or both empty).

    Raises `Invalid` naming each field: `mode.<topic>.<channel>`, `digest_at`, `quiet_from`, `quiet_to`.
    """
    faults: dict[str, str] = {}
    for (topic, channel), mode in choices.items():
        if topic not in topics.TOPICS or channel not in topics.CHANNELS or mode not in topics.MODES:
            faults[f"mode.{topic}.{channel}"] = "Choose one of the modes shown."
    times = {"digest_at": digest_at, "quiet_from": quiet[0], "quiet_to": quiet[1]}
    read = {name: _time(text, name, faults) for name, text in times.items()}
    if not digest_at:
        faults["digest_at"] = "Give a time of day such as 08:00."
    begins, ends = read["quiet_from"], read["quiet_to"]
    if bool(quiet[0]) != bool(quiet[1]):
        faults["quiet_to" if quiet[0] else "quiet_from"] = "Give both ends of the quiet hours, or neither."
    elif begins is not None and begins == ends:
        faults["quiet_to"] = "Quiet hours end at another time than they begin."
    if faults:
        raise Invalid("The wishes are not saved yet.", fields=faults)
    wish = _own(by)
    wish.digest_at = read["digest_at"] or time(8)
    wish.quiet_from, wish.quiet_to = begins, ends
    wish.save(update_fields=["digest_at", "quiet_from", "quiet_to"])
    Choice.objects.filter(person=by).delete()
    Choice.objects.bulk_create(
        Choice(person=by, topic=topic, channel=channel, mode=mode)
        for (topic, channel), mode in choices.items()
        if mode != topics.TOPICS[topic].default(channel)
    )
    _plan_anew(by)
    return wish


@transaction.atomic
def snooze(*, until: datetime | None, by: User) -> Wish:
    """Send nothing before `until`; None ends a snooze. Notices still arrive in the pages. Raises `Invalid` ("until")."""
    now = clock.now()
    if until is not None and not now < until <= now + _LONGEST_SNOOZE:
        raise Invalid("This is no snooze.", fields={"until": "Choose a time within the next month."})
    wish = _own(by)
    wish.snoozed_until = until
    wish.save(update_fields=["snoozed_until"])
    _plan_anew(by)
    return wish


@transaction.atomic
def enter_chat(*, url: str, by: User) -> Wish:
    """Keep the address of a chat's incoming webhook, encrypted. Raises `Invalid` ("chat_url")."""
    url = url.strip()
    if not url:
        raise Invalid("The address is missing.", fields={"chat_url": "Paste the address that your chat shows."})
    try:
        host = outgoing.check(url).hostname or ""
    except outgoing.Refused as fault:
        raise Invalid("The address cannot be used.", fields={"chat_url": str(fault)}) from None
    wish = _own(by)
    wish.chat_sealed, wish.chat_host = boxes.seal(url, label=LABEL), host[:255]
    wish.save(update_fields=["chat_sealed", "chat_host"])
    events.record("notice.chat_entered", subject=("user", str(by.pk)), actor=actors.of(by))
    return wish


@transaction.atomic
def remove_chat(*, by: User) -> Wish:
    """Forget the address of a chat, and what was on its way there; removing it again changes nothing."""
    wish = _own(by)
    if wish.chat_sealed:
        wish.chat_sealed = wish.chat_host = ""
        wish.save(update_fields=["chat_sealed", "chat_host"])
        Message.objects.filter(person=by, channel=topics.CHAT, state=Message.State.WAITING).delete()
        events.record("notice.chat_removed", subject=("user", str(by.pk)), actor=actors.of(by))
    return wish


@transaction.atomic
def test_chat(*, by: User) -> Message:
    """Send a message that says nothing to one's own chat, at once. Raises `Conflict` without an address."""
    wish = _own(by)
    if not wish.chat_sealed:
        raise Conflict("Enter the address of your chat first.", code="no_chat")
    now = clock.now()
    notice = Notice.objects.create(
        person=by,
        event_id=ids.uuid7(),
        topic="connection",
        title="This is a test",
        text="If you read this in your chat, notices arrive there too.",
        path="/notices/wishes/",
        told_at=now,
        read_at=now,
    )
    return Message.objects.create(notice=notice, person=by, channel=topics.CHAT, due_at=now)


def tomorrow(person: User) -> datetime:
    """Return the next time of the person's digest that is at least four hours away: "until tomorrow morning"."""
    wishes = telling.wishes_of(person)
    return rules.next_at(wishes.digest_at, wishes.zone, after=clock.now() + timedelta(hours=4))


def _own(by: User) -> Wish:
    Wish.objects.get_or_create(person=by)
    wish = Wish.objects.select_for_update().get(person=by)
    by.notice_wish = wish
    return wish


def _plan_anew(by: User) -> None:
    """Bring forward what a snooze held back that has ended, and what quiet hours held back that were changed."""
    waiting = Message.objects.filter(person=by, state=Message.State.WAITING, attempts=0).select_related("notice")
    chosen = {(one.topic, one.channel): one.mode for one in Choice.objects.filter(person=by)}
    wishes = telling.wishes_of(by)
    for message in waiting.select_for_update(of=("self",)):
        topic = topics.TOPICS[message.notice.topic]
        mode = chosen.get((topic.code, message.channel), topic.default(message.channel))
        if mode == topics.OFF:
            message.delete()
            continue
        message.due_at = rules.due(mode, wishes, now=message.notice.told_at)
        message.save(update_fields=["due_at"])


def _time(text: str, name: str, faults: dict[str, str]) -> time | None:
    if not text:
        return None
    try:
        return time.fromisoformat(text).replace(second=0, microsecond=0, tzinfo=None)
    except ValueError:
        faults[name] = "Give a time of day such as 08:00."
        return None
