"""Four eyes: what the service says kindly, PostgreSQL says without exception."""

import threading

import pytest
from django.db import IntegrityError, connection, transaction

from reviewapp.core import ids
from reviewapp.core.accounts.models import User
from reviewapp.core.approvals import selectors, services
from reviewapp.core.errors import Conflict, DomainError, Invalid, Missing, NotAllowed
from reviewapp.core.events.models import Event
from tests.factories import serving

pytestmark = pytest.mark.django_db
BINDING = "sha256:" + "a" * 64


@pytest.fixture
def ann():
    return serving.person("ann")


@pytest.fixture
def bob():
    return serving.person("bob")


@pytest.fixture
def asked(ann):
    return services.request(kind="test", subject=("thing", "1"), scope="lending", binding=BINDING, by=ann)


def _sql(statement: str, *values: object) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(statement, values)


def test_sql__author_decides_on_their_own__database_refuses(asked, ann):
    with pytest.raises(IntegrityError, match="approval_four_eyes"):
        _sql(
            "UPDATE approvals_approvalrequest SET state = 'approved', decided_by_id = requested_by_id, decided_at = now() "
            "WHERE id = %s",
            asked.pk,
        )


def test_sql__row_written_as_already_approved_by_its_author__database_refuses(ann):
    with pytest.raises(IntegrityError, match="approval_four_eyes"):
        _sql(
            "INSERT INTO approvals_approvalrequest (id, kind, subject_type, subject_id, scope, binding, state, "
            "requested_at, requested_by_id, decided_at, decided_by_id, rationale) VALUES "
            "(gen_random_uuid(), 'test', 'thing', '2', '', %s, 'approved', now(), %s, now(), %s, 'Mine')",
            BINDING,
            ann.pk,
            ann.pk,
        )


@pytest.mark.parametrize(
    "change",
    [
        "requested_by_id = (SELECT id FROM accounts_user WHERE username = 'bob')",
        "binding = 'sha256:other'",
        "subject_id = 'another'",
        "requested_at = now() - interval '1 day'",
    ],
)
def test_sql__what_was_asked_is_changed__database_refuses(asked, bob, change):
    with pytest.raises(IntegrityError, match="cannot change after insert"):
        _sql(f"UPDATE approvals_approvalrequest SET {change} WHERE id = %s", asked.pk)  # noqa: S608 - ours


@pytest.mark.parametrize(
    "statement", ["DELETE FROM approvals_approvalrequest", "TRUNCATE approvals_approvalrequest CASCADE"]
)
def test_sql__request_removed__database_refuses(asked, statement):
    with pytest.raises(IntegrityError, match="keeps its rows"):
        _sql(statement)


def test_sql__decision_reopened__database_refuses(asked, bob):
    services.decide(approval_id=asked.pk, verdict="approved", rationale="", binding=BINDING, by=bob)

    with pytest.raises(IntegrityError, match="may not go from approved to pending"):
        _sql(
            "UPDATE approvals_approvalrequest SET state = 'pending', decided_by_id = NULL, decided_at = NULL WHERE id = %s",
            asked.pk,
        )


def test_sql__refusal_without_reason__database_refuses(asked, bob):
    with pytest.raises(IntegrityError, match="approval_refusal_has_reason"):
        _sql(
            "UPDATE approvals_approvalrequest SET state = 'rejected', decided_by_id = %s, decided_at = now() WHERE id = %s",
            bob.pk,
            asked.pk,
        )


def test_sql__decided_by_nobody__database_refuses(asked):
    with pytest.raises(IntegrityError, match="approval_decided_pair"):
        _sql("UPDATE approvals_approvalrequest SET state = 'approved' WHERE id = %s", asked.pk)


