"""The feature stream: taken in once, claimed when a turn died, refused aside with the reason; and the command."""

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from agents import tasks
from agents.models import FeatureValue
from agents.selectors import online
from agents.selectors.online import Place
from agents.services import feature_stream, ingestion, months
from agents.services import online as mirror
from reviewapp.core import clock
from tests.factories import serving
from tests.factories.features import row, send, view

pytestmark = pytest.mark.django_db


@pytest.fixture
def store(empty_store):
    """The empty store."""
    return empty_store


@pytest.fixture
def known(store):
    """A view without values."""
    return view(serving.world(slug="lending").agent)


def add(store: Any, **changes: Any) -> None:
    made = row()
    fields = {"view": "applicant", **made, "values": json.dumps(made["values"]), **changes}
    store.xadd(feature_stream.stream(), {name: value for name, value in fields.items() if value is not None})


def test_drain__entries__taken_in_and_gone(store, known):
    for number in range(3):
        add(store, entity=f"s-{number}")

    assert tasks.drain_features() == 3
    assert FeatureValue.objects.filter(ingested_by="system:feature-stream").count() == 3
    assert online.newest([Place("applicant", 1, "s-2")], timeout=2.0)[0] is not None
    assert store.xlen(feature_stream.stream()) == 0
    assert tasks.drain_features() == 0


def test_drain__bad_entries__aside_with_the_reason_and_the_others_taken(store, known):
    add(store, entity="good")
    add(store, values="{")
    add(store, values='{"height": 1}')
    add(store, entity=None)
    add(store, view="nobody")
    add(store, version="x")
    add(store, version="1", entity="also-good")

    done = feature_stream.drain()

    assert done == feature_stream.Drained(taken=2, refused=5)
    reasons = [fields[b"why"].decode() for _, fields in store.xrange(feature_stream.refusals())]
    for words in ("not JSON", "values.height", "no field entity", "no feature view nobody", "version: Give"):
        assert any(words in reason for reason in reasons)
    assert store.xlen(feature_stream.stream()) == 0


def test_drain__turn_that_died__a_later_one_claims_what_it_left(store, known, settings, monkeypatch):
    add(store)

    def dies(**_):
        raise RuntimeError("killed")

    with monkeypatch.context() as patch:
        patch.setattr(ingestion, "ingest", dies)
        with pytest.raises(RuntimeError):
            feature_stream.drain()
    assert feature_stream.drain() == feature_stream.Drained(0, 0)

    settings.FEATURE_CLAIM_SECONDS = 0
    assert feature_stream.drain() == feature_stream.Drained(1, 0)


def test_drain__committed_but_not_acknowledged__second_time_changes_nothing(store, known, settings, monkeypatch):
    add(store)
    with monkeypatch.context() as patch:
        patch.setattr(feature_stream, "_settle", lambda *_: (_ for _ in ()).throw(RuntimeError("killed")))
        with pytest.raises(RuntimeError):
            feature_stream.drain()
    settings.FEATURE_CLAIM_SECONDS = 0

    assert feature_stream.drain() == feature_stream.Drained(1, 0)
    assert FeatureValue.objects.count() == 1


def test_tasks__redis_away__nothing_raised(known, settings):
    settings.REDIS_URL = "unix:///nonexistent/valkey.sock?db=0"
    online.client.cache_clear()
    try:
        assert tasks.drain_features() == 0
        assert tasks.follow_features() == 0
        with pytest.raises(CommandError, match="does not answer"):
            call_command("rebuild_features")
    finally:
        online.client.cache_clear()


def test_rebuild_features__after_redis_lost_all__says_how_many(store, known, settings):
    send(known, row("a-1"), row("a-2"))
    for key in store.scan_iter(f"{settings.FEATURE_PREFIX}*"):
        store.delete(key)
    said = StringIO()

    call_command("rebuild_features", stdout=said)

    assert said.getvalue() == "2 values written\n"
    assert mirror.follow() == 0


def test_months_ahead__there_already__none_made(known):
    assert months.ahead(now=clock.now()) == 0
    assert tasks.months_ahead() == 0
