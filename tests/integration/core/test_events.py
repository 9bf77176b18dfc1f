"""The event spine: written with the change, handed on at least once, in order, never by two at a time."""

import hashlib
import threading
from collections import Counter
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from reviewapp.core import clock, events, ids, wake
from reviewapp.core.accounts import actors
from reviewapp.core.breaker import Breaker
from reviewapp.core.events import registry, relay, selectors, spine
from reviewapp.core.events.models import Event, OutboxEntry
from reviewapp.core.events.tasks import relay_events

pytestmark = pytest.mark.django_db


@pytest.fixture
def listen(monkeypatch):
    """Subscribe handlers to a type for one test; nobody else hears it, and earlier events are out of the way."""
    OutboxEntry.objects.all().delete()

    def to(kind, *handlers):
        named = {f"{at}.{handler}": handler for at, handler in enumerate(handlers)}
        monkeypatch.setitem(registry._handlers, kind, named)

    return to


def _record(kind="test.happened", subject="1", **data):
    with transaction.atomic():
        return events.record(kind, subject=("thing", subject), actor=actors.SYSTEM, scope="lending", data=data)


def _drain(now=None):
    handed = 0
    while relay.relay_one(now or clock.now()):
        handed += 1
    return handed


@pytest.mark.django_db(transaction=True)
def test_record__outside_a_transaction__refused():
    with pytest.raises(RuntimeError, match=r"inside transaction\.atomic"):
        events.record("test.happened", subject=("thing", "1"), actor=actors.SYSTEM)

    assert not Event.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_record__transaction_rolled_back__neither_event_nor_outbox():
    with transaction.atomic():
        events.record("test.happened", subject=("thing", "1"), actor=actors.SYSTEM)
        transaction.set_rollback(True)

    assert not Event.objects.exists()
    assert not OutboxEntry.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_record__several_in_one_transaction__relay_is_woken_once(monkeypatch):
    woken = []
    monkeypatch.setattr(wake, "_waker", [lambda: woken.append(1)])

    with transaction.atomic():
        with transaction.atomic():
            events.record("test.happened", subject=("thing", "1"), actor=actors.SYSTEM)
        events.record("test.happened", subject=("thing", "2"), actor=actors.SYSTEM)
    assert woken == [1]

    with transaction.atomic():
        events.record("test.happened", subject=("thing", "3"), actor=actors.SYSTEM)
    assert woken == [1, 1]


@pytest.mark.django_db(transaction=True)
def test_record__committed__relay_is_woken_and_its_fault_harms_nothing(monkeypatch):
    woken = []

    def broken():
        woken.append(1)
        raise ConnectionError("broker is down")

    monkeypatch.setattr(wake, "_waker", [broken])
    _record()

    assert woken == [1]
    assert OutboxEntry.objects.count() == 1


@pytest.mark.parametrize(
    ("actor", "kind", "constraint"),
    [
        (spine.Actor("person", "", "Nobody"), "test.happened", "event_has_actor"),
        (spine.Actor("ghost", "1", "Ghost"), "test.happened", "event_actor_kind"),
        (actors.SYSTEM, "Happened", "event_type_form"),
    ],
)
def test_record__nobody_or_a_made_up_form__database_refuses(actor, kind, constraint):
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        events.record(kind, subject=("thing", "1"), actor=actor)


def test_record__leaf__binds_every_member():
    event = _record(count=1)
    event.refresh_from_db()
    content = {
        "id": str(event.id),
        "type": "test.happened",
        "actor": ["system", "countersign", "Countersign"],
        "subject": ["thing", "1"],
        "scope": "lending",
        "data": {"count": 1},
        "trace": "",
        "at": event.recorded_at.isoformat(),
    }

    assert bytes(event.leaf) == hashlib.sha256(b"\x00" + ids.canonical(content)).digest()
    assert spine.leaf(event) == bytes(event.leaf)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE events_event SET actor_label = 'Someone else'",
        "UPDATE events_event SET data = '{}'",
        "DELETE FROM events_event",
        "TRUNCATE events_event CASCADE",
    ],
)
def test_sql__log_changed__database_refuses(statement):
    _record()
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")

    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_relay__events_of_one_subject__handled_in_order_once(listen):
    seen = []
    listen("test.happened", lambda event: seen.append(event.data["at"]))
    for at in range(5):
        _record(at=at)

    assert _drain() == 5
    assert seen == [0, 1, 2, 3, 4]
    assert not OutboxEntry.objects.exists()


def test_relay__nobody_listens__entry_goes_and_the_event_stays(listen):
    event = _record()

    assert _drain() == 1
    assert Event.objects.filter(pk=event.pk).exists()


def test_relay__handler_fails__its_work_is_undone_and_it_comes_again_later(listen):
    calls = []

    def fails_once(event):
        Event.objects.filter(pk=event.pk).count()
        _record("test.written", subject="from handler")
        calls.append(1)
        if len(calls) == 1:
            raise ValueError("not yet")

    listen("test.happened", fails_once)
    _record()
    now = clock.now()

    relay.relay_one(now)
    entry = OutboxEntry.objects.get()
    assert (entry.attempts, entry.parked_at) == (1, None)
    assert "ValueError: not yet" in entry.last_error
    assert not Event.objects.filter(type="test.written").exists()
    assert not relay.relay_one(now)

    assert relay.relay_one(now + timedelta(seconds=1))
    assert len(calls) == 2
    assert Event.objects.filter(type="test.written").count() == 1


