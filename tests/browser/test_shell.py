"""The frame of every page: keyboard, palette, theme, refusals; in both themes, on a desk and on a telephone, without script."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.stack import Stack

PATHS = ["/", "/components/", "/preferences/", "/shortcuts/", "/palette/?q=a", "/accounts/2fa/", "/no/such/page"]
SEES_TOO_WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


def enter(context: BrowserContext, stack: Stack, role: str = "auditor") -> Page:
    """Sign in and return the page."""
    person = stack.people[role]
    page = context.new_page()
    page.goto(f"{stack.url}/accounts/login/")
    page.locator("input[name=login]").fill(person["username"])
    page.locator("input[name=password]").fill(person["password"])
    page.locator("button[type=submit]").click()
    page.wait_for_url(f"{stack.url}/")
    return page


@pytest.fixture
def desk(browser: Browser, stack: Stack) -> Iterator[Page]:
    """A signed-in auditor at a desk."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    yield enter(context, stack)
    context.close()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_pages__both_themes_and_sizes__have_no_fault_and_never_scroll_sideways(
    browser: Browser, stack: Stack, width: int, theme: Any
) -> None:
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=theme)
    page = enter(context, stack)
    for path in PATHS:
        page.goto(stack.url + path)
        assert page.evaluate(SEES_TOO_WIDE) == 0, path
        found = Axe().run(page)
        assert found.violations_count == 0, (path, found.generate_report())
    context.close()


def test_pages__narrowest_telephone__never_scroll_sideways(browser: Browser, stack: Stack) -> None:
    context = browser.new_context(viewport={"width": 360, "height": 740}, has_touch=True)
    page = enter(context, stack)
    for path in PATHS:
        page.goto(stack.url + path)
        assert page.evaluate(SEES_TOO_WIDE) == 0, path
    page.get_by_role("button", name="Menu").click()
    expect(page.get_by_role("link", name="Components")).to_be_visible()
    context.close()


def test_palette__keyboard_alone__finds_and_opens(desk: Page) -> None:
    desk.keyboard.press("Control+k")
    field = desk.get_by_role("combobox", name="Search or run a command")
    expect(field).to_be_focused()
    expect(desk.locator("#palette [role=option]").first).to_have_attribute("aria-selected", "true")
    desk.keyboard.type("compon")
    expect(desk.locator("#palette [role=option]")).to_have_count(1)
    expect(desk.locator("[data-palette-count]")).to_have_text("1 result")
    desk.keyboard.press("Enter")
    desk.wait_for_url("**/components/")


def test_palette__open__is_a_dialog_without_faults(desk: Page) -> None:
    desk.keyboard.press("Control+k")
    expect(desk.locator("#palette [role=option]").first).to_be_visible()
    found = Axe().run(desk)
    assert found.violations_count == 0, found.generate_report()
    desk.keyboard.press("Escape")
    expect(desk.locator("#palette")).to_be_hidden()


def test_keys__go_to_and_lists__work_outside_fields_only(desk: Page, stack: Stack) -> None:
    desk.goto(f"{stack.url}/components/")
    desk.keyboard.press("j")
    expect(desk.locator("[data-list] a").nth(1)).to_be_focused()
    desk.keyboard.press("k")
    expect(desk.locator("[data-list] a").first).to_be_focused()
    desk.locator("#g-just").fill("")
    desk.keyboard.type("gq?")
    assert desk.locator("#g-just").input_value() == "gq?"
    expect(desk.locator("#help")).to_be_hidden()
    desk.locator("h1").click()
    desk.keyboard.press("g")
    desk.keyboard.press("q")
    desk.wait_for_url(f"{stack.url}/")


def test_keys__switched_off__stay_off_for_this_person(desk: Page) -> None:
    desk.keyboard.press("?")
    box = desk.locator("#help [data-shortcuts-toggle]")
    with desk.expect_response("**/preferences/"):
        box.uncheck()
    desk.keyboard.press("Escape")
    desk.keyboard.press("?")
    expect(desk.locator("#help")).to_be_hidden()
    desk.reload()
    assert desk.get_attribute("html", "data-shortcuts") == "off"
    desk.get_by_role("link", name="Keyboard shortcuts").first.click()
    with desk.expect_response("**/preferences/"):
        box.check()
    assert desk.get_attribute("html", "data-shortcuts") == "on"


def test_theme__toggled__holds_on_the_next_page(desk: Page, stack: Stack) -> None:
    with desk.expect_response("**/preferences/"):
        desk.get_by_role("button", name="Switch between light and dark").click()
    chosen = desk.get_attribute("html", "data-theme")
    assert chosen in {"light", "dark"}
    desk.goto(f"{stack.url}/components/")
    assert desk.get_attribute("html", "data-theme") == chosen


def test_counter__text__turns_when_the_minimum_is_met_and_says_so_once(desk: Page, stack: Stack) -> None:
    desk.goto(f"{stack.url}/components/")
    desk.locator("#g-just").fill("x" * 40)
    expect(desk.locator("output[for=g-just]")).to_have_attribute("data-tone", "positive")
    expect(desk.locator("#live")).to_have_text("Minimum length reached")


def test_refusal__htmx__stands_on_top_and_replaces_nothing(desk: Page) -> None:
    missing = "/decisions/00000000-0000-7000-8000-000000000000/"
    desk.evaluate("path => htmx.ajax('GET', path, {target: '.pagehead'})", missing)
    banner = desk.locator("#problem [role=alert]")
    expect(banner).to_be_focused()
    expect(desk.locator("h1")).to_be_visible()


def test_fault__server_down_for_a_moment__keeps_the_page(desk: Page) -> None:
    desk.route("**/no/answer", lambda route: route.fulfill(status=502, body="<h1>Bad gateway</h1>"))
    desk.evaluate("htmx.ajax('GET', '/no/answer', {target: 'main'})")
    expect(desk.locator("#problem")).to_contain_text("What you typed is kept")
    expect(desk.get_by_text("Bad gateway")).to_have_count(0)


def test_toast__undo__waits_for_thirty_seconds_and_z(desk: Page) -> None:
    desk.evaluate(
        "document.body.dispatchEvent(new CustomEvent('toast', {bubbles: true, detail: {title: 'Submitted', undo: '/preferences/'}}))"
    )
    toast = desk.locator("#toasts .toast").last
    expect(toast).to_have_attribute("data-seconds", "30")
    with desk.expect_request("**/preferences/") as sent:
        desk.keyboard.press("z")
    assert sent.value.method == "POST"


def test_shell__without_script__search_theme_and_sign_out_work(browser: Browser, stack: Stack) -> None:
    context = browser.new_context(java_script_enabled=False, viewport={"width": 1440, "height": 900})
    page = enter(context, stack, "operator")
    page.get_by_role("link", name=re.compile("Search or run")).click()
    page.get_by_label("Search for").fill("components")
    page.locator("main").get_by_role("button", name="Search").click()
    page.locator("main").get_by_role("link", name="Components").click()
    page.get_by_role("button", name="Switch between light and dark").click()
    assert page.get_attribute("html", "data-theme") == "dark"
    page.locator("details.menu summary").first.click()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/accounts/login/")
    context.close()
