"""The first minute: the sign-in page that `make run` prints, and the page behind it, for every role."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.stack import Stack

ROLES = ["reviewer", "senior_reviewer", "risk_officer", "policy_admin", "auditor", "agent_developer", "operator"]


def sign_in(page: Page, stack: Stack, role: str) -> None:
    """Sign in as the demo's first person of a role, with the keyboard."""
    person = stack.people[role]
    page.goto(stack.url)
    page.locator("input[name=login]").fill(person["username"])
    page.locator("input[name=password]").fill(person["password"])
    page.keyboard.press("Enter")
    page.wait_for_url(f"{stack.url}/")


@pytest.mark.parametrize("role", ROLES)
def test_sign_in__every_role__lands_on_a_page_without_faults(page: Page, stack: Stack, role: str) -> None:
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type in {"error", "warning"} else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    sign_in(page, stack, role)
    expect(page.locator("h1")).to_be_visible()
    # Fonts, styles, scripts and the websocket, all under the content security policy.
    page.wait_for_load_state("networkidle")
    assert said == []
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


def test_sign_in__wrong_password__says_so_and_stays(page: Page, stack: Stack) -> None:
    page.goto(stack.url)
    page.locator("input[name=login]").fill(stack.people["auditor"]["username"])
    page.locator("input[name=password]").fill("not the password")
    page.keyboard.press("Enter")
    expect(page.locator("input[name=password]")).to_be_visible()
    assert "/accounts/login/" in page.url
