"""Taking in features: every row by itself, twice is once, the newest is online whatever the order."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.conf import settings
from django.db import IntegrityError, connection, transaction
from redis.exceptions import RedisError

from agents.models import FeatureValue
from agents.selectors import online
from agents.selectors.online import Place
from agents.services import features, ingestion
from agents.services import online as mirror
from reviewapp.core import clock
from reviewapp.core.accounts import actors
from reviewapp.core.errors import Conflict, Invalid, Missing, NotAllowed
from reviewapp.core.events.models import Event
from tests.factories import serving
from tests.factories.features import VIEW, row, send, view

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(empty_store):
    """An agent with a view, and an empty online store."""
    made = serving.world(slug="lending")
    return made, view(made.agent)


def empty(store):
    for key in store.scan_iter(f"{settings.FEATURE_PREFIX}*"):
        store.delete(key)


def newest(entity: str = "a-1", version: int = 1):
    return online.newest([Place("applicant", version, entity)], timeout=2.0)[0]


def test_ingest__good_rows__history_and_online(world):
    _, known = world
    done = send(known, row(income=1.5), row("a-2"))

    assert [result.status for result in done.results] == ["stored", "stored"]
    assert done.online
    assert FeatureValue.objects.count() == 2
    assert newest().values == {"income": 1.5}


def test_ingest__same_rows_again__repeat(world):
    _, known = world
    first = row()
    send(known, first)

    again = send(known, first, first, row("a-2"))

    assert [result.status for result in again.results] == ["repeat", "repeat", "stored"]
    assert FeatureValue.objects.count() == 2


def test_ingest__bad_rows__refused_by_path_and_the_others_stored(world):
    _, known = world
    done = send(
        known,
        {"entity": "", "event_time": "yesterday", "values": {"height": 1}},
        {"entity": "a-1", "event_time": "2026-01-01T00:00:00", "values": {"income": 1}},
        {"entity": "a-1", "event_time": "1999-01-01T00:00:00Z", "values": {"income": 1}},
        row(age=-600),
        "row",
        {**row(), "colour": "red"},
        row(),
    )

    assert [result.status for result in done.results] == ["refused"] * 6 + ["stored"]
    assert set(done.results[0].fields) == {"entity", "event_time", "values.height"}
    assert set(done.results[1].fields) == {"event_time"}
    assert "future" in done.results[3].fields["event_time"]
    assert set(done.results[5].fields) == {"colour"}


@pytest.mark.parametrize("rows", [None, [], {}, "rows"])
def test_ingest__no_rows__refused(world, rows):
    with pytest.raises(Invalid) as caught:
        ingestion.ingest(view=world[1], rows=rows, by=actors.SYSTEM)

    assert "rows" in caught.value.fields


def test_ingest__older_event_after_newer__online_keeps_the_newer(world):
    _, known = world
    send(known, row(age=10, income=2.0))
    send(known, row(age=500, income=1.0))

    assert newest().values == {"income": 2.0}
    assert FeatureValue.objects.count() == 2


def test_newest__same_entity_twice_and_an_unknown_one__each_place_answered_in_order(world):
    _, known = world
    send(known, row(income=1.5), row("a-2", income=2.5))
    places = [Place("applicant", 1, entity) for entity in ("a-1", "a-2", "a-1", "a-9")]

    found = online.newest(places, timeout=2.0)

    assert [one.values["income"] if one else None for one in found] == [1.5, 2.5, 1.5, None]


def test_newest__error_among_the_answers__raised_and_the_next_read_is_right(world):
    _, known = world
    send(known, row(income=1.5))
    online.client(2.0).set(online.key(Place("applicant", 1, "a-8")), "no hash")

    with pytest.raises(RedisError):
        online.newest([Place("applicant", 1, entity) for entity in ("a-8", "a-1")], timeout=2.0)

    assert newest().values["income"] == 1.5


def test_ingest__correction_of_the_same_moment__the_later_counts_and_a_retry_changes_nothing(world):
    _, known = world
    first = row(income=1.0)
    send(known, first)
    send(known, {**first, "values": {"income": 2.0}})
    send(known, first)

    assert newest().values == {"income": 2.0}


def test_ingest__redis_away__history_stored_and_online_follows_later(world, monkeypatch):
    _, known = world
    assert mirror.follow() == 0

    def gone(_):
        raise RedisError("away")

    with monkeypatch.context() as patch:
        patch.setattr(mirror, "push", gone)
        done = send(known, row(income=3.0))
    assert not done.online
    assert done.results[0].status == "stored"
    assert newest() is None

    assert mirror.follow() == 1
    assert newest().values == {"income": 3.0}


def test_follow__redis_emptied__everything_is_back(world, empty_store):
    _, known = world
    send(known, row(income=1.0, age=900), row(income=2.0), row("a-2"))
    mirror.follow()
    empty(empty_store)

    assert mirror.follow() == 2
    assert newest().values == {"income": 2.0}
    assert newest().event_time == FeatureValue.objects.filter(entity="a-1").order_by("-event_time")[0].event_time


def test_rebuild__one_view__leaves_the_others(world, empty_store):
    made, known = world
    other = features.put(agent=made.agent, body={**VIEW, "name": "household"}, by=actors.SYSTEM)
    send(known, row())
    send(other, row())
    empty(empty_store)

    assert mirror.rebuild(view="household") == 1
    assert newest() is None
    assert mirror.rebuild() == 1


def test_values__touched_with_raw_sql__database_refuses(world):
    send(world[1], row())
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SELECT tableoid::regclass::text FROM agents_featurevalue")
        part = cursor.fetchone()[0]

    assert part.startswith("agents_featurevalue_2")
    for statement in ("TRUNCATE {}", "DELETE FROM {}", "UPDATE {} SET entity = 'x'"):
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement.format(part))


def test_months__made_ahead__once(world):
    far = clock.now() + timedelta(days=400)
    with connection.cursor() as cursor:
        cursor.execute("SELECT agents_featurevalue_month(%s), agents_featurevalue_month(%s)", [far, far])
        assert cursor.fetchone() == (True, False)


def test_publish__changed_features__next_version_with_words(world):
    made, known = world
    second = view(made.agent, features=[{"name": "income", "type": "string"}])

    assert (known.version, second.version) == (1, 2)
    assert view(made.agent, features=[{"name": "income", "type": "string"}]).version == 2
    stored = made.agent.feature_views.get().versions.get(version=2)
    assert {"breaking": True, "text": "income is text instead of a number."} in stored.changes
    assert Event.objects.filter(type="feature_view.published").count() == 2


def test_publish__another_entity_or_agent__refused(world):
    made, _ = world
    with pytest.raises(Invalid, match="cannot be published"):
        view(made.agent, entity="household")
    with pytest.raises(Conflict, match="another agent"):
        view(serving.world(slug="other").agent)
    with pytest.raises(Invalid) as caught:
        view(made.agent, owner="")
    assert "owner" in caught.value.fields


def test_publish__by_a_person__needs_the_right_to_develop(world):
    made, _ = world
    reader, developer = (
        serving.person(name, role, agent=made.agent)
        for name, role in (("amina", "reviewer"), ("dora", "agent_developer"))
    )

    with pytest.raises(NotAllowed):
        features.publish(agent_id=made.agent.pk, body=VIEW, by=reader)
    assert features.publish(agent_id=made.agent.pk, body=VIEW, by=developer).version == 1
    with pytest.raises(Missing):
        features.publish(agent_id=uuid4(), body=VIEW, by=developer)
