"""Webhooks from end to end: added on the page, sent by the worker, checked by a receiver, sent again by hand."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from agents.runtime import webhooks
from tests.browser.test_first_page import sign_in
from tests.factories.receivers import Receiver
from tests.stack import Stack


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    yield made
    made.server.shutdown()
    made.server.server_close()


def test_webhook__added_and_tried__arrives_signed_and_the_page_follows(
    page: Page, stack: Stack, receiver: Receiver
) -> None:
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type in {"error", "warning"} else None)
    sign_in(page, stack, "agent_developer")
    page.goto(f"{stack.url}/agents/credit/webhooks/")
    page.get_by_label("New address").fill(receiver.url)
    page.get_by_role("button", name="Add address").click()
    secret = page.locator("#made").inner_text()

    page.get_by_role("button", name=f"Send a test to {receiver.url}").click()
    expect(page.locator("#latest")).to_contain_text(re.compile("Delivered, 1 attempt"), timeout=20_000)
    ((_, headers, body),) = receiver.got
    signed = webhooks.signature(
        secret, message_id=headers["webhook-id"], timestamp=int(headers["webhook-timestamp"]), body=body
    )
    assert headers["webhook-signature"] == signed

    receiver.status = 410
    page.get_by_role("button", name=f"Send a test to {receiver.url}").click()
    expect(page.locator("#latest")).to_contain_text("Given up, 1 attempt", timeout=20_000)
    page.reload()
    expect(page.locator("#webhooks")).to_contain_text("Switched off")
    receiver.status = 204
    page.get_by_role("button", name=f"Resume {receiver.url}").click()
    expect(page.get_by_role("button", name=f"Pause {receiver.url}")).to_be_visible()
    page.get_by_role("button", name="Send all again").click()
    expect(page.locator("#webhooks")).to_contain_text("Nothing was given up.")
    expect(page.locator("#latest")).not_to_contain_text("On its way", timeout=20_000)
    assert receiver.got[-1][1]["webhook-id"] == receiver.got[-2][1]["webhook-id"]
    assert said == []
