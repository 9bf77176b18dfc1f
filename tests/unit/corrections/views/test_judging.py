"""The workbench to judge with: the form for each verdict, drafts, submission, and what happens when it fails."""

import json
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest

from corrections.models import Correction, Draft, Task
from reviewapp.core import clock
from tests.factories.decisions import decided
from tests.factories.demanding import ANSWER, GIVEN, demanding
from tests.factories.feedback import WORDS, flagged, hand_on, room, waiting
from tests.factories.serving import person
from tests.unit.corrections.views.pages import fields_of, main

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def desk(made, sign, held) -> Any:
    """A reviewer at a case they hold."""
    flagged(made)
    task = Task.objects.get()
    client = sign("reviewer")
    client.task, client.token = task, held(task, client.user)
    return client


def entered(client: Any, **changes: Any) -> dict[str, Any]:
    """Return a complete correction as the form posts it."""
    return {
        "token": client.token,
        "verdict": "correct",
        "output_shown": "1",
        "output.action": "decline",
        "output.limit": "",
        "reason_code": "income",
        "justification": WORDS,
        "evidence": ["/duration"],
        "confidence": "4",
        "time_spent_ms": "61000",
        **changes,
    }


def test_submit__complete__is_kept_with_provenance_and_opens_the_next_case(made, desk):
    flagged(made, amount=950.0)
    following = Task.objects.exclude(pk=desk.task.pk).get()
    agent = {"HTTP_USER_AGENT": "Firefox 1", **{f"HTTP_{k.upper().replace('-', '_')}": v for k, v in HTMX.items()}}
    answer = desk.post(f"/tasks/{desk.task.pk}/submit", entered(desk), **agent)
    assert answer.status_code == 204
    place = json.loads(answer["HX-Location"])
    assert (place["path"], place["target"]) == (f"/tasks/{following.pk}/", "#app")
    assert json.loads(answer["HX-Trigger"])["toast"]["title"] == "Correction submitted"
    kept = Correction.objects.get()
    assert (kept.verdict, kept.output, kept.reason_code) == ("correct", {"action": "decline"}, "income")
    assert (kept.evidence, kept.confidence, kept.time_spent_ms) == (["/duration"], 4, 61000)
    assert (kept.author, kept.client, kept.shown["via"]) == (desk.user, "Firefox 1", "workbench")
    following.refresh_from_db()
    assert following.lease_holder == desk.user
    # What htmx then fetches is the whole page, of which it takes the part.
    moved = desk.get(place["path"], headers={**HTMX, **place["headers"]}).text
    assert 'id="app"' in moved
    assert 'id="review-form"' in moved


def test_submit__without_script__confirms_on_the_next_page(made, desk):
    flagged(made, amount=950.0)
    page = desk.post(f"/tasks/{desk.task.pk}/submit", entered(desk), follow=True)
    assert "Correction submitted" in page.text


def test_submit__without_script__redirects(made, desk):
    answer = desk.post(f"/tasks/{desk.task.pk}/submit", entered(desk))
    assert answer.status_code == 302
    assert answer.url == f"/queues/{made.standard.pk}/"


def test_submit__agree__needs_no_words(desk):
    desk.post(f"/tasks/{desk.task.pk}/submit", {"token": desk.token, "verdict": "agree"}, headers=HTMX)
    kept = Correction.objects.get()
    assert (kept.verdict, kept.output) == ("agree", kept.decision.output)


def test_submit__risky__says_that_a_risk_officer_decides(made, sign, held):
    flagged(made, amount=20000.0)
    task, client = Task.objects.get(), sign("reviewer")
    client.token = held(task, client.user)
    page = client.post(f"/tasks/{task.pk}/submit", entered(client), follow=True)
    assert "A risk officer decides: Large change." in page.text


def test_submit__too_short__comes_back_at_its_field_with_everything_typed(desk):
    body = entered(desk, justification="Too short.", **{"output.limit": "many"})
    page = desk.post(f"/tasks/{desk.task.pk}/submit", body, headers=HTMX)
    assert page.status_code == 422
    assert "<html" not in page.text
    assert "There are 2 problems" in page.text
    assert "Too short." in page.text
    assert 'value="many"' in page.text
    assert "Limit: Enter a number (EUR)" in page.text
    assert 'href="#f-output-limit"' in page.text
    assert 'value="/duration"' in page.text
    assert not Correction.objects.exists()


def test_submit__nothing_chosen__asks_for_a_verdict(desk):
    page = desk.post(f"/tasks/{desk.task.pk}/submit", {"token": desk.token})
    assert page.status_code == 422
    assert "Choose a verdict" in main(page)
    assert "<html" in page.text, "without script the whole page comes back"


