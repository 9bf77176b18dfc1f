"""Undo in Chromium: thirty seconds in which nothing has left, by one key, with everything typed still there."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.test_review import WORDS, enter, take
from tests.stack import Stack


@pytest.fixture(scope="module")
def held() -> Iterator[Stack]:
    """A product that holds submissions, as it does unless told otherwise."""
    with Stack.started(COUNTERSIGN_UNDO_SECONDS="30") as stack:
        yield stack


@pytest.fixture
def page(browser: Browser, held: Stack) -> Iterator[Page]:
    """A reviewer at a desk."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    yield enter(context, held, "reviewer")
    context.close()


def test_undo__by_one_key__opens_the_case_with_everything_typed(page: Page, held: Stack) -> None:
    first = take(page, held)
    reference = page.locator(".crumbs [aria-current]").inner_text()
    page.keyboard.press("a")
    # At once, while the form is being redrawn for the verdict: what is typed meanwhile is kept.
    page.locator("#f-justification").fill(WORDS)
    page.keyboard.press("Control+Enter")
    page.wait_for_url(lambda url: "/tasks/" in url and first not in url)
    toast = page.locator(".toast", has_text="Agreement submitted")
    expect(toast).to_contain_text("Undo")
    page.keyboard.press("z")
    expect(page.locator(".toast", has_text="Undone")).to_be_visible()
    expect(page.locator(".crumbs [aria-current]")).to_have_text(reference)
    expect(page.locator("#f-justification")).to_have_value(WORDS)
    expect(page.locator("#v-agree")).to_be_checked()
    expect(page.locator("#hold")).to_contain_text("You hold this case until")
    # What was undone may be submitted again, as it is or otherwise.
    page.keyboard.press("Control+Enter")
    expect(page.locator(".toast", has_text="Agreement submitted")).to_be_visible()


def test_undo__without_script__is_a_button(browser: Browser, held: Stack) -> None:
    context = browser.new_context(java_script_enabled=False, viewport={"width": 1440, "height": 900})
    page = enter(context, held, "senior_reviewer")
    held_before = page.url
    page.locator("form[action='/start/'] button").first.click()
    page.locator("#v-agree").check()
    page.get_by_role("button", name="Show the fields for this verdict").click()
    page.locator("#f-justification").fill(WORDS)
    page.locator("#submit").click()
    page.get_by_role("button", name="Undo").click()
    assert "/tasks/" in page.url
    assert page.url != held_before
    expect(page.locator("#f-justification")).to_have_value(WORDS)
    context.close()
