"""The whole loop in a browser, as the people who take part in it: reviewers, a risk officer, two policy admins."""

import json
import re

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from reviewapp.ops.demo import splits
from tests.stack import Stack, until

WORDS = "The term is long for this income and the property is not known; taken together they speak against it."


@pytest.fixture
def people(browser: Browser, browser_context_args: dict, stack: Stack):
    """Sign people in by user name, each in a browser session of their own; a fault in any console fails the test."""
    secrets = json.loads((stack.state / "demo.json").read_text(encoding="utf-8"))
    passwords = {one["username"]: one["password"] for one in secrets["people"]}
    said: list[str] = []
    contexts = []

    def sign_in(username: str) -> Page:
        context = browser.new_context(**browser_context_args)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: said.append(str(error)))
        page.goto(f"{stack.url}/accounts/login/")
        page.locator("input[name=login]").fill(username)
        page.locator("input[name=password]").fill(passwords[username])
        page.keyboard.press("Enter")
        page.wait_for_url(f"{stack.url}/")
        return page

    yield sign_in
    for context in contexts:
        context.close()
    assert said == []


def program(stack: Stack) -> httpx.Client:
    """Return the credit agent's own program: a client with its key."""
    keys = json.loads((stack.state / "demo.json").read_text(encoding="utf-8"))["keys"]
    headers = {"Authorization": f"Bearer {keys['program:credit']}"}
    return httpx.Client(base_url=f"{stack.url}/api/v1/agents/credit/", headers=headers, timeout=30)


def ask_until_flagged(agent: httpx.Client) -> dict:
    """Ask for large loans until the policy grants one and wants a person to look; return the answer."""
    large = sorted(splits.credit().stream, key=lambda one: -one.input["credit_amount"])
    for at, one in enumerate(large):
        ref = f"BROWSER-{at}"
        answer = agent.post("decisions", json=one.request(case_ref=ref, unit=ref)).raise_for_status().json()
        wanted = answer["status"] != "auto" and answer["output"]["decision"] == "approve"
        if wanted and one.input["credit_amount"] > 9000:
            return {**answer, "case_ref": ref}
    raise AssertionError("no large approval was flagged")


def open_case(page: Page, stack: Stack, case_ref: str) -> None:
    """Find a case in the credit queue by its reference and take it."""
    assert shows(page, stack, case_ref)
    page.locator("tr", has_text=case_ref).first.get_by_role("link").first.click()
    page.locator("[data-submit]", has_text="Take this case").click()
    expect(page.locator("input[name=verdict]").first).to_be_visible()


def refuse(page: Page) -> None:
    """Correct the decision to a refusal, with the keyboard, and submit it."""
    page.keyboard.press("c")
    outcome = page.locator("select[name='output.decision'], input[name='output.decision'][value=decline]").first
    expect(outcome).to_be_visible()
    if outcome.evaluate("element => element.tagName") == "SELECT":
        outcome.select_option("decline")
    else:
        outcome.check()
    page.locator("[name='output.credit_limit']").fill("")
    page.locator("select[name=reason_code]").select_option(index=1)
    page.locator("textarea[name=justification]").fill(WORDS)
    expect(page.locator("#draft-state")).to_contain_text("saved", timeout=10_000)
    page.keyboard.press("Control+Enter")
    page.wait_for_url(lambda url: "/submit" not in url)
    expect(page.locator(".toast").first).to_be_visible(timeout=15_000)


def countersign_all(page: Page, stack: Stack, title: str) -> int:
    """Approve every waiting escalation with this title; return how many there were."""
    count = 0
    while True:
        page.goto(f"{stack.url}/escalations/")
        waiting = page.locator("tr", has_text=title).get_by_role("link")
        if not waiting.count():
            return count
        waiting.first.click()
        approve = page.locator("input[name=verdict][value=approved]")
        expect(approve).to_be_visible()
        page.keyboard.press("a")
        expect(approve).to_be_checked()
        page.locator("textarea[name=rationale]").fill("The burden is too high.")
        page.keyboard.press("Control+Enter")
        expect(page.locator("[data-submit]")).to_have_count(0, timeout=15_000)
        count += 1


