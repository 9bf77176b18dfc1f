"""Decisions that are made at the same moment go in one statement, and each is recorded as if it were alone."""

import json
import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from agents.models import Decision, DecisionKey
from agents.services import decisions
from agents.serving import deciding
from reviewapp.core.accounts.models import ApiKey
from tests.factories import serving
from tests.factories.serving import GOOD_INPUT, UNSURE_INPUT, World

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def sizes(settings: Any, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Be the decide process; return how many rows went into each statement."""
    settings.ROOT_URLCONF = "reviewapp.urls_decide"
    seen: list[int] = []
    real = decisions._insert_all

    def counted(asked: Any) -> Any:
        seen.append(len(asked))
        return real(asked)

    monkeypatch.setattr(decisions._together, "_work", counted)
    monkeypatch.setattr(decisions._together, "_patience", 20)
    return seen


@pytest.fixture
def meet(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Return what lets so many decisions be judged before any is recorded."""
    real = deciding.judge

    def set_up(count: int) -> None:
        barrier = threading.Barrier(count)

        def judged(*args: Any, **members: Any) -> Any:
            barrier.wait(20)
            return real(*args, **members)

        monkeypatch.setattr(deciding, "judge", judged)

    return set_up


def post(world: World, body: Any, **headers: str) -> Any:
    return Client().post(world.url, json.dumps(body), "application/json", headers={**world.auth, **headers})


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    """Make the requests in threads of their own; return the answers."""
    told: list[Any] = [None] * len(calls)

    def run(at: int) -> None:
        try:
            told[at] = calls[at]()
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(at,)) for at in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert None not in told
    return told


def test_decisions__made_at_once__go_in_one_statement_and_each_is_answered(
    sizes: list[int], meet: Callable[[int], None]
) -> None:
    world = serving.world()
    assert post(world, {"input": GOOD_INPUT}).status_code == 201
    meet(4)
    sizes.clear()
    bodies = [{"input": {**GOOD_INPUT, "amount": 900.0 + at}, "case_ref": f"it's {at}"} for at in range(3)]
    told = at_once(
        *(lambda body=body: post(world, body) for body in bodies), lambda: post(world, {"input": UNSURE_INPUT})
    )
    assert [one.status_code for one in told] == [201] * 4
    assert sizes == [3], "the flagged one goes in a transaction of its own, with its event"
    for body, answer in zip(bodies, told, strict=False):
        row = Decision.objects.get(pk=answer.json()["id"])
        assert (row.case_ref, row.input["amount"]) == (body["case_ref"], body["input"]["amount"])  # type: ignore[index]
        assert (row.output, row.trace["source"]) == (answer.json()["output"], "model")


def test_decisions__made_at_once_under_the_same_key__are_one(sizes: list[int], meet: Callable[[int], None]) -> None:
    world = serving.world()
    post(world, {"input": GOOD_INPUT})
    meet(4)
    keys = ["b", "a", "b", ""]
    told = at_once(
        *(
            lambda key=key: post(world, {"input": GOOD_INPUT}, **({"Idempotency-Key": key} if key else {}))
            for key in keys
        )
    )
    assert sorted(one.status_code for one in told) == [200, 201, 201, 201]
    assert told[0].json()["id"] == told[2].json()["id"]
    assert sizes[-1] == 4
    assert Decision.objects.count() == 4
    assert {row.key: row.decision_id for row in DecisionKey.objects.all()} == {
        row.idempotency_key: row.pk for row in Decision.objects.exclude(idempotency_key=None)
    }


def test_decisions__made_at_once_and_one_key_has_fallen__that_one_alone_is_refused(
    sizes: list[int], meet: Callable[[int], None]
) -> None:
    good, fallen = serving.world(), serving.world(slug="other")
    for world in (good, fallen):
        assert post(world, {"input": GOOD_INPUT}).status_code == 201
    ApiKey.objects.filter(service__name="other program").delete()
    meet(2)
    told = at_once(lambda: post(good, {"input": GOOD_INPUT}), lambda: post(fallen, {"input": GOOD_INPUT}))
    assert [one.status_code for one in told] == [201, 401]
    assert sizes[-1] == 2
    assert Decision.objects.count() == 3


def test_decisions__made_at_once_and_the_statement_fails__each_is_recorded_alone(
    sizes: list[int], meet: Callable[[int], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    world = serving.world()
    post(world, {"input": GOOD_INPUT})
    monkeypatch.setattr(decisions, "_many", lambda count, *, taking: "SELECT 1 / 0")
    meet(3)
    told = at_once(*[lambda: post(world, {"input": GOOD_INPUT})] * 3)
    assert [one.status_code for one in told] == [201] * 3
    assert sizes[-1] == 3
    assert Decision.objects.count() == 4
