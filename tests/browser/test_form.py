"""The review form in Chromium when things go wrong: nothing that was typed is lost. Files and lists by keyboard."""

import os
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.sessions.models import Session
from django.test import Client
from playwright.sync_api import Browser, Page, expect

from corrections.models import Attachment, Correction, Task
from corrections.services import corrections
from reviewapp.core.accounts.models import RoleGrant, User
from tests.factories import serving
from tests.factories.decisions import decided
from tests.factories.demanding import ANSWER, GIVEN, POLICY, demanding
from tests.factories.feedback import WORDS, hand_on, room
from tests.factories.serving import UNSURE_INPUT

pytestmark = pytest.mark.django_db(transaction=True)
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")


def signed_in(user: User, url: str) -> list[dict[str, str]]:
    client = Client()
    client.force_login(user)
    return [{"name": key, "value": one.value, "url": url} for key, one in client.cookies.items()]


@pytest.fixture
def desk(browser: Browser, live_server: Any, settings: Any, tmp_path: Any) -> Iterator[Page]:
    """A reviewer who holds the one case of the demanding contract and corrects it."""
    settings.ATTACHMENTS_DIR = str(tmp_path / "files")
    decided(demanding().world, GIVEN, proposal={"output": ANSWER, "confidence": 0.4})
    hand_on()
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    context.add_cookies(signed_in(serving.person("ada", "reviewer"), live_server.url))
    page = context.new_page()
    page.goto(f"{live_server.url}/tasks/{Task.objects.get().pk}/")
    page.get_by_role("button", name="Take this case").click()
    page.locator("#v-correct").check(force=True)
    page.locator("#f-output-action").select_option("decline")
    page.locator("#f-justification").fill(WORDS)
    expect(page.locator("#draft-state")).to_contain_text("Draft saved")
    page.locator("#f-justification").press_sequentially(" And more.")
    yield page
    context.close()


def kept(page: Page) -> None:
    """See that what was typed is still there."""
    expect(page.locator("#f-justification")).to_have_value(f"{WORDS} And more.")
    expect(page.locator("#f-output-action")).to_have_value("decline")
    assert not Correction.objects.exists()


def test_bench__fills_the_window__and_the_page_itself_never_scrolls(desk: Page) -> None:
    assert desk.evaluate("document.documentElement.scrollHeight") == 900


def test_submit__faults__are_linked_and_the_focus_goes_there(desk: Page) -> None:
    desk.locator("#f-output-months").fill("6,5")
    desk.keyboard.press("Control+Enter")
    summary = desk.locator("[data-focus]").first
    expect(summary).to_be_focused()
    summary.get_by_role("link", name=re.compile("Months")).click()
    expect(desk.locator("#f-output-months")).to_be_focused()
    expect(desk.locator("#f-output-months-e")).to_contain_text("Write decimals with a point: 6.5.")
    kept(desk)


def test_submit__hold_lost_to_another__keeps_everything(desk: Page) -> None:
    other = serving.person("bob", "reviewer")
    Task.objects.update(lease_holder=other, lease_token=99)
    desk.keyboard.press("Control+Enter")
    expect(desk.locator("#conflict")).to_contain_text("kept")
    desk.reload()
    Task.objects.update(lease_holder=User.objects.get(username="ada"), lease_token=100)
    desk.reload()
    kept(desk)


def test_submit__role_taken_away__keeps_what_stands_on_the_page(desk: Page) -> None:
    RoleGrant.objects.all().delete()
    User.objects.get(username="ada").user_permissions.clear()
    desk.keyboard.press("Control+Enter")
    expect(desk.locator("main").get_by_role("alert").first).to_contain_text("Not found")
    kept(desk)


def test_submit__fault_of_ours__keeps_what_stands_on_the_page(desk: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(**_: Any) -> None:
        raise RuntimeError("broken on purpose")

    monkeypatch.setattr(corrections, "submit", broken)
    desk.keyboard.press("Control+Enter")
    expect(desk.locator("main").get_by_role("alert").first).to_contain_text("That did not work")
    kept(desk)


def test_draft__offline__says_so_and_is_saved_when_back(desk: Page) -> None:
    expect(desk.locator("#draft-state")).to_contain_text("Draft saved")
    desk.context.set_offline(True)
    desk.locator("#f-justification").press_sequentially("x")
    expect(desk.locator("#draft-state")).to_contain_text("Offline, your draft is kept on this page")
    desk.locator("#f-justification").press("Backspace")
    desk.context.set_offline(False)
    expect(desk.locator("#draft-state")).to_contain_text("Draft saved")
    desk.reload()
    kept(desk)


def test_draft__session_ended__waits_for_the_same_person(desk: Page, live_server: Any) -> None:
    Session.objects.all().delete()
    desk.context.clear_cookies(name="sessionid")
    desk.keyboard.press("Control+Enter")
    desk.wait_for_url("**/accounts/login/**")
    desk.context.add_cookies(signed_in(User.objects.get(username="ada"), live_server.url))
    desk.goto(f"{live_server.url}/tasks/{Task.objects.get().pk}/")
    kept(desk)


def test_draft__session_ended__is_not_given_to_somebody_else(desk: Page, live_server: Any) -> None:
    Session.objects.all().delete()
    desk.keyboard.press("Control+Enter")
    desk.wait_for_url("**/accounts/login/**")
    other = serving.person("bob", "reviewer")
    Task.objects.update(lease_holder=other)
    desk.context.add_cookies(signed_in(other, live_server.url))
    desk.goto(f"{live_server.url}/tasks/{Task.objects.get().pk}/")
    expect(desk.locator("#review-form")).to_be_visible()
    desk.wait_for_timeout(500)
    assert "And more" not in desk.content()


def test_files__chosen__are_listed_removed_and_submitted(desk: Page) -> None:
    letter = {"name": "letter.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7 x"}
    note = {"name": "note.txt", "mimeType": "text/plain", "buffer": b"Call the branch."}
    desk.locator("#f-attachments").set_input_files([letter, note])
    expect(desk.locator("#attachments li")).to_have_count(2)
    desk.locator("#f-attachments").set_input_files([{**note, "name": "page.html", "buffer": b"<script>"}])
    expect(desk.locator("#attachments .field__error")).to_contain_text("Only these are taken")
    desk.get_by_role("button", name="Remove note.txt").focus()
    desk.keyboard.press("Enter")
    expect(desk.locator("#attachments li")).to_have_count(1)
    if where := os.environ.get("PICTURES"):
        desk.locator("#attachments").scroll_into_view_if_needed()
        desk.screenshot(path=f"{where}/files.png")
    found = Axe().run(desk).response["violations"]
    assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in found] == []
    desk.locator("#f-reason_code").focus()
    desk.keyboard.press("1")
    expect(desk.locator("#f-reason_code")).not_to_have_value("")
    desk.keyboard.press("Control+Enter")
    expect(desk.locator(".toast")).to_contain_text("Correction submitted")
    assert Attachment.objects.get().correction == Correction.objects.get()


