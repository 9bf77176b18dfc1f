"""A key that was good a moment ago is not asked for again, and still decides nothing once it is not good any more."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from agents.models import Decision
from reviewapp.core import clock
from reviewapp.core.accounts.models import ApiKey, ServiceAccount
from tests.factories import serving
from tests.factories.serving import GOOD_INPUT, World, world

pytestmark = pytest.mark.django_db


def post(made: World, body: Any, **headers: str) -> Any:
    """Ask for a decision."""
    sent = json.dumps(body)
    return Client().post(made.url, sent, "application/json", headers={**made.auth, **headers})


def revoke(key: ApiKey) -> None:
    """Revoke a key, past the service."""
    ApiKey.objects.filter(pk=key.pk).update(
        revoked_at=clock.now(), revoked_by=serving.person("ruth", "agent_developer")
    )


def expire(key: ApiKey) -> None:
    """Let a key have run out a second ago."""
    earlier = clock.now() - timedelta(seconds=1)
    ApiKey.objects.filter(pk=key.pk).update(created_at=earlier - timedelta(days=1), expires_at=earlier)


def disable(key: ApiKey) -> None:
    """Disable the program behind a key."""
    ServiceAccount.objects.filter(pk=key.service_id).update(
        disabled_at=clock.now(), disabled_by=serving.person("dora", "agent_developer")
    )


def remove(key: ApiKey) -> None:
    """Take the key's row away."""
    key.delete()


@pytest.mark.parametrize("fall", [revoke, expire, disable, remove])
@pytest.mark.parametrize(
    ("body", "headers"),
    [
        ({"input": GOOD_INPUT}, {}),
        ({"input": {}}, {}),
        ({"input": GOOD_INPUT}, {"Idempotency-Key": "first"}),
        ({"input": {**GOOD_INPUT, "amount": 1.0}}, {"Idempotency-Key": "first"}),
    ],
    ids=["new", "faulty", "repeat", "other-body"],
)
def test_decisions__key_falls_after_it_was_good__nothing_is_decided_or_told(
    fall: Callable[[ApiKey], None], body: Any, headers: dict[str, str]
) -> None:
    made = world()
    assert post(made, {"input": GOOD_INPUT}, **{"Idempotency-Key": "first"}).status_code == 201
    count = Decision.objects.count()

    fall(ApiKey.objects.get(service__agent_id=made.agent.pk))

    refused = post(made, body, **headers)
    assert refused.status_code == 401
    assert refused.json()["code"] in {"key_revoked", "key_expired", "key_unknown", "account_inactive"}
    assert Decision.objects.count() == count


def test_decisions__key_seen_before__is_not_asked_for_again() -> None:
    made = world()
    post(made, {"input": GOOD_INPUT})
    with CaptureQueriesContext(connection) as asked:
        assert post(made, {"input": GOOD_INPUT}).status_code == 201
    assert not [query for query in asked if "k.digest" in query["sql"]]


def test_decisions__wrong_secret_of_a_remembered_key__is_refused() -> None:
    made = world()
    post(made, {"input": GOOD_INPUT})
    last = "A" if made.key[-1] != "A" else "B"
    made.key = made.key[:-1] + last
    assert post(made, {"input": GOOD_INPUT}).status_code == 401


def test_decisions__remembered_for_a_minute__is_asked_for_again(monkeypatch: pytest.MonkeyPatch) -> None:
    made = world()
    post(made, {"input": GOOD_INPUT})
    later = clock.now() + timedelta(seconds=61)
    monkeypatch.setattr(clock, "now", lambda: later)
    with CaptureQueriesContext(connection) as asked:
        assert post(made, {"input": GOOD_INPUT}).status_code == 201
    assert [query for query in asked if "k.digest" in query["sql"]]