def test_relay__one_of_two_handlers_fails__the_other_is_not_called_again(listen):
    calls = Counter()

    def steady(event):
        calls["steady"] += 1

    def shaky(event):
        calls["shaky"] += 1
        if calls["shaky"] < 3:
            raise ValueError("again")

    listen("test.happened", steady, shaky)
    _record()
    for seconds in (0, 2, 6):
        relay.relay_one(clock.now() + timedelta(seconds=seconds))

    assert calls == {"steady": 1, "shaky": 3}
    assert not OutboxEntry.objects.exists()


def test_relay__waits__double_up_to_a_bound(listen, settings):
    def fails(event):
        raise ValueError("always")

    listen("test.happened", fails)
    _record()
    now, waits = clock.now(), []
    for _ in range(settings.EVENT_MAX_ATTEMPTS - 1):
        relay.relay_one(now)
        entry = OutboxEntry.objects.get()
        waits.append((entry.next_attempt_at - now).total_seconds())
        now = entry.next_attempt_at

    assert waits == [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 512]


def test_relay__fails_for_good__parked_and_its_subject_waits_behind_it(listen, settings):
    settings.EVENT_MAX_ATTEMPTS = 2
    seen = []

    def fails(event):
        if event.data.get("bad"):
            raise ValueError("broken")
        seen.append((event.subject_id, event.data["at"]))

    listen("test.happened", fails)
    _record(subject="1", bad=True)
    _record(subject="1", at=1)
    _record(subject="2", at=2)
    later = clock.now() + timedelta(hours=1)
    _drain(later)
    _drain(later + timedelta(hours=1))

    assert seen == [("2", 2)]
    assert relay.backlog() == {"waiting": 1, "parked": 1}
    found = selectors.outbox(now=clock.now())
    assert (found.waiting, found.parked) == (1, 1)
    assert "broken" in found.last_error


def test_replay_parked__cause_mended__everything_follows_in_order(listen, settings):
    settings.EVENT_MAX_ATTEMPTS = 1
    seen, broken = [], [True]

    def fails(event):
        if broken[0]:
            raise ValueError("broken")
        seen.append(event.data["at"])

    listen("test.happened", fails)
    for at in range(2):
        _record(at=at)
    _drain()
    broken[0] = False

    assert relay.replay_parked(now=clock.now()) == 1
    _drain()
    assert seen == [0, 1]


def test_relay_events__task__hands_on_what_is_due(listen):
    for at in range(3):
        _record(subject=str(at))

    assert relay_events.run() == 3


@pytest.mark.django_db(transaction=True)
def test_relay__two_at_once__no_entry_runs_twice_and_subjects_keep_their_order(listen):
    lock, seen = threading.Lock(), []

    def handler(event):
        with lock:
            seen.append((event.subject_id, event.data["at"]))

    listen("test.happened", handler)
    for at in range(12):
        for subject in ("a", "b", "c"):
            _record(subject=subject, at=at)

    def work():
        try:
            # A relay that finds every subject busy stops; the sweep would come back, so this one does.
            while OutboxEntry.objects.exists():
                relay.relay_one(clock.now())
        finally:
            connection.close()

    workers = [threading.Thread(target=work) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    assert max(Counter(seen).values()) == 1
    assert len(seen) == 36
    for subject in ("a", "b", "c"):
        assert [at for who, at in seen if who == subject] == list(range(12))


@pytest.mark.django_db(transaction=True)
def test_relay__worker_dies_in_the_middle__entry_is_there_for_the_next(listen):
    def dies(event):
        raise KeyboardInterrupt

    listen("test.happened", dies)
    _record()

    with pytest.raises(KeyboardInterrupt):
        relay.relay_one(clock.now())

    entry = OutboxEntry.objects.get()
    assert (entry.attempts, entry.done) == (0, [])


def test_selectors__by_subject_and_by_agent__oldest_and_newest_first():
    first, second = _record(subject="s1"), _record(subject="s2")

    assert [row.id for row in selectors.of_subjects([("thing", "s1"), ("thing", "s2")])] == [first.pk, second.pk]
    assert [row.id for row in selectors.latest(scope="lending", limit=1)] == [second.pk]
    assert selectors.latest(scope="lending", types=["test.other"]) == []
    assert selectors.of_subjects([]) == []


@pytest.mark.django_db(transaction=True)
def test_record__broker_fails_again_and_again__is_left_alone_for_a_while(monkeypatch):
    woken = []

    def broken():
        woken.append(1)
        raise ConnectionError("broker is down")

    monkeypatch.setattr(wake, "_breaker", Breaker())
    monkeypatch.setattr(wake, "_waker", [broken])
    for _ in range(6):
        _record()

    assert len(woken) == 1
    assert OutboxEntry.objects.count() == 6