def test_entries__moved_by_keyboard__keep_the_focus_and_what_was_typed(desk: Page) -> None:
    desk.get_by_role("button", name="Move up: Entry 2").focus()
    desk.keyboard.press("Enter")
    expect(desk.locator("#f-output-parts-0-label")).to_have_value("Rate")
    expect(desk.get_by_role("button", name="Move down: Entry 1")).to_be_focused()
    desk.get_by_role("button", name="Remove: Entry 2").focus()
    desk.keyboard.press("Enter")
    expect(desk.locator("#f-output-parts-1-label")).to_have_value("")
    if where := os.environ.get("PICTURES"):
        desk.locator("#f-output-parts-0-label").scroll_into_view_if_needed()
        desk.screenshot(path=f"{where}/rows.png")
    kept(desk)


PAYING: dict[str, Any] = {
    "type": "object",
    "required": ["action", "pay"],
    "properties": {
        "action": {"enum": ["approve", "decline"], "title": "Action"},
        "pay": {
            "title": "Payment",
            "oneOf": [
                {
                    "title": "By card",
                    "type": "object",
                    "required": ["by", "number"],
                    "properties": {"by": {"const": "card"}, "number": {"type": "string", "title": "Card number"}},
                },
                {
                    "title": "By transfer",
                    "type": "object",
                    "required": ["by", "iban"],
                    "properties": {"by": {"const": "transfer"}, "iban": {"type": "string", "title": "Account"}},
                },
            ],
        },
    },
}


def redrawn(page: Page, act: Callable[[], Any]) -> None:
    """Do something that redraws the form, and wait until it has been: the next act would meet the field that goes."""
    with page.expect_response(lambda answer: answer.url.endswith("/form")):
        act()
    expect(page.locator(".htmx-request, .htmx-swapping, .htmx-settling, .htmx-added")).to_have_count(0)


def test_alternatives__switched_by_keyboard__keep_what_was_typed(browser: Browser, live_server: Any) -> None:
    waits = {on: {"do": "review"} for on in ("on_error", "on_timeout", "on_unavailable")}
    rule = {"id": "P-1", "when": "true", "action": "review", "text": "Look."}
    made = room(
        slug="paying",
        mode="propose",
        policy=POLICY,
        output_schema=PAYING,
        failure=waits,
        review_rules=[rule],
        escalation_rules=[],
    )
    answer = {"action": "approve", "pay": {"by": "card", "number": "42"}}
    decided(made.world, UNSURE_INPUT, proposal={"output": answer, "confidence": 0.4})
    hand_on()
    context = browser.new_context(viewport={"width": 390, "height": 844})
    context.add_cookies(signed_in(serving.person("ada", "reviewer"), live_server.url))
    page = context.new_page()
    page.goto(f"{live_server.url}/tasks/{Task.objects.get().pk}/")
    page.get_by_role("button", name="Take this case").click()
    page.locator("#v-correct").check(force=True)
    expect(page.locator("#f-output-pay-number")).to_have_value("42")
    page.locator("#f-output-pay-number").fill("77")
    redrawn(page, lambda: page.locator("#f-output-pay").select_option(label="By transfer"))
    page.locator("#f-output-pay-iban").fill("DE00")
    redrawn(page, lambda: page.locator("#f-output-pay").select_option(label="By card"))
    expect(page.locator("#f-output-pay-number")).to_have_value("77")
    redrawn(page, lambda: page.locator("#f-output-pay").select_option(label="By transfer"))
    expect(page.locator("#f-output-pay-iban")).to_have_value("DE00")
    found = Axe().run(page).response["violations"]
    assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in found] == []
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
    if where := os.environ.get("PICTURES"):
        page.locator("#f-output-pay").scroll_into_view_if_needed()
        page.screenshot(path=f"{where}/variants.png")
    page.locator("#f-reason_code").select_option("income")
    page.locator("#f-justification").fill(WORDS)
    page.keyboard.press("Control+Enter")
    expect(page.locator(".toast")).to_contain_text("Correction submitted")
    assert Correction.objects.get().output == {"action": "approve", "pay": {"by": "transfer", "iban": "DE00"}}
    context.close()
