"""What a process serves: followed within a second, kept when a policy is broken or the database is away."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import OperationalError, connection

from agents.runtime.artifact import ArtifactError
from agents.selectors import live as selector
from agents.selectors import trust
from agents.services import slots as service
from agents.serving.slots import Cache, Watcher
from reviewapp.core.accounts import actors
from tests.factories import serving


def version(cache: Cache, slug: str = "lending") -> int | None:
    live = cache.get(slug)
    return live.stable.version if live and live.stable else None


def switch(world: serving.World, number: int) -> None:
    service.switch(agent_id=world.agent.pk, stable=(world.artifact.pk, number), by=actors.SYSTEM)


@pytest.mark.django_db
def test_get__unknown_agent__is_none() -> None:
    assert Cache().get("nobody") is None


@pytest.mark.django_db
def test_get__without_a_watcher__looks_each_time() -> None:
    world, cache = serving.world(), Cache()
    assert version(cache) == 1
    switch(world, 2)
    assert version(cache) == 2


@pytest.mark.django_db
def test_get__confirmed_lately__asks_nobody(django_assert_num_queries: Any) -> None:
    serving.world()
    cache = Cache()
    cache.get("lending")
    cache.refresh()
    with django_assert_num_queries(0):
        assert version(cache) == 1


@pytest.mark.django_db
def test_refresh__follows_every_slot_in_one_query_when_nothing_moved(django_assert_num_queries: Any) -> None:
    for slug in ("lending", "other", "third"):
        serving.world(slug=slug)
    cache = Cache()
    for slug in ("lending", "other", "third"):
        cache.get(slug)
    with django_assert_num_queries(1):
        cache.refresh()


@pytest.mark.django_db
def test_get__damaged_policy__keeps_the_last_good_one(monkeypatch: pytest.MonkeyPatch, caplog: Any) -> None:
    world, cache = serving.world(), Cache()
    assert version(cache) == 1

    def damaged(digest: str, agent: str) -> None:
        raise ArtifactError(f"the bytes do not match the digest {digest}")

    switch(world, 2)
    monkeypatch.setattr(trust, "policy", damaged)
    assert version(cache) == 1
    cache.refresh()
    cache.refresh()
    assert len([record for record in caplog.records if record.levelname == "ERROR"]) == 1
    monkeypatch.undo()
    switch(world, 3)
    cache.refresh()
    assert version(cache) == 3


@pytest.mark.django_db
def test_get__damaged_policy_and_no_good_one__serves_nothing_and_says_so_once(
    monkeypatch: pytest.MonkeyPatch, caplog: Any
) -> None:
    world, cache = serving.world(), Cache()

    def damaged(digest: str, agent: str) -> None:
        raise ArtifactError("damaged")

    monkeypatch.setattr(trust, "policy", damaged)
    for _ in range(3):
        live = cache.get("lending")
        assert live is not None
        assert (live.stable, live.fault, live.contract is not None) == (None, "damaged", True)
    assert len([record for record in caplog.records if record.levelname == "ERROR"]) == 1
    assert cache.faults() == {"lending": "damaged"}
    monkeypatch.undo()
    switch(world, 2)
    assert version(cache) == 2
    assert cache.faults() == {}


@pytest.mark.django_db
def test_follow__slow_load_of_an_older_serial__does_not_win(monkeypatch: pytest.MonkeyPatch) -> None:
    world, cache = serving.world(), Cache()
    older = selector.load("lending")
    switch(world, 2)
    assert version(cache) == 2
    monkeypatch.setattr(selector, "load", lambda slug, present: older)
    cache._follow("lending", (world.agent.pk, 99, 1))
    cache.refresh()
    assert cache._entries["lending"].serial == 2


@pytest.fixture
def watched() -> Iterator[tuple[Cache, Watcher]]:
    cache = Cache()
    watcher = Watcher(cache)
    yield cache, watcher
    watcher.stop()


def seconds_until(condition: Callable[[], bool], limit: float = 5.0) -> float:
    began = time.monotonic()
    while not condition():
        assert time.monotonic() - began < limit
        time.sleep(0.005)
    return time.monotonic() - began


def served(cache: Cache) -> int | None:
    """What the cache holds, without the look a request would take itself."""
    entry = cache._entries.get("lending")
    return entry.stable.version if entry and entry.stable else None


@pytest.mark.django_db(transaction=True)
def test_watcher__switched_slot__reaches_the_process_at_commit(watched: tuple[Cache, Watcher]) -> None:
    cache, watcher = watched
    world = serving.world()
    cache.get("lending")
    watcher.ensure()
    watcher.ensure()
    seconds_until(lambda: cache._confirmed > 0)
    switch(world, 2)
    assert seconds_until(lambda: served(cache) == 2) < 0.3


@pytest.mark.django_db(transaction=True)
def test_watcher__notice_lost__is_found_by_the_poll_within_a_second(
    watched: tuple[Cache, Watcher], monkeypatch: pytest.MonkeyPatch
) -> None:
    cache, watcher = watched
    world = serving.world()
    cache.get("lending")
    watcher.ensure()
    seconds_until(lambda: cache._confirmed > 0)
    monkeypatch.setattr(service, "_notify", lambda slot: None)
    switch(world, 7)
    assert seconds_until(lambda: served(cache) == 7) < 1.0


@pytest.mark.django_db(transaction=True)
def test_watcher__connection_cut__comes_back_and_keeps_what_it_had(watched: tuple[Cache, Watcher]) -> None:
    cache, watcher = watched
    world = serving.world()
    cache.get("lending")
    watcher.ensure()
    seconds_until(lambda: cache._confirmed > 0)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%' OR pid IN (SELECT pid FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = current_database())"
        )
    assert served(cache) == 1
    switch(world, 2)
    assert seconds_until(lambda: served(cache) == 2) < 2.0


@pytest.mark.django_db
def test_get__watcher_silent_and_database_away__tells_and_keeps(monkeypatch: pytest.MonkeyPatch) -> None:
    serving.world()
    cache = Cache()
    assert version(cache) == 1

    def away(slug: str) -> None:
        raise OperationalError("gone")

    monkeypatch.setattr(selector, "stamp", away)
    with pytest.raises(OperationalError):
        cache.get("lending")
    assert served(cache) == 1