def test_loop__corrected_countersigned_learned_released__the_next_decision_comes_from_the_new_version(people, stack):
    with program(stack) as agent:
        decision = ask_until_flagged(agent)
        amina, sara = people("amina"), people("sara")
        for reviewer in (amina, sara):
            until(lambda page=reviewer: shows(page, stack, decision["case_ref"]), 30)
            open_case(reviewer, stack, decision["case_ref"])
            title = reviewer.locator("h1").inner_text()
            refuse(reviewer)

        tomas = people("tomas")
        assert countersign_all(tomas, stack, title) == 2
        until(lambda: agent.get(f"decisions/{decision['id']}").json()["resolution"] is not None, 30)

        lena, hanna = people("lena"), people("hanna")
        lena.goto(f"{stack.url}/releases/?agent=credit")
        before = decision["policy"]["version"]
        lena.get_by_role("button", name=re.compile("Build from accepted corrections")).click()
        version = newest(lena, stack, after=before)
        lena.goto(f"{stack.url}{version}")
        lena.get_by_role("button", name="Submit for approval").click()
        expect(lena.get_by_text("Submitted it")).to_be_visible()
        assert lena.get_by_role("button", name="Submit decision").count() == 0, "who submits does not decide"

        hanna.goto(f"{stack.url}{version}")
        hanna.locator("input[name=verdict][value=approved]").check()
        hanna.locator("textarea[name=rationale]").fill(
            "Read it; what could not be shown is accepted for the rehearsal."
        )
        hanna.get_by_role("button", name=re.compile("Submit decision")).click()
        expect(hanna.get_by_text("Approved").first).to_be_visible()

        lena.goto(f"{stack.url}{version}rollout/")
        lena.get_by_role("button", name=re.compile("Start rollout|Start roll-out")).first.click()
        for _ in range(4):
            lena.goto(f"{stack.url}{version}rollout/")
            forward = lena.locator("form[action$='/advance'] button, form[action*='advance'] button").first
            if not forward.count():
                break
            forward.click()
            lena.wait_for_load_state()
        until(lambda: asked_again(agent)["policy"]["version"] > before, 20)


def shows(page: Page, stack: Stack, case_ref: str) -> bool:
    """Say whether the case has reached the credit queue, and stop at its page of the list if so.

    The list is read to its end: other tests may have left more urgent cases than one page shows.
    """
    page.goto(f"{stack.url}/")
    page.get_by_role("link", name=re.compile("Flagged decisions")).first.click()
    page.wait_for_url("**/queues/**")
    while not page.locator("tr", has_text=case_ref).count():
        further = page.get_by_role("link", name="Next page")
        if not further.count():
            return False
        page.goto(page.url.split("?")[0] + (further.get_attribute("href") or ""))
    return True


def newest(page: Page, stack: Stack, *, after: int) -> str:
    """Wait for a version newer than `after` that can be submitted, and return its path."""
    found: list[str] = []

    def there() -> bool:
        page.goto(f"{stack.url}/releases/?agent=credit")
        links = page.locator("table a[href^='/versions/']")
        if links.count() and page.locator("table tbody tr").count() > after:
            path = links.first.get_attribute("href") or ""
            page.goto(f"{stack.url}{path}")
            found[:] = [path]
            return page.get_by_role("button", name="Submit for approval").count() > 0
        return False

    until(there, 90)
    return found[0]


def asked_again(agent: httpx.Client) -> dict:
    """Ask for one more decision."""
    one = splits.credit().stream[0]
    return agent.post("decisions", json=one.request(case_ref="BROWSER-AFTER")).raise_for_status().json()
