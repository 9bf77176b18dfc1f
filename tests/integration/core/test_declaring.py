"""Incidents that people declare, and what they plan so that one does not come back."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from reviewapp.core import clock, ids
from reviewapp.core.accounts import actors
from reviewapp.core.errors import Conflict, Invalid, Missing, NotAllowed
from reviewapp.core.incidents import declaring, selectors, services
from reviewapp.core.incidents.models import Incident
from reviewapp.core.notices.models import Notice
from tests.factories import feedback, serving

pytestmark = pytest.mark.django_db
SEEN = "Three declines in a row looked wrong."


@pytest.fixture
def agent():
    return serving.world(live=False).agent


@pytest.fixture
def olaf(agent):
    return serving.person("olaf", "operator", agent=agent)


def declare(agent, by, **more):
    given = {"title": "Declined too often", "text": SEEN, **more}
    return declaring.declare(agent=(agent.pk, agent.slug), by=by, **given)


def lines(row: Incident) -> list[str]:
    return list(row.entries.order_by("id").values_list("kind", flat=True))


def test_declare__is_led_by_who_did_and_others_are_told(agent, olaf):
    ida = serving.person("ida", "policy_admin", agent=agent)
    row = declare(agent, olaf, began_at=clock.now() - timedelta(days=1))
    feedback.hand_on()

    assert (row.state, row.lead, row.agent_id, row.ended_at) == ("acknowledged", olaf, agent.pk, None)
    assert lines(row) == ["declared", "acknowledged"]
    notice = Notice.objects.get(path=f"/incidents/{row.pk}/")
    assert (notice.person, notice.title) == (ida, "Declined too often")


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"title": " "}, "title"),
        ({"title": "x" * 121}, "title"),
        ({"text": "Odd."}, "text"),
        ({"began_at": "later"}, "began_at"),
    ],
)
def test_declare__what_does_not_do__is_named(agent, olaf, given, field):
    if "began_at" in given:
        given = {"began_at": clock.now() + timedelta(minutes=1)}
    with pytest.raises(Invalid) as caught:
        declare(agent, olaf, **given)

    assert set(caught.value.fields) == {field}


@pytest.mark.parametrize("role", ["auditor", "reviewer"])
def test_declare__without_the_right__is_refused(agent, role):
    with pytest.raises(NotAllowed):
        declare(agent, serving.person("rosa", role))


def test_declare__percent_in_the_title__is_shown_as_it_is(agent, olaf):
    row = declare(agent, olaf, title="100 % declined, %(agent)s")

    assert selectors.detail(olaf, row.pk).row.title == "100 % declined, %(agent)s"


def test_contain__ends_it_once_and_it_can_be_resolved(agent, olaf):
    row = declare(agent, olaf)
    with pytest.raises(Conflict, match="Say first that it is over"):
        services.resolve(number=row.pk, text="It was the rule for students.", by=olaf)

    declaring.contain(number=row.pk, text="Rolled back by hand.", by=olaf)
    with pytest.raises(Conflict):
        declaring.contain(number=row.pk, text="Rolled back by hand.", by=olaf)
    services.resolve(number=row.pk, text="It was the rule for students.", by=olaf)

    assert lines(row) == ["declared", "acknowledged", "contained", "resolved"]


def test_contain__what_the_system_noticed__is_refused(agent, olaf):
    row = services.begin(
        kind="slot_refused", key="1", agent=(agent.pk, agent.slug), data={"agent": "Lending"},
        began_at=clock.now(), by=actors.SYSTEM,
    )  # fmt: skip

    with pytest.raises(Conflict):
        declaring.contain(number=row.pk, text="I think it is over.", by=olaf)


def test_plan_and_finish__once_and_on_the_timeline(agent, olaf):
    row = declare(agent, olaf)
    made = declaring.plan(number=row.pk, what="A guard for each segment", owner="olaf", due=clock.now().date(), by=olaf)

    declaring.finish(number=row.pk, action_id=made.pk, by=olaf)
    declaring.finish(number=row.pk, action_id=made.pk, by=olaf)

    assert lines(row) == ["declared", "acknowledged", "planned", "finished"]
    (shown,) = selectors.detail(olaf, row.pk).actions
    assert (shown.what, shown.owner, shown.late, shown.finished_by) == (
        "A guard for each segment", "Olaf Test", False, "Olaf Test",
    )  # fmt: skip
    with pytest.raises(Missing):
        declaring.finish(number=row.pk, action_id=ids.uuid7(), by=olaf)


def test_plan__what_does_not_do__is_named(agent, olaf):
    row = declare(agent, olaf)
    serving.person("aude", "auditor")
    yesterday = clock.now().date() - timedelta(days=1)

    with pytest.raises(Invalid) as caught:
        declaring.plan(number=row.pk, what=" ", owner="aude", due=yesterday, by=olaf)

    assert set(caught.value.fields) == {"what", "owner", "due"}


def test_database__what_was_planned__cannot_change(agent, olaf):
    row = declare(agent, olaf)
    declaring.plan(number=row.pk, what="A guard", owner="olaf", due=clock.now().date(), by=olaf)

    for change in ("what = 'Nothing'", "due = due + 7", "finished_at = now()"):
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"UPDATE incidents_incidentaction SET {change}")  # noqa: S608 - made up here


def test_database__who_did_it_and_when__is_written_once(agent, olaf):
    row = declare(agent, olaf)
    made = declaring.plan(number=row.pk, what="A guard", owner="olaf", due=clock.now().date(), by=olaf)
    declaring.finish(number=row.pk, action_id=made.pk, by=olaf)

    for table, change in (
        ("incidentaction", "finished_at = NULL, finished_by_id = NULL"),
        ("incidentaction", "finished_at = now() + interval '1 hour'"),
        ("incident", "acknowledged_at = now() + interval '1 hour'"),
    ):
        with pytest.raises(IntegrityError, match="once"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"UPDATE incidents_{table} SET {change}")  # noqa: S608 - made up here