def test_submit__evidence_that_is_not_there__is_said_at_the_evidence(desk):
    page = desk.post(f"/tasks/{desk.task.pk}/submit", entered(desk, evidence=["/nothing"]), headers=HTMX)
    assert page.status_code == 422
    assert 'href="#evidence"' in page.text


def test_submit__stale_token__is_a_conflict_that_keeps_the_draft(desk):
    page = desk.post(f"/tasks/{desk.task.pk}/submit", entered(desk, token="0"), headers=HTMX)
    assert page.status_code == 409
    assert "You have taken this task again in another window" in page.text
    assert WORDS in page.text
    assert f'name="token" value="{desk.token}"' in page.text, "submitting again must work"
    assert Draft.objects.get().body["justification"] == WORDS
    assert not Correction.objects.exists()


def test_submit__lease_lost_to_another__is_a_conflict_that_keeps_the_draft(desk, held):
    Task.objects.update(lease_until=clock.now() - timedelta(minutes=1))
    held(desk.task, person("bo", "reviewer"))
    page = desk.post(f"/tasks/{desk.task.pk}/submit", entered(desk), headers=HTMX)
    assert page.status_code == 409
    assert "Bo Test holds this task now" in page.text
    assert "Your draft, kept" in page.text
    assert WORDS in page.text
    assert Draft.objects.get(reviewer=desk.user).body["output"] == {"action": "decline"}


def test_submit__pressed_twice__counts_once(desk):
    for _ in range(2):
        assert desk.post(f"/tasks/{desk.task.pk}/submit", entered(desk), headers=HTMX).status_code == 204
    assert Correction.objects.count() == 1


def test_submit__judged_in_another_window__is_a_conflict_and_shows_what_counts(desk):
    desk.post(f"/tasks/{desk.task.pk}/submit", entered(desk))
    page = desk.post(f"/tasks/{desk.task.pk}/submit", entered(desk, verdict="agree"), headers=HTMX)
    assert page.status_code == 409
    assert "You judged this case" in page.text
    assert Correction.objects.get().verdict == "correct"


def test_form__correct__offers_the_contracts_output_and_its_reasons(desk):
    page = desk.post(f"/tasks/{desk.task.pk}/form", {"token": desk.token, "verdict": "correct"}, headers=HTMX)
    assert "<html" not in page.text
    assert 'name="output.action"' in page.text
    assert "Income misread" in page.text
    assert "Sound" not in page.text, "reasons are those of the verdict"
    assert 'hx-swap-oob="true"' in page.text
    assert "Submit correction" in page.text
    assert page.text.count("Same") == 2, "the form starts from the agent's answer"


def test_form__agree__offers_other_reasons_and_no_output(desk):
    page = desk.post(f"/tasks/{desk.task.pk}/form", {"token": desk.token, "verdict": "agree"}, headers=HTMX)
    assert "Sound" in page.text
    assert "output.action" not in page.text
    assert "Submit agreement" in page.text


def test_form__changed_output__redraws_the_comparison_and_warns_of_a_second_person(made, sign, held):
    flagged(made, amount=20000.0)
    task, client = Task.objects.get(), sign("reviewer")
    client.token = held(task, client.user)
    page = client.post(f"/tasks/{task.pk}/form", entered(client), headers=HTMX)
    assert "<ins" in page.text
    assert "Decline" in page.text
    assert "Large change." in page.text


def test_form__other_verdict__keeps_what_was_typed_for_the_way_back(desk):
    path = f"/tasks/{desk.task.pk}/form"
    desk.post(path, entered(desk, **{"output.limit": "450"}), headers=HTMX)
    desk.post(path, {"token": desk.token, "verdict": "escalate", "justification": WORDS}, headers=HTMX)
    page = desk.post(path, {"token": desk.token, "verdict": "correct", "justification": WORDS}, headers=HTMX)
    assert 'value="450"' in page.text
    assert WORDS in page.text


def test_form__without_script__is_saved_and_shown_by_the_page(desk):
    answer = desk.post(f"/tasks/{desk.task.pk}/form", {"token": desk.token, "verdict": "correct"})
    assert answer.url == f"/tasks/{desk.task.pk}/"
    assert 'name="output.action"' in desk.get(answer.url).text


def test_form__evidence_without_script__is_ticked_in_a_list(desk):
    body = {
        "token": desk.token,
        "verdict": "agree",
        "cited_shown": "1",
        "cited": ["/amount"],
        "evidence": ["/duration"],
    }
    desk.post(f"/tasks/{desk.task.pk}/form", body)
    assert Draft.objects.get().body["evidence"] == ["/amount"]


