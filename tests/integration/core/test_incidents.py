"""Incidents: facts begin and end them once, people look after them and close them, and the database holds the rest."""

import threading
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from reviewapp.core import clock
from reviewapp.core.accounts import actors
from reviewapp.core.errors import Conflict, Invalid, Missing, NotAllowed
from reviewapp.core.events.models import Event
from reviewapp.core.incidents import kinds, selectors, services
from reviewapp.core.incidents.models import Incident, IncidentEntry
from tests.factories import serving

pytestmark = pytest.mark.django_db


@pytest.fixture
def agent():
    return serving.world(live=False).agent


def begin(agent=None, key: str = "one", kind: str = kinds.WEBHOOK, **more) -> Incident:
    given = {"data": {"agent": agent.name if agent else ""}, "began_at": clock.now(), **more}
    return services.begin(
        kind=kind, key=key, agent=(agent.pk, agent.slug) if agent else None, by=actors.SYSTEM, **given
    )


def end(key: str = "one", kind: str = kinds.WEBHOOK) -> Incident | None:
    return services.end(kind=kind, key=key, by=actors.SYSTEM)


def lines(row: Incident) -> list[str]:
    return list(IncidentEntry.objects.filter(incident=row).order_by("id").values_list("kind", flat=True))


def test_begin__told_twice__is_one_incident_and_one_event(agent):
    first = begin(agent, began_at=clock.now() - timedelta(minutes=5), text="It said no.")
    again = begin(agent)

    assert first.pk == again.pk
    assert (first.opened_at - first.began_at) > timedelta(minutes=4)
    assert lines(first) == ["opened"]
    assert Event.objects.filter(type="incident.opened", scope=agent.slug).count() == 1


def test_end__told_twice_or_of_nothing__is_once(agent):
    row = begin(agent)

    assert end("another") is None
    assert end().ended_at is not None
    assert end() is None
    assert lines(row) == ["opened", "ended"]


def test_begin__over_but_not_resolved__the_same_goes_on(agent):
    row = begin(agent)
    end()
    begin(agent)

    row.refresh_from_db()
    assert row.ended_at is None
    assert lines(row) == ["opened", "ended", "again"]


def test_begin__resolved_before__is_another(agent):
    olaf = serving.person("olaf", "operator")
    row = begin(agent)
    end()
    services.resolve(number=row.pk, text="The receiver had moved.", by=olaf)

    assert begin(agent).pk != row.pk


def test_begin__unknown_kind__is_refused(agent):
    with pytest.raises(Invalid):
        begin(agent, kind="nothing")


def test_begin__later_than_now__began_when_it_was_noticed(agent):
    row = begin(agent, began_at=clock.now() + timedelta(minutes=1))

    assert row.began_at == row.opened_at


def test_acknowledge__twice__first_leads_until_another_takes_over(agent):
    olaf, ida = serving.person("olaf", "operator"), serving.person("ida", "policy_admin", agent=agent)
    row = begin(agent)

    services.acknowledge(number=row.pk, by=olaf)
    services.acknowledge(number=row.pk, by=ida)
    row.refresh_from_db()
    assert (row.state, row.lead, row.acknowledged_by) == ("acknowledged", olaf, olaf)

    services.take(number=row.pk, by=ida)
    services.take(number=row.pk, by=ida)
    row.refresh_from_db()
    assert (row.lead, row.acknowledged_by) == (ida, olaf)
    assert lines(row) == ["opened", "acknowledged", "taken"]


def test_resolve__while_it_holds__is_refused(agent):
    row = begin(agent)

    with pytest.raises(Conflict) as caught:
        services.resolve(number=row.pk, text="Nothing to see here.", by=serving.person("olaf", "operator"))

    assert caught.value.code == "incident_holds"


def test_resolve__open_and_over__is_looked_after_and_closed_in_one(agent):
    olaf = serving.person("olaf", "operator")
    row = begin(agent)
    end()

    with pytest.raises(Invalid) as caught:
        services.resolve(number=row.pk, text="  short ", by=olaf)
    assert set(caught.value.fields) == {"text"}
    services.resolve(number=row.pk, text="The receiver had moved.", by=olaf)
    row.refresh_from_db()

    assert (row.state, row.resolved_by, row.lead) == ("resolved", olaf, olaf)
    assert lines(row) == ["opened", "ended", "acknowledged", "resolved"]
    for act in (services.acknowledge, services.take):
        with pytest.raises(Conflict):
            act(number=row.pk, by=olaf)
    services.note(number=row.pk, text="It was the firewall after all.", by=olaf)
    assert lines(row)[-1] == "noted"


@pytest.mark.parametrize("text", ["", "   ", "x" * 4001])
def test_note__empty_or_too_long__is_refused(agent, text):
    row = begin(agent)

    with pytest.raises(Invalid):
        services.note(number=row.pk, text=text, by=serving.person("olaf", "operator"))


def test_rights__auditor_reads_reviewer_sees_nothing_and_own_agent_is_enough(agent):
    other = serving.world(slug="other", live=False).agent
    mine, theirs, shared = begin(agent), begin(other, "two"), begin(None, "three", kinds.PARKED)
    auditor, reviewer = serving.person("aude", "auditor"), serving.person("rosa", "reviewer")
    own = serving.person("olaf", "operator", agent=agent)

    assert [one.number for one in selectors.page(auditor).rows] == [shared.pk, theirs.pk, mine.pk]
    assert selectors.open_count(auditor) == 3
    assert [one.number for one in selectors.page(own).rows] == [mine.pk]
    assert selectors.page(reviewer).rows == []
    assert (selectors.sees_any(own), selectors.sees_any(reviewer)) == (True, False)
    with pytest.raises(NotAllowed):
        services.note(number=mine.pk, text="I was here.", by=auditor)
    with pytest.raises(NotAllowed):
        selectors.require_any(reviewer)
    for number in (theirs.pk, shared.pk, 10**6):
        with pytest.raises(Missing):
            services.acknowledge(number=number, by=own)
        with pytest.raises(Missing):
            selectors.detail(own, number)


def test_page__more_than_fits__goes_on_after_the_last(agent):
    auditor = serving.person("aude", "auditor")
    numbers = [begin(agent, f"key {at}").pk for at in range(3)]

    first = selectors.page(auditor, size=2)
    rest = selectors.page(auditor, size=2, after=first.after)

    assert [one.number for one in first.rows + rest.rows] == numbers[::-1]
    assert rest.after is None
    assert selectors.page(auditor, state="resolved").rows == []


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE incidents_incident SET state = 'resolved', resolved_at = now(), ended_at = now()",
        "UPDATE incidents_incident SET state = 'acknowledged'",
        "UPDATE incidents_incident SET kind = 'slot_refused'",
        "UPDATE incidents_incident SET began_at = began_at - interval '1 hour'",
        "INSERT INTO incidents_incidententry SELECT gen_random_uuid(), 'noted', 'x', now(), id, NULL FROM incidents_incident",
    ],
)
def test_database__what_must_not_be__is_refused(agent, statement):
    begin(agent)

    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.django_db(transaction=True)
def test_begin__two_at_once__one_incident(agent):
    made: list[int] = []

    def notice() -> None:
        try:
            made.append(begin(agent).pk)
        finally:
            connection.close()

    threads = [threading.Thread(target=notice) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()

    assert len(made) == 4
    assert len(set(made)) == 1
