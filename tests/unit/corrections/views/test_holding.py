"""How long a case is held, the warning before that ends, and what the next reviewer hears."""

from datetime import timedelta

import pytest

from corrections.models import Task
from corrections.services import tasks
from reviewapp.core import clock
from tests.factories.feedback import waiting
from tests.unit.corrections.views.pages import main

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def desk(made, sign, held):
    """A reviewer at a case they hold."""
    (task,) = waiting(made, 1)
    client = sign("reviewer")
    client.task, client.token, client.path = task, held(task, client.user), f"/tasks/{task.pk}/"
    return client


def left(seconds: int) -> None:
    Task.objects.update(lease_until=clock.now() + timedelta(seconds=seconds))


def test_hold__plenty_of_time__counts_down_without_a_warning(desk):
    page = desk.get(desk.path)
    assert "You hold this case" in page.text
    until = Task.objects.get().lease_until
    assert f'data-due="{until.isoformat()}"' in page.text
    assert f'data-since="{(until - timedelta(seconds=900)).isoformat()}"' in page.text
    answer = desk.get(f"{desk.path}hold?held=1", headers=HTMX).text
    assert "runs-out" not in answer
    assert "warned" not in answer


def test_hold__last_two_minutes__warns_once_with_a_way_to_keep_it(desk):
    left(100)
    answer = desk.get(f"{desk.path}hold?held=1", headers=HTMX).text
    assert 'id="runs-out" hx-swap-oob="true"' in answer
    assert "Your hold on this case ends at" in answer
    assert f'{{"token": "{desk.token}"}}' in answer
    assert "held=1&amp;warned=1" in answer
    again = desk.get(f"{desk.path}hold?held=1&warned=1", headers=HTMX).text
    assert "runs-out" not in again
    assert "warned=1" in again


def test_renew__after_the_warning__takes_it_away(desk):
    left(100)
    answer = desk.post(f"{desk.path}renew", {"token": desk.token}, headers=HTMX).text
    assert 'id="runs-out" hx-swap-oob="true" hidden' in answer
    assert "warned" not in answer
    assert Task.objects.get().lease_until > clock.now() + timedelta(seconds=800)


def test_hold__run_out_and_nobody_took_it__says_that_it_can_be_kept(desk):
    left(-5)
    answer = desk.get(f"{desk.path}hold?held=1", headers=HTMX).text
    assert "Your hold on this case has run out" in answer
    desk.post(f"{desk.path}renew", {"token": desk.token}, headers=HTMX)
    assert Task.objects.get().lease_until > clock.now()


def test_release__reason_of_the_list__is_told_to_whoever_opens_the_case_next(desk, sign):
    desk.post(f"{desk.path}release", {"token": desk.token, "reason": "I know the person it is about"})
    text = main(sign("reviewer", name="bo").get(desk.path))
    assert "Put back before:</strong> I know the person it is about" in text
    flagged = text.partition("Flagged for review:")[2][:200]
    assert "I know" not in flagged


def test_release__words_of_their_own__stay_in_the_log(desk, sign):
    tasks.release(task_id=desk.task.pk, token=int(desk.token), reason="I would decline it", by=desk.user)
    assert "I would decline it" not in sign("reviewer", name="bo").get(desk.path).text