@pytest.mark.parametrize("verb", ["put", "post"])
def test_draft__typed__is_kept_and_restored(desk, verb):
    body = urlencode(entered(desk), doseq=True)
    page = getattr(desk, verb)(
        f"/tasks/{desk.task.pk}/draft", body, content_type="application/x-www-form-urlencoded", headers=HTMX
    )
    assert "Draft saved" in page.text
    text = main(desk.get(f"/tasks/{desk.task.pk}/"))
    assert WORDS in text
    assert 'id="v-correct" value="correct" data-verdict="c" data-then="f-output" checked' in text
    assert 'value="/duration"' in text


def test_draft__lease_lost__is_kept_and_says_so(desk):
    page = desk.post(f"/tasks/{desk.task.pk}/draft", entered(desk, token="0"), headers=HTMX)
    assert "you do not hold this case any more" in page.text
    assert Draft.objects.get().body["justification"] == WORDS


def test_draft__of_another__is_not_shown(made, desk, sign, held):
    desk.post(f"/tasks/{desk.task.pk}/draft", entered(desk))
    assert WORDS not in sign("reviewer", name="bo").get(f"/tasks/{desk.task.pk}/").text


def test_draft__nonsense_in_numbers__is_no_error(desk):
    body = entered(desk, confidence="9", time_spent_ms="-4", token="x")
    assert desk.post(f"/tasks/{desk.task.pk}/draft", body).status_code == 200
    assert Draft.objects.get().body["confidence"] is None


def test_submit__five_held_already__opens_my_queues(made, desk, held):
    for task in waiting(made, 5):
        held(task, desk.user)
    page = desk.post(f"/tasks/{desk.task.pk}/submit", entered(desk), follow=True)
    assert page.redirect_chain[-1][0] == "/"
    assert Correction.objects.count() == 1


def test_judging__person_of_another_agent__does_not_exist(desk, sign):
    other = sign("reviewer", agent=room(slug="other").world.agent, name="bo")
    assert other.post(f"/tasks/{desk.task.pk}/submit", entered(desk)).status_code == 404
    assert not Correction.objects.exists()


@pytest.fixture
def parted(sign, held) -> Any:
    """A reviewer at a case whose answer has a list of entries."""
    decided(demanding().world, GIVEN, proposal={"output": ANSWER, "confidence": 0.4})
    hand_on()
    task, client = Task.objects.get(), sign("reviewer")
    client.task, client.token = task, held(task, client.user)
    rows = {
        f"output.parts.{at}.{key}": one[key] for at, one in enumerate(ANSWER["parts"]) for key in ("label", "amount")
    }
    client.entered = {
        "token": client.token,
        "verdict": "correct",
        "output_shown": "1",
        "output.action": "refer",
        **rows,
    }
    return client


def test_form__entry_moved_up__is_drawn_first_and_keeps_the_focus(parted):
    asked = {**parted.entered, "arrange": "up output.parts.1"}
    shown = parted.post(f"/tasks/{parted.task.pk}/form", asked, headers=HTMX).text
    assert shown.index('value="Rate"') < shown.index('value="Fee"')
    assert shown.count(" autofocus") == 1
    assert [one["label"] for one in Draft.objects.get().body["output"]["parts"]] == ["Rate", "Fee"]


def test_form__entry_removed_without_script__is_gone_from_the_draft(parted):
    asked = {**parted.entered, "arrange": "remove output.parts.0"}
    assert parted.post(f"/tasks/{parted.task.pk}/form", asked).status_code == 302
    assert [one["label"] for one in Draft.objects.get().body["output"]["parts"]] == ["Rate"]
    assert 'value="Rate"' in parted.get(f"/tasks/{parted.task.pk}/").text


def test_submit__form_untouched_but_for_the_action__changes_nothing_else(parted):
    page = parted.post(
        f"/tasks/{parted.task.pk}/form", {"token": parted.token, "verdict": "correct"}, headers=HTMX
    ).text
    form = {name: value for name, value in fields_of(page).items() if name.startswith("output")}
    said = {**form, "output.action": "decline", "token": parted.token, "verdict": "correct"}
    words = {"reason_code": "income", "justification": WORDS}
    parted.post(f"/tasks/{parted.task.pk}/submit", {**said, **words}, headers=HTMX)
    assert Correction.objects.get().output == {**ANSWER, "action": "decline"}


@pytest.mark.parametrize(
    ("verdict", "asks", "follows"),
    [
        ("cannot_tell", "Justification: what is missing", "A senior reviewer of Lending gets the case next"),
        ("escalate", "Justification: why somebody else must decide", "A senior reviewer of Lending gets the case next"),
    ],
)
def test_form__passing_on__asks_for_its_own_words_and_says_what_follows(desk, verdict, asks, follows):
    page = desk.post(f"/tasks/{desk.task.pk}/form", {"token": desk.token, "verdict": verdict}, headers=HTMX).text
    assert asks in page
    assert follows in page
