"""The API reference in a browser: Swagger UI from own files, under the strict content security policy."""

from playwright.sync_api import Browser, Page, expect

from tests.browser.test_first_page import sign_in
from tests.stack import Stack


def test_reference__signed_in__shows_every_operation_without_a_refusal(page: Page, stack: Stack) -> None:
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type in {"error", "warning"} else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on(
        "request",
        lambda sent: said.append(sent.url) if "127.0.0.1" not in sent.url and "data:" not in sent.url else None,
    )
    sign_in(page, stack, "agent_developer")
    page.goto(f"{stack.url}/api/docs/")

    expect(page.locator(".swagger-ui .opblock").first).to_be_visible()
    page.locator("#operations-Agents_and_decisions-decisions_create button").first.click()
    expect(page.get_by_text("A language model proposes a refund").first).to_be_attached()
    assert said == []


def test_reference__tried_out__answers_a_signed_in_person(page: Page, stack: Stack) -> None:
    sign_in(page, stack, "agent_developer")
    page.goto(f"{stack.url}/api/docs/")
    operation = page.locator("#operations-Agents_and_decisions-agents_list")
    operation.locator("button").first.click()
    operation.get_by_role("button", name="Try it out").click()
    operation.get_by_role("button", name="Execute").click()

    expect(operation.locator(".live-responses-table .response-col_status").last).to_contain_text("200")


def test_reference__without_script__is_a_list_that_fits_a_telephone(browser: Browser, stack: Stack) -> None:
    context = browser.new_context(java_script_enabled=False, viewport={"width": 360, "height": 800})
    page = context.new_page()
    sign_in(page, stack, "auditor")
    page.goto(f"{stack.url}/api/docs/")

    expect(page.get_by_text("/api/v1/agents/{agent}/policy")).to_be_visible()
    context.close()
