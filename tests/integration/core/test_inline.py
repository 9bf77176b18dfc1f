"""Events written by the statement that makes their change are the events that `record` writes."""

import pytest
from django.db import connection

from reviewapp.core import events, statements
from reviewapp.core.accounts import actors
from reviewapp.core.events import inline, registry, spine
from reviewapp.core.events.models import Event, OutboxEntry

pytestmark = pytest.mark.django_db

# A change that is made, and one that is not.
_CHANGE = "WITH made AS (SELECT 'a-b'::text AS slug, 7 AS seat WHERE %(made)s::bool), {told} SELECT seat FROM made"
_LATE = {"slug": "made.slug", '"seat"': "made.seat::text"}
_NASTY = events.Actor("person", "1", 'Ann "seat~" \x1f\\ Ö\n~slug~')


@pytest.fixture(autouse=True)
def _noted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_external", {*registry._external, "test.noted"})


def _told(*, made: bool = True) -> Event | None:
    values = inline.change_values("test.happened", subject=("thing", "1"), actor=_NASTY, scope="s", data={"n": 1})
    statements.run(_CHANGE.format(told=inline.with_change("made")), {**values, "made": made})
    return Event.objects.filter(pk=values["event_id"]).first()


def _told_late(*, made: bool = True) -> Event | None:
    late = inline.Late()
    values = inline.late_values(
        "test.noted",
        subject=("thing", late("slug")),
        actor=_NASTY,
        scope=late("slug"),
        data={"seat": late("seat"), "slug": late("slug"), "plain": "~slug~"},
        late=late,
    )
    statements.run(_CHANGE.format(told=inline.with_late_change("made", _LATE)), {**values, "made": made})
    return Event.objects.filter(pk=values["event_id"]).first()


def test_with_change__made__event_with_its_leaf_and_entry() -> None:
    event = _told()
    assert event is not None
    assert (event.subject_type, event.subject_id, event.scope, event.data) == ("thing", "1", "s", {"n": 1})
    assert event.actor_label == _NASTY.label
    assert bytes(event.leaf) == spine.leaf(event)
    assert OutboxEntry.objects.get(event=event).subject_key == "thing:1"


def test_with_late_change__made__is_filled_in_and_its_leaf_covers_it() -> None:
    event = _told_late()
    assert event is not None
    assert (event.subject_id, event.scope) == ("a-b", "a-b")
    assert event.data == {"seat": 7, "slug": "a-b", "plain": "~slug~"}
    assert event.actor_label == _NASTY.label
    assert bytes(event.leaf) == spine.leaf(event)
    assert not OutboxEntry.objects.filter(event=event).exists()


def test_change__not_made__tells_nothing() -> None:
    assert _told(made=False) is None
    assert _told_late(made=False) is None
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM events_outboxentry WHERE subject_key = 'thing:1'")
        assert cursor.fetchone() == (0,)


def test_late_values__type_that_somebody_hears__is_refused() -> None:
    with pytest.raises(RuntimeError, match="has subscribers"):
        inline.late_values(
            "test.happened", subject=("a", "b"), actor=actors.SYSTEM, scope="", data={}, late=inline.Late()
        )
