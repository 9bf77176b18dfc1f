"""Telling people: once each, by the channels they want, together, until it arrives."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import orjson
import pytest
from django.core import mail
from django.db import IntegrityError, connection, transaction
from django.test import override_settings

from reviewapp.core import clock, ids
from reviewapp.core.accounts.models import User
from reviewapp.core.errors import Conflict, Invalid, Missing
from reviewapp.core.notices import selectors
from reviewapp.core.notices.models import Choice, Message, Notice, Wish
from reviewapp.core.notices.services import reading, sending, telling, wishes
from tests.factories.receivers import Receiver
from tests.factories.serving import person

pytestmark = pytest.mark.django_db

ALL_DAY: dict[str, Any] = {"digest_at": "08:00", "quiet": ("", "")}


@pytest.fixture(autouse=True)
def _sends(settings: Any) -> None:
    settings.SENDS_EMAIL = True
    settings.WEB_ORIGIN = "https://countersign.example"


@pytest.fixture
def ann() -> User:
    user = person("ann")
    user.email = "ann@nordbank.example"
    user.save()
    return user


def tell(*people: User, topic: str = "escalation", event: UUID | None = None, title: str = "A case waits") -> UUID:
    event = event or ids.uuid7()
    telling.tell(event_id=event, topic=topic, people=[one.pk for one in people], title=title, path="/escalations/")
    return event


def send(after: timedelta = timedelta(0)) -> int:
    return sending.send_due(now=clock.now() + after)


def test_tell__handler_runs_twice__tells_once(ann):
    ben = person("ben")
    event = tell(ann)
    tell(ann, ben, event=event)
    assert [selectors.unread(one) for one in (ann, ben)] == [1, 1]
    assert Message.objects.filter(person=ann).count() == 1
    assert not Message.objects.filter(person=ben).exists()  # no address


def test_tell__account_closed__is_left_out(ann):
    User.objects.filter(pk=ann.pk).update(is_active=False)
    tell(ann)
    assert not Notice.objects.exists()


def test_tell__no_such_topic__is_a_fault(ann):
    with pytest.raises(ValueError, match="no topic"):
        tell(ann, topic="weather")


def test_email__one_notice__arrives_with_link_and_no_reply_wanted(ann):
    tell(ann)
    assert send() == 1
    (letter,) = mail.outbox
    assert letter.to == ["ann@nordbank.example"]
    assert letter.subject == "[Countersign] A case waits"
    assert "https://countersign.example/escalations/" in letter.body
    message = Message.objects.get()
    assert message.state == "sent"
    assert letter.extra_headers["Message-ID"] == f"<{message.pk}@countersign.example>"
    assert send() == 0


def test_email__several_soon_after_the_first__come_as_one(ann):
    tell(ann, title="First")
    send()
    tell(ann, title="Second")
    tell(ann, title="Third")
    assert send() == 0
    assert send(timedelta(minutes=6)) == 2
    assert mail.outbox[1].subject == "[Countersign] 2 notices"
    assert "Second" in mail.outbox[1].body
    assert "Third" in mail.outbox[1].body


def test_email__header_in_title__cannot_be_smuggled(ann):
    tell(ann, title="Waits\nBcc: everybody@example.com")
    assert send() == 0
    assert not mail.outbox
    assert "BadHeaderError" in Message.objects.get().last_error


def test_email__server_away__is_tried_again_and_given_up_in_the_end(ann):
    tell(ann)
    with override_settings(
        EMAIL_BACKEND="django.core.mail.backends.smtp.EmailBackend", EMAIL_HOST="127.0.0.1", EMAIL_PORT=1
    ):
        for _ in range(sending.ATTEMPTS):
            assert send(timedelta(hours=3)) == 0
            Message.objects.update(due_at=clock.now())
    message = Message.objects.get()
    assert (message.state, message.attempts) == ("given_up", sending.ATTEMPTS)
    (trouble,) = selectors.troubles(ann)
    assert "ConnectionRefusedError" in trouble.why
    tell(ann, topic="approval")
    assert send() == 1
    assert selectors.troubles(ann) == []


def test_send__sender_died_in_the_middle__another_sends_after_a_while(ann):
    tell(ann)
    now = clock.now()
    assert sending._take(ann.pk, "email", now) is not None
    assert sending.send_due(now=now) == 0
    assert sending.send_due(now=now + timedelta(minutes=2)) == 1


def test_choice__off_and_digest__are_kept_to(ann):
    wishes.save(choices={("escalation", "email"): "off", ("approval", "email"): "digest"}, **ALL_DAY, by=ann)
    tell(ann)
    tell(ann, topic="approval")
    message = Message.objects.get()
    assert message.notice.topic == "approval"
    assert message.due_at > clock.now()
    assert selectors.unread(ann) == 2


def test_choice__switched_off_later__takes_back_what_waits(ann):
    wishes.save(choices={("escalation", "email"): "digest"}, **ALL_DAY, by=ann)
    tell(ann)
    wishes.save(choices={("escalation", "email"): "off"}, **ALL_DAY, by=ann)
    assert not Message.objects.exists()
    wishes.save(choices={("escalation", "email"): "now"}, **ALL_DAY, by=ann)
    assert not Choice.objects.exists()  # the default needs no row


def test_snooze__begun_after_the_notice__holds_it_back_and_its_end_lets_go(ann):
    tell(ann)
    wishes.snooze(until=clock.now() + timedelta(hours=1), by=ann)
    assert send() == 0
    wishes.snooze(until=None, by=ann)
    assert send() == 1


@pytest.mark.parametrize("hours", [-1, 24 * 60])
def test_snooze__past_or_far_away__is_refused(ann, hours):
    with pytest.raises(Invalid) as fault:
        wishes.snooze(until=clock.now() + timedelta(hours=hours), by=ann)
    assert set(fault.value.fields) == {"until"}


@pytest.mark.parametrize(
    ("digest", "quiet", "field"),
    [
        ("", ("", ""), "digest_at"),
        ("25:00", ("", ""), "digest_at"),
        ("08:00", ("22:00", ""), "quiet_to"),
        ("08:00", ("", "07:00"), "quiet_from"),
        ("08:00", ("07:00", "07:00"), "quiet_to"),
        ("08:00", ("late", "07:00"), "quiet_from"),
    ],
)
def test_save__odd_times__name_the_field(ann, digest, quiet, field):
    with pytest.raises(Invalid) as fault:
        wishes.save(choices={}, digest_at=digest, quiet=quiet, by=ann)
    assert field in fault.value.fields


@pytest.mark.parametrize("cell", [("weather", "email"), ("escalation", "pigeon")])
def test_save__unknown_cell__is_refused(ann, cell):
    with pytest.raises(Invalid):
        wishes.save(choices={cell: "now"}, **ALL_DAY, by=ann)


def test_chat__connected__gets_slack_compatible_text_and_its_address_is_not_readable(ann, receiver: Receiver):
    wishes.enter_chat(url=receiver.url, by=ann)
    stored = Wish.objects.get(person=ann)
    assert "127.0.0.1" not in stored.chat_sealed
    assert stored.chat_host == "127.0.0.1"
    wishes.test_chat(by=ann)
    assert send() == 1
    path, headers, body = receiver.got[0]
    assert (path, headers["content-type"]) == ("/hook", "application/json")
    assert orjson.loads(body)["text"].startswith("This is a test")


def test_chat__receiver_refuses__is_told_with_its_status(ann, receiver: Receiver):
    receiver.status = 403
    wishes.enter_chat(url=receiver.url, by=ann)
    wishes.test_chat(by=ann)
    assert send() == 0
    assert "403" in Message.objects.get().last_error


def test_chat__private_address__is_refused_in_production(ann, settings):
    settings.WEBHOOK_ALLOW_PRIVATE = False
    for url in ("https://10.0.0.8/hook", "http://hooks.slack.com/x", "", "nonsense"):
        with pytest.raises(Invalid) as fault:
            wishes.enter_chat(url=url, by=ann)
        assert set(fault.value.fields) == {"chat_url"}


def test_chat__removed__forgets_what_waits(ann, receiver: Receiver):
    wishes.enter_chat(url=receiver.url, by=ann)
    tell(ann)
    wishes.remove_chat(by=ann)
    assert not Message.objects.filter(channel="chat").exists()
    with pytest.raises(Conflict):
        wishes.test_chat(by=ann)


def test_settle__what_waited_no_longer_waits__is_read_and_not_sent(ann):
    tell(ann)
    tell(ann, topic="approval")
    assert telling.settle(topic="escalation", path="/escalations/") == 1
    assert selectors.unread(ann) == 1
    assert Message.objects.get().notice.topic == "approval"


def test_read__of_somebody_else__does_not_exist(ann):
    tell(ann)
    with pytest.raises(Missing):
        reading.read(notice_id=Notice.objects.get().pk, by=person("ben"))


def test_read_all__notice_that_came_meanwhile__stays_unread(ann):
    tell(ann)
    shown = Notice.objects.get().pk
    tell(ann)
    assert reading.read_all(up_to=shown, by=ann) == 1
    assert selectors.unread(ann) == 1


def test_forget__read_long_ago__goes_and_unread_stays_longer(ann, settings):
    settings.NOTICE_KEEP_DAYS = 10
    tell(ann)
    tell(ann)
    reading.read(notice_id=Notice.objects.first().pk, by=ann)
    assert reading.forget(now=clock.now() + timedelta(days=9)) == 0
    assert reading.forget(now=clock.now() + timedelta(days=11)) == 1
    assert reading.forget(now=clock.now() + timedelta(days=21)) == 1
    assert not Message.objects.exists()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE notices_notice SET title = 'other'",
        "UPDATE notices_notice SET path = 'https://evil.example/'",
        "UPDATE notices_message SET person_id = person_id + 1",
        "UPDATE notices_message SET state = 'sent'",
    ],
)
def test_database__what_was_told__does_not_change(ann, statement):
    tell(ann)
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_database__message_that_was_sent__never_waits_again(ann):
    tell(ann)
    send()
    with pytest.raises(IntegrityError), transaction.atomic():
        Message.objects.update(state="waiting", closed_at=None)
