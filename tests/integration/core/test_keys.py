"""API keys: shown once, kept as a keyed hash, refused the moment they should be."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from reviewapp.core import clock
from reviewapp.core.accounts import keys, services
from reviewapp.core.accounts.models import ApiKey, ServiceAccount, User
from reviewapp.core.errors import Conflict, Invalid, Missing, Unauthenticated
from reviewapp.core.events.models import Event
from tests.factories import serving

pytestmark = pytest.mark.django_db


@pytest.fixture
def account():
    return services.create_service_account(name="Lending program", by=None)


@pytest.fixture
def key(account):
    return services.issue_key(name="test", scopes=["decide", "read"], service=account, by=None)


def _code(raw):
    with pytest.raises(Unauthenticated) as fault:
        keys.authenticate(raw, now=clock.now())
    return fault.value.code


def test_authenticate__service_key__holder_with_scopes_and_agent(key):
    row, raw = key

    holder = keys.authenticate(raw, now=clock.now())

    assert (holder.actor.kind, holder.actor.label) == ("service", "Lending program")
    assert (holder.key_id, holder.user_id, holder.agent_id) == (row.pk, None, None)
    assert holder.scopes == {"decide", "read"}


def test_authenticate__personal_key__speaks_for_the_person():
    user = serving.person("pat")

    holder = keys.authenticate(serving.personal_key(user, "review"), now=clock.now())

    assert (holder.user_id, holder.actor.kind, holder.actor.label) == (user.pk, "person", "Pat Test")


def test_issue__raw_key__is_nowhere_in_the_database(key):
    row, raw = key
    secret = raw.split("_", 2)[2]
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(k)::text FROM accounts_apikey k WHERE id = %s", [row.pk])
        stored = cursor.fetchone()[0]
        cursor.execute("SELECT string_agg(data::text, '') FROM events_event WHERE subject_type = 'key'")
        logged = cursor.fetchone()[0]

    assert secret not in stored + logged
    assert row.prefix in logged


@pytest.mark.parametrize("raw", ["", "nonsense", "cs_short_secret", "Bearer x", "cs_0123456789_" + "a" * 43])
def test_authenticate__unknown__same_answer(raw):
    assert _code(raw) == "key_unknown"


def test_authenticate__right_prefix_wrong_secret__same_answer(key):
    row, _ = key

    assert _code(f"cs_{row.prefix}_{'A' * 43}") == "key_unknown"


def test_authenticate__other_installation__hash_does_not_fit(key, settings):
    settings.KEY_PEPPER = "another pepper"

    assert _code(key[1]) == "key_unknown"


def test_authenticate__revoked__at_once(key):
    services.revoke_key(key_id=key[0].pk, by=serving.person("dev"))

    assert _code(key[1]) == "key_revoked"


def test_authenticate__expired__refused(account):
    soon = clock.now() + timedelta(minutes=1)
    _, raw = services.issue_key(name="short", scopes=["read"], service=account, expires_at=soon, by=None)

    keys.authenticate(raw, now=clock.now())
    with pytest.raises(Unauthenticated, match="expired"):
        keys.authenticate(raw, now=soon)


def test_authenticate__person_left__refused():
    user = serving.person("pat")
    raw = serving.personal_key(user, "review")
    User.objects.filter(pk=user.pk).update(is_active=False)

    assert _code(raw) == "account_inactive"


def test_authenticate__service_disabled__refused(key, account):
    ServiceAccount.objects.filter(pk=account.pk).update(disabled_at=clock.now(), disabled_by=serving.person("dev"))

    assert _code(key[1]) == "account_inactive"


def test_authenticate__often__last_use_is_written_rarely(key, django_assert_num_queries):
    row, raw = key
    now = clock.now()
    keys.authenticate(raw, now=now)

    with django_assert_num_queries(1):
        keys.authenticate(raw, now=now + timedelta(minutes=4))
    keys.authenticate(raw, now=now + timedelta(minutes=6))
    row.refresh_from_db()
    assert row.last_used_at == now + timedelta(minutes=6)


@pytest.mark.parametrize("header", ["", "Basic abc", "Bearer", "Bearer   "])
def test_bearer__no_key__says_how_to_send_one(header):
    with pytest.raises(Unauthenticated, match="Authorization: Bearer cs_"):
        keys.bearer(header)


@pytest.mark.parametrize("header", ["Bearer cs_x", "bearer cs_x", "Bearer  cs_x "])
def test_bearer__key__found(header):
    assert keys.bearer(header) == "cs_x"


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"name": " "}, "name"),
        ({"scopes": []}, "scopes"),
        ({"scopes": ["rule"]}, "scopes"),
        ({"expires_at": clock.now() - timedelta(days=1)}, "expires_at"),
    ],
)
def test_issue__incomplete__names_the_field(account, given, field):
    with pytest.raises(Invalid) as fault:
        services.issue_key(**{"name": "test", "scopes": ["read"], "service": account, "by": None, **given})

    assert field in fault.value.fields


def test_revoke__twice__one_event_and_first_revoker_stays(key):
    first, second = serving.person("dev"), serving.person("ops")

    services.revoke_key(key_id=key[0].pk, by=first)
    again = services.revoke_key(key_id=key[0].pk, by=second)

    assert again.revoked_by == first
    assert Event.objects.filter(type="key.revoked").count() == 1


def test_revoke__unknown__missing(key):
    with pytest.raises(Missing):
        services.revoke_key(key_id=Event().pk, by=serving.person("dev"))


def test_create_service_account__name_taken__conflict(account):
    with pytest.raises(Conflict):
        services.create_service_account(name="Lending program", by=None)


def test_create_user__name_taken__conflict():
    serving.person("pat")

    with pytest.raises(Conflict):
        serving.person("pat")


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ("revoked_at = now()", "key_revoked_pair"),
        ("service_id = NULL", "key_has_one_holder"),
        ("expires_at = created_at - interval '1 day'", "key_expires_later"),
    ],
)
def test_sql__impossible_key__database_refuses(key, change, constraint):
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE accounts_apikey SET {change}")  # noqa: S608 - ours


def test_keys__prefixes__differ():
    assert len({keys.generate()[1] for _ in range(100)}) == 100
    assert ApiKey._meta.get_field("prefix").unique
