"""The page on which escalations that ask for the same thing are approved together."""

from uuid import uuid4

import pytest

from corrections.models import Escalation, Task
from corrections.services import escalations
from reviewapp.core.approvals.models import ApprovalRequest
from tests.factories.decisions import decided
from tests.factories.feedback import flagged, submit
from tests.factories.serving import UNSURE_INPUT, person, world
from tests.unit.corrections.views.pages import main

pytestmark = pytest.mark.django_db


def raised(made, note, author):
    decision = flagged(made, amount=20_000.0, note=note)
    done = submit(Task.objects.get(decision=decision, kind="review"), author)
    return Escalation.objects.get(pk=done.escalation_id)


@pytest.fixture
def pair(made):
    """Two escalations of one author that ask for the same, and decisions to replay."""
    for number in range(4):
        decided(made.world, {**UNSURE_INPUT, "purpose": "repairs", "amount": 950.0 + number})
    bo = person("bo", "reviewer")
    return raised(made, "first", bo), raised(made, "second", bo)


def path(one):
    return f"/escalations/{one.pk}/alike/"


def test_escalation__others_wait_for_the_same_reason__leads_to_them(pair, sign):
    one, two = pair
    client = sign("risk_officer")
    assert path(one) in main(client.get(f"/escalations/{one.pk}/"))
    escalations.decide(escalation_id=two.pk, verdict="approved", rationale="Seen.", by=person("rio", "risk_officer"))
    assert path(one) not in main(client.get(f"/escalations/{one.pk}/"))


def test_alike__ticked_with_reasons__each_is_approved_by_its_own(pair, sign):
    one, two = pair
    client = sign("risk_officer")
    page = main(client.get(path(one)))
    assert page.count('name="approve"') == 2
    answer = client.post(
        path(one),
        {
            "approve": [str(one.pk), str(two.pk)],
            f"rationale-{one.pk}": "Payslip seen.",
            f"rationale-{two.pk}": "Statement seen.",
        },
    )
    assert "2 escalations approved" in main(answer)
    said = set(ApprovalRequest.objects.filter(state="approved").values_list("rationale", flat=True))
    assert said == {"Payslip seen.", "Statement seen."}
    assert "None of these can be approved together" in main(client.get(path(one)))


def test_alike__reason_missing__is_told_at_its_field_and_nothing_entered_is_lost(pair, sign):
    one, two = pair
    words = {"approve": [str(one.pk), str(two.pk)], f"rationale-{one.pk}": "Payslip seen."}
    answer = sign("risk_officer").post(path(one), words)
    page = main(answer)
    assert answer.status_code == 422
    assert f'id="a-rationale-{two.pk}-e"' in page
    assert f'id="a-rationale-{one.pk}-e"' not in page
    assert "Payslip seen.</textarea>" in page
    assert not ApprovalRequest.objects.filter(state="approved").exists()


def test_alike__nothing_ticked__is_told(pair, sign):
    answer = sign("risk_officer").post(path(pair[0]), {"approve": ["not-an-id"]})
    assert (answer.status_code, "Tick one to ten of them." in main(answer)) == (422, True)


def test_alike__one_was_decided_meanwhile__is_named_and_the_other_goes_on(pair, sign):
    one, two = pair
    escalations.decide(escalation_id=two.pk, verdict="approved", rationale="Seen.", by=person("rio", "risk_officer"))
    words = {f"rationale-{one.pk}": "Payslip seen.", f"rationale-{two.pk}": "Late."}
    page = main(sign("risk_officer").post(path(one), {"approve": [str(one.pk), str(two.pk)], **words}))
    assert "1 escalation approved" in page
    assert "It has been decided already." in page


def test_alike__reviewer_who_wrote_it__sees_why_they_may_not_and_is_refused(pair, sign):
    client = sign("reviewer")
    assert "for risk officers" in main(client.get(path(pair[0])))
    words = {"approve": [str(pair[0].pk)], f"rationale-{pair[0].pk}": "Mine."}
    assert client.post(path(pair[0]), words).status_code == 403


def test_alike__other_tenant_bad_id_and_wrong_verb__are_refused(pair, sign):
    assert sign("auditor").post(path(pair[0]), {"approve": [str(pair[0].pk)]}).status_code in (403, 422)
    client = sign("risk_officer", name="eve", agent=world(slug="other").agent)
    assert client.get(path(pair[0])).status_code == 404
    assert sign("risk_officer", name="rio").get(f"/escalations/{uuid4()}/alike/").status_code == 404
    assert sign("risk_officer", name="rea").delete(path(pair[0])).status_code == 405
