"""A draft and its contract: what changed is shown, what has no place is kept to copy, what fits is carried over."""

from typing import Any

import pytest

from agents.services import contracts
from corrections.models import Correction, Draft, Task
from corrections.services import drafts
from reviewapp.core.accounts import actors
from tests.factories.agents import contract_body
from tests.factories.feedback import WORDS, flagged

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}
OLD = {
    "verdict": "correct",
    "output": {"action": "decline", "limit": "much", "rate": 4.5},
    "reason_code": "usury",
    "justification": WORDS,
    "contract_version": 7,
}


@pytest.fixture
def desk(made, sign, held) -> Any:
    """A reviewer at a case they hold."""
    flagged(made)
    task = Task.objects.get()
    client = sign("reviewer")
    client.task, client.token = task, held(task, client.user)
    return client


def posted(client: Any, **changes: Any) -> dict[str, Any]:
    return {
        "token": client.token,
        "contract_version": "1",
        "verdict": "correct",
        "output_shown": "1",
        "output.action": "decline",
        "reason_code": "income",
        "justification": WORDS,
        **changes,
    }


def test_task__draft_for_another_contract__shows_what_fits_what_does_not_and_one_button(desk):
    drafts.save(task_id=desk.task.pk, body=OLD, by=desk.user)
    page = desk.get(f"/tasks/{desk.task.pk}/").text
    assert "written under contract version 7; this case is judged under version 1" in page
    assert "Still fits and stands below: Action" in page
    assert "stands below but needs a look" in page
    for path, text in (("output.rate", "4.5"), ("reason_code", "usury")):
        assert path in page
        assert f">{text}</textarea>" in page
    assert "Carry over what fits" in page
    assert WORDS in page


def test_carry__then_autosave__nothing_is_lost_until_it_is_dropped(desk):
    drafts.save(task_id=desk.task.pk, body=OLD, by=desk.user)
    answer = desk.post(f"/tasks/{desk.task.pk}/carry", posted(desk), headers=HTMX)
    assert (answer.status_code, answer["HX-Redirect"]) == (204, f"/tasks/{desk.task.pk}/")
    for _ in range(2):
        kept = Draft.objects.get().body
        assert [one["path"] for one in kept["left_over"]] == ["reason_code", "output.rate"]
        assert (kept["contract_version"], kept["output"]) == (1, {"action": "decline"})
        desk.put(f"/tasks/{desk.task.pk}/draft", "token=1&verdict=correct&output_shown=1&output.action=decline")
    assert "Kept from your earlier draft: 2" in desk.get(f"/tasks/{desk.task.pk}/").text
    assert desk.post(f"/tasks/{desk.task.pk}/carry", posted(desk, drop="1")).status_code == 302
    assert "left_over" not in Draft.objects.get().body


def test_submit__form_drawn_for_another_contract__is_refused_and_its_fields_are_kept(desk):
    said = posted(desk, contract_version="7", **{"output.rate": "4.5"})
    shown = desk.post(f"/tasks/{desk.task.pk}/submit", said, headers=HTMX)
    assert shown.status_code == 409
    assert "You wrote this for contract version 7" in shown.text
    assert ">4.5</textarea>" in shown.text
    assert not Correction.objects.exists()
    assert desk.post(f"/tasks/{desk.task.pk}/submit", posted(desk), headers=HTMX).status_code == 204
    assert Correction.objects.get().contract_version == 1


def test_task__ordinary_draft__says_nothing_of_contracts(desk):
    desk.post(f"/tasks/{desk.task.pk}/form", posted(desk), headers=HTMX)
    assert "left-over" not in desk.get(f"/tasks/{desk.task.pk}/").text


def test_contract__newer_version__is_told_with_its_changes(made, desk, sign):
    url = f"/tasks/{desk.task.pk}/contract"
    assert "is the newest contract" in desk.get(url, headers=HTMX).text
    body = contract_body(agent="lending", version=2, min_justification=33)
    contracts.publish(agent_id=made.world.agent.pk, body=body, by=actors.SYSTEM)
    for headers in ({}, HTMX):
        page = desk.get(url, headers=headers).text
        assert "judged under version 1" in page
        assert "to 33 characters" in page
    assert sign(name="eve").get(url).status_code == 404
    assert desk.post(url).status_code == 405
    assert sign("auditor", name="audrey").get(url).status_code == 200
    assert sign("auditor", name="odo").post(f"/tasks/{desk.task.pk}/carry").status_code == 403
