"""What goes wrong with connections and with what is served begins incidents, and ends them when it is mended."""

import pytest

from agents.models import WebhookEndpoint
from agents.services import deliveries, incidents, resolutions, webhooks
from reviewapp.core import clock, ids
from reviewapp.core.accounts import actors
from reviewapp.core.events.models import Event, OutboxEntry
from reviewapp.core.incidents.models import Incident
from reviewapp.core.notices.models import Notice
from tests.factories import feedback, serving
from tests.factories.receivers import Receiver
from tests.factories.serving import person

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nothing_seen_before():
    incidents._seen.clear()


def look() -> int:
    return incidents.look(now=clock.now(), by=actors.SYSTEM)


def test_webhook__switched_off__begins_and_resuming_ends(receiver: Receiver):
    made = feedback.room()
    endpoint, _ = webhooks.add(agent_id=made.world.agent.pk, url=receiver.url, by=person("dana", "agent_developer"))
    decision = feedback.flagged(made)
    resolutions.resolve(decision_id=decision.pk, output={"action": "decline"}, source="review", by=actors.SYSTEM)
    feedback.hand_on()
    receiver.status = 410
    deliveries.send_due(now=clock.now(), by=actors.SYSTEM)
    feedback.hand_on()

    row = Incident.objects.get()
    assert (row.kind, row.key, row.agent_id) == ("webhook_disabled", str(endpoint.pk), made.world.agent.pk)
    assert row.path == "/agents/lending/webhooks/"
    assert look() == 1

    webhooks.resume(endpoint_id=endpoint.pk, by=endpoint.created_by)
    assert look() == 0
    row.refresh_from_db()
    assert row.ended_at is not None


def test_webhook__mended_before_the_relay_came__is_no_incident(receiver: Receiver):
    made = feedback.room()
    webhooks.add(agent_id=made.world.agent.pk, url=receiver.url, by=person("dana", "agent_developer"))
    decision = feedback.flagged(made)
    resolutions.resolve(decision_id=decision.pk, output={"action": "decline"}, source="review", by=actors.SYSTEM)
    feedback.hand_on()
    receiver.status = 410
    deliveries.send_due(now=clock.now(), by=actors.SYSTEM)
    WebhookEndpoint.objects.update(state="active")
    feedback.hand_on()

    assert not Incident.objects.exists()


def test_events_set_aside__begin_one_incident_tell_who_mends_and_end():
    made = feedback.room()
    olaf = person("olaf", "operator")
    person("rosa", "operator", agent=made.world.agent)
    feedback.flagged(made)
    feedback.hand_on()
    # As an entry stands there that failed too often.
    told = Event.objects.filter(outbox__isnull=True).first()
    OutboxEntry.objects.create(
        event=told, subject_key=f"decision:{ids.uuid7()}", parked_at=clock.now(), last_error="ValueError: no"
    )

    assert look() == 1
    assert look() == 1
    row = Incident.objects.get()
    assert (row.kind, row.agent_id, row.entries.get().text) == ("events_parked", None, "ValueError: no")

    feedback.hand_on()
    assert Notice.objects.get(path=f"/incidents/{row.pk}/").person == olaf

    OutboxEntry.objects.all().delete()
    assert look() == 0
    row.refresh_from_db()
    assert row.ended_at is not None


def test_statement__cannot_be_trusted__begins_tells_and_ends_when_it_can(settings):
    world = serving.world()
    olaf = person("olaf", "operator", agent=world.agent)
    assert look() == 0

    good, settings.TRUSTED_KEYS = settings.TRUSTED_KEYS, ["bmV2ZXIgc2lnbmVkIGFueXRoaW5nIGhlcmUhISEhISE="]
    incidents._seen.clear()
    assert look() == 1
    assert look() == 1
    row = Incident.objects.get()
    assert (row.kind, row.scope) == ("slot_refused", "lending")
    feedback.hand_on()
    assert Notice.objects.get(person=olaf).title == "What Lending is to serve cannot be trusted"

    settings.TRUSTED_KEYS = good
    assert look() == 0
    row.refresh_from_db()
    assert row.ended_at is not None


def test_look__statement_runs_out__is_noticed_without_a_new_stamp():
    serving.world()
    look()
    ((slug, (stamp, signed)),) = incidents._seen.items()

    assert incidents._signed(slug, stamp, clock.now()) is signed
    assert incidents._signed(slug, stamp, signed.not_after) is not signed


def test_look__slot_that_did_not_move__is_not_checked_again(monkeypatch):
    serving.world()
    look()
    monkeypatch.setattr(incidents.live, "signed", lambda _: pytest.fail("checked again"))

    assert look() == 0
