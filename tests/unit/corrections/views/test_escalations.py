"""Escalations: the inbox, the evidence, and a second person's decision."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from corrections.models import Escalation, Task
from corrections.services import escalations
from tests.factories.feedback import Room, flagged, room, submit
from tests.factories.serving import person
from tests.unit.corrections.views.pages import main

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}
WHY = "The payslip carries it, and the term is usual."


def raised(made: Room, author: Any, amount: float = 20000.0) -> Escalation:
    """Let `author` correct a large loan, which needs a second person."""
    flagged(made, amount=amount)
    done = submit(Task.objects.get(state="open", kind="review"), author)
    return Escalation.objects.get(pk=done.escalation_id)


@pytest.fixture
def case(made) -> Escalation:
    """An escalation that Bo wrote."""
    return raised(made, person("bo", "reviewer"))


def test_inbox__works__shows_proposal_author_rule_and_deadline(case, sign):
    text = main(sign("risk_officer").get("/escalations/"))
    assert "You can decide 1 of the 1 open escalation." in text
    assert "Approve" in text
    assert "Decline" in text
    assert "Bo Test" in text
    assert "Large change." in text
    assert 'class="sla' in text


def test_inbox__own__is_marked_and_not_counted(made, sign):
    client = sign("reviewer", "risk_officer")
    raised(made, client.user)
    text = main(client.get("/escalations/"))
    assert "You can decide 0 of the 1 open escalation. One was written by you." in text
    assert "Your own proposal" in text
    assert "None of these is yours to decide" in main(client.get("/escalations/?mine=1"))


def test_inbox__states__are_apart(made, sign):
    author, officer = person("bo", "reviewer"), person("ria", "risk_officer")
    for amount, verdict in ((20000.0, "approved"), (21000.0, "rejected"), (22000.0, "returned"), (23000.0, "")):
        one = raised(made, author, amount)
        if verdict:
            escalations.decide(escalation_id=one.pk, verdict=verdict, rationale=WHY, by=officer)
        Task.objects.filter(state="open").update(state="cancelled", closed_at="2026-01-01T00:00:00Z")
    client = sign("risk_officer")

    def states(query: str) -> list[str]:
        return sorted(row.state for row in client.get(f"/escalations/{query}").context["rows"])

    assert states("") == ["pending"]
    assert states("?state=nonsense") == ["pending"]
    assert states("?state=returned") == ["returned"]
    assert states("?state=decided") == ["approved", "rejected"]


def test_inbox__filter__looks_in_case_person_and_rule(case, sign):
    client = sign("risk_officer")
    for words, found in (("bo", 1), ("large CHANGE", 1), ("20,000", 1), ("nobody", 0)):
        assert len(client.get("/escalations/", {"q": words}).context["rows"]) == found, words
    assert "No escalation matches “nobody”" in client.get("/escalations/?q=nobody").text


def test_inbox__pages__reach_every_one_once(made, sign, settings):
    settings.PAGE_SIZE = 2
    author = person("bo", "reviewer")
    expected = [raised(made, author, 20000.0 + step).pk for step in range(5)]
    client, seen, after = sign("risk_officer"), [], ""
    while True:
        page = client.get("/escalations/", {"after": after} if after else {})
        seen += [row.id for row in page.context["rows"]]
        after = page.context["next"]
        if not after:
            break
    assert seen == expected


def test_inbox__person_of_another_agent__sees_none(case, sign):
    client = sign("risk_officer", agent=room(slug="other").world.agent)
    assert client.get("/escalations/").context["rows"] == []
    assert client.get(f"/escalations/{case.pk}/").status_code == 404
    assert client.post(f"/escalations/{case.pk}/", {"verdict": "approved"}).status_code == 404


def test_inbox__empty__says_what_appears_here(made, sign):
    assert "Nothing waits for a decision" in sign("risk_officer").get("/escalations/").text


def test_inbox__fragment__is_the_rows_alone(case, sign):
    page = sign("risk_officer").get("/escalations/", headers=HTMX)
    assert "<html" not in page.text
    assert 'id="rows"' in page.text


def test_inbox__wrong_verb__is_refused(case, sign):
    client = sign("risk_officer")
    assert client.post("/escalations/").status_code == 405
    assert client.put(f"/escalations/{case.pk}/").status_code == 405


def test_detail__works__shows_change_words_rule_impact_and_history(case, sign):
    text = main(sign("risk_officer").get(f"/escalations/{case.pk}/"))
    assert "Change approve to decline" in text
    assert "The income on the payslip" in text
    assert "X-1" in text
    assert "Large change." in text
    assert "−20,000" in text
    assert "Duration: 24 months" in text
    assert "You</strong> decide" in text
    assert "Escalated to a risk officer" in text
    assert "checked" not in text.partition("<aside")[2]


def test_detail__author__someone_else_decides(made, sign):
    client = sign("reviewer", "risk_officer")
    own = raised(made, client.user)
    text = main(client.get(f"/escalations/{own.pk}/"))
    assert "You wrote this, so someone else decides" in text
    assert 'name="verdict"' not in text
    assert client.post(f"/escalations/{own.pk}/", {"verdict": "approved"}).status_code == 403
    own.approval.refresh_from_db()
    assert own.approval.state == "pending"


@pytest.mark.parametrize("role", ["auditor", "reviewer", "operator"])
def test_detail__role_without_the_right__reads_but_may_not_decide(case, sign, role):
    client = sign(role)
    text = main(client.get(f"/escalations/{case.pk}/"))
    assert "for risk officers" in text
    assert 'name="verdict"' not in text
    assert client.post(f"/escalations/{case.pk}/", {"verdict": "approved"}).status_code == 403


def test_detail__unknown__does_not_exist(made, sign):
    client = sign("risk_officer")
    assert client.get(f"/escalations/{uuid4()}/").status_code == 404
    assert client.get("/escalations/nonsense/").status_code == 404


@pytest.mark.parametrize("verdict", ["approved", "rejected", "returned"])
def test_decide__with_rationale__is_recorded(case, sign, verdict):
    client = sign("risk_officer")
    page = client.post(f"/escalations/{case.pk}/", {"verdict": verdict, "rationale": WHY}, follow=True)
    assert page.redirect_chain[-1][0] == "/escalations/"
    case.approval.refresh_from_db()
    assert (case.approval.state, case.approval.decided_by, case.approval.rationale) == (verdict, client.user, WHY)
    assert WHY in main(client.get(f"/escalations/{case.pk}/"))


def test_decide__by_htmx__is_sent_to_the_inbox(case, sign):
    answer = sign("risk_officer").post(f"/escalations/{case.pk}/", {"verdict": "approved"}, headers=HTMX)
    assert (answer.status_code, answer["HX-Redirect"]) == (204, "/escalations/")


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"rationale": WHY}, "Choose a verdict"),
        ({"verdict": "rejected", "rationale": " "}, "A refusal needs a rationale"),
    ],
)
def test_decide__incomplete__comes_back_with_what_was_typed(case, sign, body, words):
    page = sign("risk_officer").post(f"/escalations/{case.pk}/", body, headers=HTMX)
    assert page.status_code == 422
    assert "<html" not in page.text
    assert words in page.text or "Use one of" in page.text
    if body["rationale"].strip():
        assert WHY in page.text
    case.approval.refresh_from_db()
    assert case.approval.state == "pending"


def test_decide__decided_meanwhile__is_a_conflict_and_changes_nothing(case, sign):
    client = sign("risk_officer")
    escalations.decide(escalation_id=case.pk, verdict="approved", rationale="", by=person("ria", "risk_officer"))
    page = client.post(f"/escalations/{case.pk}/", {"verdict": "rejected", "rationale": WHY}, headers=HTMX)
    assert page.status_code == 409
    assert "already approved" in page.text
    assert "Approved by Ria Test" in page.text


def test_judged_case__is_marked_in_the_inbox_and_not_for_me_to_decide(sign):
    client = sign("reviewer", "risk_officer")
    decision = flagged(room(seats=2), amount=20000.0)
    one, two = Task.objects.filter(decision=decision).order_by("seat")
    done = submit(one, person("bo", "reviewer"))
    submit(two, client.user, verdict="agree")
    text = main(client.get("/escalations/"))
    assert "You can decide 0 of the 1 open escalation." in text
    assert "You judged this case" in text
    assert not client.get("/escalations/?mine=1").context["rows"]
    page = f"/escalations/{done.escalation_id}/"
    assert "someone who has not decides it (four-eyes)" in main(client.get(page))
    assert client.post(page, {"verdict": "approved"}).status_code == 403
    assert Escalation.objects.get().approval.state == "pending"


def test_detail__shows_like_escalations_decided_before__the_same_change_first(made, sign):
    author, officer = person("bo", "reviewer"), person("ria", "risk_officer")
    client = sign("risk_officer")
    assert "None was decided yet" in main(client.get(f"/escalations/{raised(made, author).pk}/"))
    Task.objects.filter(state="open").update(state="cancelled", closed_at="2026-01-01T00:00:00Z")
    near = raised(made, author, 30000.0)
    escalations.decide(escalation_id=near.pk, verdict="rejected", rationale=WHY, by=officer)
    Task.objects.filter(state="open").update(state="cancelled", closed_at="2026-01-01T00:00:00Z")
    far = raised(made, author, 21000.0)
    escalations.decide(escalation_id=far.pk, verdict="approved", rationale="", by=officer)
    Task.objects.filter(state="open").update(state="cancelled", closed_at="2026-01-01T00:00:00Z")
    case = raised(made, author, 31000.0)
    shown = client.get(f"/escalations/{case.pk}/")
    assert [row.escalation_id for row in shown.context["one"].rulings] == [near.pk, far.pk]
    text = main(shown)
    assert f'href="/escalations/{near.pk}/"' in text
    assert WHY in text
    assert "Ria Test" in text


def test_inbox__filters__by_agent_and_overdue_together_with_the_rest(case, sign, monkeypatch):
    client = sign("risk_officer")

    def found(query: str) -> int:
        return len(client.get(f"/escalations/{query}").context["rows"])

    assert found(f"?agent={case.agent.slug}") == 1
    assert found("?agent=nonsense") == 0
    assert "None of this agent" in client.get("/escalations/?agent=nonsense").text
    assert "None is overdue" in client.get("/escalations/?overdue=1").text
    late = case.due_at + timedelta(seconds=1)
    monkeypatch.setattr("corrections.views.escalations.clock.now", lambda: late)
    assert found("?overdue=1&mine=1") == 1
    text = client.get(f"/escalations/?overdue=1&agent={case.agent.slug}").text
    assert f"agent={case.agent.slug}&amp;mine=1" in text, "the other filters stay"
