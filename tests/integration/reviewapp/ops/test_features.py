"""What the doctor says of the feature store."""

from datetime import timedelta

import pytest
from django.db import connection

from agents.selectors import online
from agents.services import feature_stream
from agents.services import online as mirror
from reviewapp.core import clock
from reviewapp.ops.checks import features
from tests.factories import serving
from tests.factories.features import view

pytestmark = pytest.mark.django_db


@pytest.fixture
def store(settings):
    """An empty store."""
    found = online.client(settings.FEATURE_WRITE_SECONDS)
    for key in found.scan_iter(f"{settings.FEATURE_PREFIX}*"):
        found.delete(key)
    return found


def told() -> dict[str, tuple[bool, str]]:
    return {one.subject: (one.ok, one.detail + one.mend) for one in features.store()}


def test_store__nothing_there__well(store):
    assert {ok for ok, _ in told().values()} == {True}
    assert told()["online"] == (True, "no views yet")


def test_store__followed__well_and_never_followed__fault(store):
    view(serving.world().agent)
    assert told()["online"][0] is False
    assert "never" in told()["online"][1]

    mirror.follow()

    assert told()["online"][0] is True


def test_store__long_behind_or_refused__fault_with_the_mend(store, settings):
    view(serving.world().agent)
    store.set(f"{settings.FEATURE_PREFIX}through", (clock.now() - timedelta(hours=1)).isoformat())
    store.xadd(feature_stream.refusals(), {"why": "because"})

    assert "3600 s ago" in told()["online"][1]
    assert told()["stream"][0] is False
    assert "XRANGE" in told()["stream"][1]


def test_store__stream_piles_up__fault(store, monkeypatch):
    monkeypatch.setattr(features, "WAITING_MAX", 0)
    store.xadd(feature_stream.stream(), {"view": "applicant"})

    assert told()["stream"] == (False, "1 entries waitStart beat and a worker, or send less.")
    store.delete(feature_stream.stream())


def test_store__redis_away__others_say_so(settings):
    settings.REDIS_URL = "unix:///nonexistent/valkey.sock?db=0"
    online.client.cache_clear()
    try:
        assert features.store() == []
    finally:
        online.client.cache_clear()


@pytest.mark.parametrize("table", ["agents_featurevalue", "agents_decision"])
def test_store__next_months_partition_missing__fault_with_the_mend(store, table):
    coming = (clock.now().replace(day=1) + timedelta(days=32)).strftime("%Y%m")
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {table} DETACH PARTITION {table}_{coming}")
        cursor.execute(f"ALTER TABLE {table}_{coming} RENAME TO {table}_elsewhere")

    fine, words = told()["history"]

    assert not fine
    assert words.endswith("Start beat and a worker: they make it.")