def test_decide__second_person__recorded_with_the_binding(asked, bob):
    done = services.decide(approval_id=asked.pk, verdict="approved", rationale=" Read. ", binding=BINDING, by=bob)

    assert (done.state, done.decided_by, done.rationale) == ("approved", bob, "Read.")
    event = Event.objects.get(type="approval.approved")
    assert event.actor_id == str(bob.pk)
    assert event.scope == "lending"
    assert event.data == {"kind": "test", "subject": ["thing", "1"], "binding": BINDING}


def test_decide__author__not_allowed(asked, ann):
    with pytest.raises(NotAllowed, match="four-eyes"):
        services.decide(approval_id=asked.pk, verdict="approved", rationale="", binding=BINDING, by=ann)


@pytest.mark.parametrize("verdict", ["rejected", "returned"])
def test_decide__refusal_without_words__invalid(asked, bob, verdict):
    with pytest.raises(Invalid) as fault:
        services.decide(approval_id=asked.pk, verdict=verdict, rationale="  ", binding=BINDING, by=bob)

    assert "rationale" in fault.value.fields


def test_decide__unknown_verdict__invalid(asked, bob):
    with pytest.raises(Invalid):
        services.decide(approval_id=asked.pk, verdict="maybe", rationale="", binding=BINDING, by=bob)


def test_decide__subject_changed_since__nothing_decided(asked, bob):
    with pytest.raises(Conflict) as fault:
        services.decide(approval_id=asked.pk, verdict="approved", rationale="", binding="sha256:else", by=bob)

    assert fault.value.code == "binding_changed"
    asked.refresh_from_db()
    assert asked.state == "pending"


def test_decide__twice__conflict_names_the_state(asked, bob):
    services.decide(approval_id=asked.pk, verdict="rejected", rationale="No.", binding=BINDING, by=bob)

    with pytest.raises(Conflict, match="already rejected"):
        services.decide(approval_id=asked.pk, verdict="approved", rationale="", binding=BINDING, by=bob)


def test_decide__unknown_request__missing(bob):
    with pytest.raises(Missing):
        services.decide(approval_id=ids.uuid7(), verdict="approved", rationale="", binding=BINDING, by=bob)


def test_request__while_one_is_open__conflict(asked, bob):
    with pytest.raises(Conflict) as fault:
        services.request(kind="test", subject=("thing", "1"), scope="", binding=BINDING, by=bob)

    assert fault.value.code == "approval_open"


def test_request__after_a_refusal__may_be_asked_again(asked, ann, bob):
    services.decide(approval_id=asked.pk, verdict="returned", rationale="Mend it.", binding=BINDING, by=bob)

    again = services.request(kind="test", subject=("thing", "1"), scope="", binding=BINDING, by=ann)

    assert [row.id for row in selectors.of_subject("thing", "1")] == [again.pk, asked.pk]


def test_withdraw__author_only__and_only_once(asked, ann, bob):
    with pytest.raises(NotAllowed):
        services.withdraw(approval_id=asked.pk, rationale="", by=bob)
    services.withdraw(approval_id=asked.pk, rationale="", by=ann)
    with pytest.raises(Conflict):
        services.withdraw(approval_id=asked.pk, rationale="", by=ann)


@pytest.mark.django_db(transaction=True)
def test_decide__two_people_at_once__one_decides_and_the_other_is_told(ann, bob):
    carl = serving.person("carl")
    asked = services.request(kind="test", subject=("thing", "1"), scope="", binding=BINDING, by=ann)
    barrier, outcomes = threading.Barrier(2), []

    def decide(verdict: str, by: User) -> None:
        barrier.wait()
        try:
            services.decide(approval_id=asked.pk, verdict=verdict, rationale="Mine", binding=BINDING, by=by)
            outcomes.append("decided")
        except DomainError as fault:
            outcomes.append(fault.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=decide, args=pair) for pair in (("approved", bob), ("rejected", carl))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["already_decided", "decided"]
    assert Event.objects.filter(type__in=["approval.approved", "approval.rejected"]).count() == 1
