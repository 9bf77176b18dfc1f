"""A demanding contract corrected in Chromium by keyboard alone, at a desk and on a telephone."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from playwright.sync_api import Browser, Page, expect

from corrections.models import Correction, Task
from tests.factories import serving
from tests.factories.decisions import decided
from tests.factories.demanding import ANSWER, GIVEN, demanding
from tests.factories.feedback import WORDS, hand_on

pytestmark = pytest.mark.django_db(transaction=True)
# Playwright keeps an event loop in this thread, which Django takes for async code: said before the database is made.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
SEES_TOO_WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture
def reviewer(browser: Browser, live_server: Any) -> Iterator[Page]:
    """A reviewer in front of the one case of the demanding contract."""
    made = demanding()
    decided(made.world, GIVEN, proposal={"output": ANSWER, "confidence": 0.4})
    hand_on()
    client = Client()
    client.force_login(serving.person("ada", "reviewer"))
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    cookies = [{"name": key, "value": one.value, "url": live_server.url} for key, one in client.cookies.items()]
    context.add_cookies(cookies)
    page = context.new_page()
    page.goto(f"{live_server.url}/tasks/{Task.objects.get().pk}/")
    yield page
    context.close()


def look(page: Page, name: str) -> None:
    """Keep a picture where somebody asked for one."""
    if where := os.environ.get("PICTURES"):
        page.screenshot(path=str(Path(where) / f"{name}.png"), full_page=True)


def walk_to(page: Page, selector: str) -> None:
    """Press Tab until a control has the focus."""
    for _ in range(150):
        if page.evaluate("(s) => document.activeElement.matches(s)", selector):
            return
        page.keyboard.press("Tab")
    pytest.fail(f"{selector} cannot be come to by Tab")


def test_correction__demanding_contract_by_keyboard_alone__is_stored_as_typed(reviewer: Page) -> None:
    page = reviewer
    take = page.get_by_role("button", name="Take this case")
    take.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#v-agree")).to_be_visible()
    page.keyboard.press("c")
    expect(page.locator("#f-output-action")).to_be_visible()
    walk_to(page, "#f-output-action")
    page.keyboard.type("Decline")
    walk_to(page, "#f-output-opens")
    page.keyboard.press("Control+A")
    page.keyboard.type("09:30")
    walk_to(page, "#f-output-parts-1-amount")
    page.keyboard.press("Control+A")
    page.keyboard.type("20.5")
    walk_to(page, "#f-output-parts-2-label")
    page.keyboard.type("Stamp")
    walk_to(page, "#f-output-parts-2-amount")
    page.keyboard.type("2")
    walk_to(page, "#f-reason_code")
    page.keyboard.type("Income")
    walk_to(page, "#f-justification")
    page.keyboard.type(WORDS)
    walk_to(page, "#f-confidence input")
    page.keyboard.press("Space")
    look(page, "demanding-form")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#f-output-opens-e")).to_contain_text("09:30:00Z")
    look(page, "demanding-fault")
    found = Axe().run(page).response["violations"]
    assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in found] == []
    page.set_viewport_size({"width": 360, "height": 800})
    look(page, "demanding-narrow")
    assert page.evaluate(SEES_TOO_WIDE) <= 0
    look(page, "demanding-360")
    page.set_viewport_size({"width": 1440, "height": 900})
    walk_to(page, "#f-output-opens")
    page.keyboard.press("Control+A")
    page.keyboard.type("10:00:00Z")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".toast")).to_contain_text("Correction submitted")
    parts = [ANSWER["parts"][0], {**ANSWER["parts"][1], "amount": 20.5}, {"label": "Stamp", "amount": 2}]
    kept = Correction.objects.get().output
    assert {**kept, "parts": []} == {**ANSWER, "action": "decline", "opens": "10:00:00Z", "parts": []}
    assert [{key: one[key] for key in ("label", "amount")} for one in kept["parts"]] == [
        {key: one[key] for key in ("label", "amount")} for one in parts
    ]
