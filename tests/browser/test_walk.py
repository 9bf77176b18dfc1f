"""A walk through the whole navigation of every role: both themes, four widths, the keyboard, and nothing that jumps or fails."""

import time
from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.test_first_page import ROLES, sign_in
from tests.stack import Stack

# The last is a desk's 1280 px at 400 %.
WIDTHS = (1440, 1024, 390, 320)
LOOKS = (("dark", 390), ("light", 1440))
# Seconds for one role: a page that hangs is a fault too.
PATIENCE = 240
TOO_WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
LINKS = "links => links.map(link => link.getAttribute('href'))"
# What leads on from a list: its first row.
ROWS = "#main .table__title[href^='/'], #main .queue__item[href^='/']"
# Colours and sizes have arrived: two frames, and whatever was fading is done.
SETTLED = """() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() =>
    Promise.all(document.getAnimations().filter(one => one.effect.getComputedTiming().endTime < 1e6)
        .map(one => one.finished.catch(() => 0))).then(() => done(true)))))"""


@pytest.fixture
def walker(browser: Browser) -> Iterator[BrowserContext]:
    """A browser that asks for less motion."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, reduced_motion="reduce")
    yield context
    context.close()


def heard(page: Page) -> list[str]:
    """Return what the page says from now on: errors, and what the content security policy refused."""
    said: list[str] = []
    page.on("console", lambda one: said.append(one.text) if one.type in {"error", "warning"} else None)
    page.on("pageerror", lambda fault: said.append(str(fault)))
    return said


def look(page: Page, theme: Any, width: int) -> None:
    """Show the page in a theme and width, and wait until it stands still."""
    page.emulate_media(color_scheme=theme, reduced_motion="reduce")
    page.set_viewport_size({"width": width, "height": 900})
    page.evaluate(SETTLED)


def places(page: Page, stack: Stack) -> list[str]:
    """Return the navigation of the person, and for each list the first that stands in it."""
    found = list(dict.fromkeys(page.eval_on_selector_all(".sidenav a[href^='/']", LINKS)))
    for path in list(found):
        if path.startswith("/api/"):
            # A page of its own kind, with its own tests.
            found.remove(path)
            continue
        page.goto(stack.url + path)
        found += [one for one in page.eval_on_selector_all(ROWS, LINKS)[:1] if one not in found]
    return found


@pytest.mark.parametrize("role", ROLES)
def test_walk__every_page_of_the_navigation__is_whole_in_both_themes_and_at_every_width(
    walker: BrowserContext, stack: Stack, role: str
) -> None:
    page, began = walker.new_page(), time.monotonic()
    said = heard(page)
    sign_in(page, stack, role)
    titles = {}
    for path in places(page, stack):
        answer = page.goto(stack.url + path)
        assert answer is not None
        assert answer.status == 200, path
        expect(page.locator("h1")).to_have_count(1)
        titles[path] = page.title()
        for width in WIDTHS:
            look(page, "light", width)
            assert page.evaluate(TOO_WIDE) == 0, (path, width)
        # The desk in one theme, the telephone in the other, in turns: other roles see most of these pages again.
        theme, width = LOOKS[(len(titles) + ROLES.index(role)) % 2]
        look(page, theme, width)
        found = Axe().run(page)
        assert found.violations_count == 0, (path, theme, found.generate_report())
        assert said == [], path
    assert all(title.endswith(" · Countersign") for title in titles.values()), titles
    assert time.monotonic() - began < PATIENCE, f"{len(titles)} pages took {time.monotonic() - began:.0f} s"


@pytest.mark.parametrize(("theme", "width"), [("dark", 1440), ("light", 390), ("dark", 1024)])
def test_walk__as_who_keeps_it_running__has_no_fault_in_the_other_theme_either(
    walker: BrowserContext, stack: Stack, theme: str, width: int
) -> None:
    page = walker.new_page()
    sign_in(page, stack, "operator")
    for path in places(page, stack):
        page.goto(stack.url + path)
        look(page, theme, width)
        found = Axe().run(page)
        assert found.violations_count == 0, (path, found.generate_report())


def test_walk__compact__stands_closer_and_has_no_fault(walker: BrowserContext, stack: Stack) -> None:
    page = walker.new_page()
    sign_in(page, stack, "auditor")
    page.goto(f"{stack.url}/decisions/")
    row = page.locator("#rows tbody tr").first
    before = row.bounding_box()
    page.goto(f"{stack.url}/preferences/")
    page.get_by_label("Compact").check()
    page.get_by_role("button", name="Save preferences").click()
    page.goto(f"{stack.url}/decisions/")
    after = row.bounding_box()
    try:
        assert before is not None
        assert after is not None
        assert after["height"] < before["height"]
        assert page.get_attribute("html", "data-density") == "compact"
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()
    finally:
        page.goto(f"{stack.url}/preferences/")
        page.get_by_label("Comfortable").check()
        page.get_by_role("button", name="Save preferences").click()


# Role, page, and the words of what is done there.
ACTIONS = [
    ("reviewer", "/", "Start reviewing"),
    ("policy_admin", "/releases/?agent=refund", "Build"),
    ("operator", "/incidents/", "A webhook of"),
    ("operator", "/operations/", "Agent"),
    ("auditor", "/decisions/", "Filter"),
    ("agent_developer", "/agents/", "Employment status"),
]


@pytest.mark.parametrize(("role", "path", "words"), ACTIONS, ids=[f"{role}{path}" for role, path, _ in ACTIONS])
def test_walk__keyboard_alone__reaches_what_is_done_there(
    walker: BrowserContext, stack: Stack, role: str, path: str, words: str
) -> None:
    page = walker.new_page()
    sign_in(page, stack, role)
    page.goto(stack.url + path)
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("Enter")
    reached = []
    for _ in range(25):
        page.keyboard.press("Tab")
        name = page.evaluate(
            "(() => { const a = document.activeElement; return (a.labels?.[0] ?? a).textContent.trim(); })()"
        )
        reached.append(name)
        if words in name:
            ring = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
            assert ring != "none", f"{name} shows no focus"
            return
    pytest.fail(f"{words} is not among the first that Tab reaches: {reached}")
