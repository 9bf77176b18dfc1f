"""Approving escalations together: only what is alike and has little effect, each by its own reason and event."""

from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest

from corrections.models import Escalation, Task
from corrections.selectors import alike, preview
from reviewapp.core import clock
from reviewapp.core.accounts.models import User
from reviewapp.core.approvals.models import ApprovalRequest
from reviewapp.core.events.models import Event
from tests.factories.agents import LENDING
from tests.factories.decisions import decided
from tests.factories.feedback import Room, flagged, room, submit
from tests.factories.serving import UNSURE_INPUT, person
from tests.integration.corrections.api.test_api import caller

pytestmark = pytest.mark.django_db


@pytest.fixture
def made() -> Room:
    made = room()
    for number in range(8):
        decided(made.world, {**UNSURE_INPUT, "purpose": "repairs", "amount": 950.0 + number})
    return made


def raised(made: Room, note: str, author: Any, **entry: Any) -> Escalation:
    decision = flagged(made, amount=20_000.0, note=note)
    done = submit(Task.objects.get(decision=decision, kind="review"), author, **entry)
    return Escalation.objects.get(pk=done.escalation_id)


def body(*pairs: tuple[Any, str]) -> dict[str, Any]:
    return {"approvals": [{"escalation": str(one), "rationale": words} for one, words in pairs]}


def test_alike__same_change_and_reason__each_is_approved_by_its_own_reason(made: Room) -> None:
    bo = person("bo", "reviewer")
    one, two = raised(made, "first", bo), raised(made, "second", bo)
    ria = caller("ria", "risk_officer")
    listed = ria("get", f"escalations/{one.pk}/alike").json()
    assert [(row["id"], row["why_not"]) for row in listed] == [(str(one.pk), ""), (str(two.pk), "")]
    assert all(row["turned"] <= alike.MOST_TURNED for row in listed)
    done = ria("post", f"escalations/{one.pk}/alike", body((one.pk, "Payslip seen."), (two.pk, "Bank statement seen.")))
    assert done.status_code == 200
    assert [row["approved"] for row in done.json()] == [True, True]
    assert set(ApprovalRequest.objects.filter(state="approved").values_list("rationale", flat=True)) == {
        "Payslip seen.",
        "Bank statement seen.",
    }
    told = [event.data for event in Event.objects.filter(type="escalation.decided")]
    assert sorted(data["escalation"] for data in told) == sorted([str(one.pk), str(two.pk)])
    assert {data["alike_to"] for data in told} == {str(one.pk)}
    again = ria("post", f"escalations/{one.pk}/alike", body((two.pk, "Once more."))).json()
    assert again == [{"id": str(two.pk), "approved": False, "why_not": "It has been decided already."}]


def test_alike__what_does_not_qualify__says_why_and_keeps_nothing_back(made: Room) -> None:
    bo, ria_user = person("bo", "reviewer"), person("ria", "reviewer", "risk_officer")
    one, own = raised(made, "first", bo), raised(made, "third", ria_user)
    nowhere = uuid4()
    words = body((own.pk, "Mine."), (nowhere, "What?"), (one.pk, "Payslip seen."))
    done = caller("ria")("post", f"escalations/{one.pk}/alike", words).json()
    assert [row["approved"] for row in done] == [False, False, True]
    assert "four-eyes" in done[0]["why_not"]
    assert done[1]["why_not"] == "This escalation does not exist."
    assert Escalation.objects.get(pk=own.pk).approval.state == "pending"


def test_alike__another_reason_or_change__does_not_qualify(monkeypatch: pytest.MonkeyPatch) -> None:
    codes = [*LENDING["reason_codes"], {"code": "term", "title": "Term misread", "verdicts": ["correct"]}]
    monkeypatch.setitem(LENDING, "reason_codes", codes)
    made, bo = room(), person("bo", "reviewer")
    one, _ = raised(made, "first", bo), raised(made, "second", bo, reason_code="term")
    action = one.correction.output["action"]
    raised(made, "third", bo, output={"action": action, "limit": 5.0})
    listed = caller("ria", "risk_officer")("get", f"escalations/{one.pk}/alike").json()
    assert [row["why_not"] for row in listed[1:]] == [
        "Its reason is another one.",
        "It changes the answer in another way.",
    ]


def test_alike__large_or_unknown_effect__is_decided_by_itself(made: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    one = raised(made, "first", person("bo", "reviewer"))
    ria, path = caller("ria", "risk_officer"), f"escalations/{one.pk}/alike"
    found = preview.of_escalation(one.pk, User.objects.get(username="ria"), now=clock.now())
    many = preview.Reading("", [], 9, alike.MOST_TURNED + 1, 0, 0)
    for replay, words in (
        (replace(found, readings=[many]), "It would answer 6 decisions otherwise, more than 5."),
        (replace(found, replayed=0, readings=[]), "No decision could be replayed"),
        (replace(found, fault="No policy is live."), "No policy is live."),
    ):
        monkeypatch.setattr(preview, "of_escalation", lambda *_, said=replay, **__: said)
        (row,) = ria("post", path, body((one.pk, "Fine."))).json()
        assert (row["approved"], row["why_not"].startswith(words)) == (False, True), row
    assert Escalation.objects.get().approval.state == "pending"


@pytest.mark.parametrize("bad", [{}, {"approvals": []}, {"approvals": [{"escalation": "x", "rationale": "y"}]}])
def test_alike__body_that_does_not_fit__is_refused(made: Room, bad: dict[str, Any]) -> None:
    one = raised(made, "first", person("bo", "reviewer"))
    ria, path = caller("ria", "risk_officer"), f"escalations/{one.pk}/alike"
    assert ria("post", path, bad).status_code == 422
    assert ria("post", path, body((one.pk, " "))).status_code == 422
    assert ria("post", path, body((one.pk, "a"), (one.pk, "b"))).status_code == 422


def test_alike__who_may_not_decide__is_refused(made: Room) -> None:
    one = raised(made, "first", person("bo", "reviewer"))
    path = f"escalations/{one.pk}/alike"
    assert caller("una", "auditor")("post", path, body((one.pk, "Fine."))).status_code == 403
    assert caller("ria", "risk_officer")("get", f"escalations/{uuid4()}/alike").status_code == 404
    assert caller("ria")("post", f"escalations/{uuid4()}/alike", body((one.pk, "Fine."))).status_code == 404
