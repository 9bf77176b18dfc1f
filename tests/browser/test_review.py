"""The review pages in Chromium: a case by keyboard alone, drafts, two people at one case, without script, both themes."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.stack import Stack

WORDS = "The bureau record and the term speak against it once they are read together."
SEES_TOO_WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
DESK = {"viewport": {"width": 1440, "height": 900}}


def enter(context: BrowserContext, stack: Stack, role: str) -> Page:
    """Sign in as the demo's first person of a role and return the page."""
    person = stack.people[role]
    page = context.new_page()
    page.goto(f"{stack.url}/accounts/login/")
    page.locator("input[name=login]").fill(person["username"])
    page.locator("input[name=password]").fill(person["password"])
    page.locator("button[type=submit]").click()
    page.wait_for_url(f"{stack.url}/")
    return page


def take(page: Page, stack: Stack) -> str:
    """Take the next case of the first queue that has one and return its path."""
    page.goto(stack.url)
    page.get_by_role("button", name=re.compile("Start reviewing .*Consumer credit")).first.click()
    page.wait_for_url("**/tasks/**")
    return page.url.removeprefix(stack.url)


def put_back(page: Page) -> None:
    """Put the open case back, so that the next test finds the queue as it was."""
    page.get_by_text("Put back", exact=True).click()
    page.get_by_role("button", name="Opened by mistake").click()
    page.wait_for_url("**/queues/**")


@pytest.fixture
def reviewer(browser: Browser, stack: Stack) -> Iterator[Page]:
    """A reviewer at a desk; a script that fails, fails the test."""
    context = browser.new_context(**DESK)
    said: list[str] = []
    page = enter(context, stack, "reviewer")
    page.on("pageerror", lambda error: said.append(str(error)))
    yield page
    context.close()
    assert said == []


def test_case__by_keyboard_alone__is_judged_and_the_next_one_opens(reviewer: Page, stack: Stack) -> None:
    first = take(reviewer, stack)
    reviewer.keyboard.press("2")
    expect(reviewer.locator(".benchhead .tabs a[aria-current]")).to_have_text("Inputs")
    reviewer.locator("[data-cite]").first.focus()
    reviewer.keyboard.press("i")
    expect(reviewer.locator("#evidence .chip")).not_to_have_count(0)
    reviewer.keyboard.press("a")
    expect(reviewer.get_by_role("button", name="Submit agreement")).to_be_visible()
    expect(reviewer.locator("#v-agree")).to_be_focused()
    reviewer.keyboard.press("Control+Enter")
    expect(reviewer.locator(".toast")).to_contain_text("Agreement submitted")
    reviewer.wait_for_url(lambda url: not url.endswith(first))
    # The next case is in the page, not only in the address.
    expect(reviewer.locator("#v-agree:checked")).to_have_count(0)
    expect(reviewer.locator("h1")).to_be_visible()
    if "/tasks/" in reviewer.url:
        put_back(reviewer)


def test_draft__typed__survives_a_reload_and_another_verdict(reviewer: Page, stack: Stack) -> None:
    take(reviewer, stack)
    reviewer.keyboard.press("c")
    text = reviewer.get_by_label("Justification")
    with reviewer.expect_response(lambda answer: answer.request.method == "PUT" and answer.ok):
        text.fill(WORDS)
    expect(reviewer.locator("output.counter")).to_have_attribute("data-tone", "positive")
    expect(reviewer.locator("#draft-state")).to_contain_text("Draft saved")
    reviewer.reload()
    expect(text).to_have_value(WORDS)
    reviewer.locator("#v-escalate").check()
    expect(reviewer.get_by_text("gets the case next")).to_be_visible()
    expect(text).to_have_value(WORDS)
    put_back(reviewer)


def test_draft__page_left_before_the_pause_is_over__is_kept(reviewer: Page, stack: Stack) -> None:
    path = take(reviewer, stack)
    reviewer.keyboard.press("c")
    reviewer.get_by_label("Justification").fill(f"At once. {WORDS}")
    reviewer.goto(f"{stack.url}/")
    reviewer.goto(f"{stack.url}{path}")
    expect(reviewer.get_by_label("Justification")).to_have_value(f"At once. {WORDS}")
    put_back(reviewer)


def test_submit__incomplete__names_the_faults_and_takes_the_focus_there(reviewer: Page, stack: Stack) -> None:
    take(reviewer, stack)
    reviewer.keyboard.press("c")
    expect(reviewer.get_by_label("Justification")).to_be_visible()
    reviewer.get_by_label("Justification").fill("Short.")
    reviewer.keyboard.press("Control+Enter")
    summary = reviewer.locator("#review [role=alert]")
    expect(summary).to_be_focused()
    assert Axe().run(reviewer).violations_count == 0
    summary.get_by_role("link", name=re.compile("more")).click()
    expect(reviewer.get_by_label("Justification")).to_be_focused()
    expect(reviewer.get_by_label("Justification")).to_have_value("Short.")
    put_back(reviewer)


def test_comparison__output_changed__is_redrawn_by_the_server(reviewer: Page, stack: Stack) -> None:
    take(reviewer, stack)
    reviewer.keyboard.press("c")
    reviewer.locator("[name='output.credit_limit']").fill("4321")
    reviewer.keyboard.press("Tab")
    expect(reviewer.locator("#diff ins", has_text="4,321")).to_be_visible()
    put_back(reviewer)


def test_case__two_people__see_each_other_and_the_second_cannot_take_it(
    browser: Browser, reviewer: Page, stack: Stack
) -> None:
    path = take(reviewer, stack)
    context = browser.new_context(**DESK)
    senior = enter(context, stack, "senior_reviewer")
    senior.goto(stack.url + path)
    name, other = stack.people["reviewer"]["name"], stack.people["senior_reviewer"]["name"]
    expect(senior.get_by_role("heading", name=f"{name} is working on this")).to_be_visible()
    expect(reviewer.locator("#presence")).to_contain_text(f"{other} is looking too", timeout=15_000)
    context.close()
    expect(reviewer.locator("#presence")).to_be_empty(timeout=15_000)
    put_back(reviewer)


def test_case__without_script__is_judged_all_the_same(browser: Browser, stack: Stack) -> None:
    context = browser.new_context(java_script_enabled=False, **DESK)
    page = enter(context, stack, "reviewer")
    take(page, stack)
    page.get_by_label("Agree").check()
    page.get_by_role("button", name="Show the fields for this verdict").click()
    page.get_by_role("checkbox", name="Duration").check()
    page.get_by_role("button", name="Submit agreement").click()
    expect(page.get_by_text("Agreement submitted")).to_be_visible()
    if "/tasks/" in page.url:
        put_back(page)
    context.close()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 1024, 390])
def test_pages__both_themes_and_sizes__have_no_fault_and_never_scroll_sideways(
    browser: Browser, stack: Stack, width: int, theme: Any
) -> None:
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=theme)
    page = enter(context, stack, "risk_officer")
    queue = page.locator("tbody th a").first.get_attribute("href")
    page.goto(f"{stack.url}{queue}")
    case = page.locator("tbody th a").first.get_attribute("href")
    page.goto(f"{stack.url}/escalations/")
    escalation = page.locator("tbody th a").first.get_attribute("href")
    paths = ["/", queue, case, "/escalations/", "/escalations/?state=decided", escalation]
    for path in paths:
        page.goto(f"{stack.url}{path}")
        assert page.evaluate(SEES_TOO_WIDE) == 0, path
        found = Axe().run(page)
        assert found.violations_count == 0, (path, found.generate_report())
    context.close()
