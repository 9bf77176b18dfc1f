"""A case goes to a colleague with what was typed a moment ago; the hold says when it ends, and how to keep it."""

import os
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from playwright.sync_api import Browser, Page, expect

from corrections.models import Task
from reviewapp.core import clock
from tests.factories import serving
from tests.factories.feedback import WORDS, Room, flagged, room

pytestmark = pytest.mark.django_db(transaction=True)
# Playwright keeps an event loop in this thread, which Django takes for async code: said before the database is made.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")


@pytest.fixture
def made() -> Room:
    return room()


@pytest.fixture
def sit(browser: Browser, live_server: Any) -> Iterator[Any]:
    """Let a reviewer of this name sit down at the page of a case."""
    contexts = []

    def seated(name: str, path: str, **how: Any) -> Page:
        client = Client()
        client.force_login(serving.person(name, "reviewer"))
        context = browser.new_context(**how)
        cookies = [{"name": key, "value": one.value, "url": live_server.url} for key, one in client.cookies.items()]
        context.add_cookies(cookies)
        contexts.append(context)
        page = context.new_page()
        if how.get("java_script_enabled", True):
            page.clock.install()
        page.goto(live_server.url + path)
        return page

    yield seated
    for context in contexts:
        context.close()


def test_hand_over__by_keyboard__takes_what_was_typed_last(made: Room, sit: Any) -> None:
    flagged(made)
    path = f"/tasks/{Task.objects.get().pk}/"
    serving.person("idle", "reviewer")
    bo = sit("bo", path)
    ada = sit("ada", path)
    ada.keyboard.press("Control+Enter")
    expect(ada.locator("#review-form")).to_be_visible()
    ada.keyboard.press("u")
    expect(ada.locator("#f-justification")).to_be_focused()
    ada.keyboard.insert_text(WORDS)
    ada.locator("details.menu--up summary").press("Enter")
    ada.get_by_role("link", name="Hand it to a colleague").press("Enter")
    expect(ada.locator("#hand-to")).to_be_visible()
    assert Axe().run(ada).violations_count == 0
    ada.locator("#hand-to").select_option("bo")
    ada.locator("#hand-note").fill("You know the branch.")
    ada.get_by_role("button", name="Hand over").press("Enter")
    ada.wait_for_url("**/queues/**")
    expect(ada.locator("#toasts .toast")).to_contain_text("Handed to Bo Test, with your draft")
    bo.reload()
    expect(bo.locator("#handed")).to_contain_text("Ada Test handed you this case")
    expect(bo.locator("#handed")).to_contain_text("You know the branch.")
    expect(bo.locator("#f-justification")).to_have_value(WORDS)
    expect(bo.locator("#v-cannot_tell")).to_be_checked()


def test_hand_over__without_script__is_a_page(made: Room, sit: Any) -> None:
    flagged(made)
    serving.person("bo", "reviewer")
    page = sit("ada", f"/tasks/{Task.objects.get().pk}/", java_script_enabled=False)
    page.get_by_role("button", name="Take this case").click()
    page.locator("details.menu--up summary").click()
    page.get_by_role("link", name="Hand it to a colleague").click()
    page.get_by_label("Colleague").select_option("bo")
    page.get_by_role("button", name="Hand over").click()
    assert "/queues/" in page.url
    assert Task.objects.get().lease_holder.username == "bo"


def test_hold__near_its_end__warns_and_one_click_keeps_it(made: Room, sit: Any) -> None:
    flagged(made)
    page = sit("ada", f"/tasks/{Task.objects.get().pk}/")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#hold .sla")).to_contain_text("min")
    Task.objects.update(lease_until=clock.now() + timedelta(seconds=100))
    page.clock.fast_forward(31_000)
    expect(page.locator("#runs-out")).to_contain_text("Your hold on this case ends at")
    page.get_by_role("button", name="Keep it").click()
    expect(page.locator("#runs-out")).to_be_hidden()
    assert Task.objects.get().lease_until > clock.now() + timedelta(seconds=600)
