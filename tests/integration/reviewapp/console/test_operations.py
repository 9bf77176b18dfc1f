"""The operations page: its figures are what was recorded, and only who may see an agent sees them."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from agents.selectors import pulse
from corrections.models import Task
from corrections.selectors import pulse as feedback
from reviewapp.console import operations
from reviewapp.core import clock
from reviewapp.core.accounts import actors
from reviewapp.core.accounts.models import User
from reviewapp.core.incidents import services as incidents
from tests.factories.decisions import decided
from tests.factories.feedback import flagged, hand_on, room, submit
from tests.factories.serving import person, world

pytestmark = pytest.mark.django_db
HTMX = {"HTTP_HX_REQUEST": "true"}


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def edges(hours: int = 8) -> list:
    now = clock.now()
    return [now - timedelta(hours=hours - number) for number in range(hours)]


def test_pulse__decisions__are_counted_in_their_step_with_their_times() -> None:
    made = room()
    flagged(made)
    decided(made.world)
    steps = pulse.steps(made.world.agent.pk, edges())
    assert [one.decided for one in steps] == [0] * 7 + [2]
    assert steps[-1].asked == 1
    assert 0 < steps[-1].median_ms <= steps[-1].p95_ms
    assert {one.decided for one in pulse.steps(world(slug="elsewhere").agent.pk, edges())} == {0}


def test_feedback__settled_and_late__are_told_apart() -> None:
    made = room()
    for number, verdict in enumerate(("agree", "correct", "agree")):
        flagged(made, amount=900.0 + number)
        task = Task.objects.get(state="open")
        if number == 2:
            Task.objects.filter(pk=task.pk).update(due_at=clock.now() - timedelta(minutes=5))
        submit(task, person(f"ada{number}", "reviewer"), verdict=verdict)
        hand_on()
    flagged(made, amount=999.0)
    Task.objects.filter(state="open").update(due_at=clock.now() - timedelta(minutes=5))
    found = feedback.of(made.world.agent.pk, edges(), now=clock.now())
    assert (found.settled, found.agreed) == (3, 2)
    assert (found.closed, found.late) == (3, 1)
    assert (found.waiting, found.overdue) == (1, 1)
    assert found.steps[-1].came == 4
    assert found.median_s is not None
    assert found.p90_s is not None
    assert 0 <= found.median_s <= found.p90_s < 60


def test_page__operator__sees_measures_charts_and_the_outbox() -> None:
    made = room()
    flagged(made)
    Task.objects.update(due_at=clock.now() - timedelta(minutes=5))
    page = browser(person("mei", "operator")).get("/operations/").text
    for words in (
        "Decisions",
        "Answer time",
        "Overdue now",
        "Events on their way",
        "1 of 8 measures need a look",
        "every minute",
    ):
        assert words in page
    assert page.count("<figure") == 4


def test_page__calm_agent__says_that_nothing_needs_a_look() -> None:
    room()
    page = browser(person("mei", "operator")).get("/operations/").text
    assert "Nothing needs a look" in page
    assert "Nothing was settled in this period." in page


def test_page__agent_that_serves_nothing__needs_a_look() -> None:
    world(live=False)
    assert "No policy is live" in browser(person("mei", "operator")).get("/operations/").text


@pytest.mark.parametrize("period", ["24h", "7d", "28d", "what"])
def test_page__period__is_drawn_in_its_steps(period: str) -> None:
    made = room()
    flagged(made)
    client = browser(person("mei", "operator"))
    answer = client.get(f"/operations/?agent={made.world.agent.slug}&period={period}", **HTMX)
    assert answer.status_code == 200
    assert "<html" not in answer.text
    assert answer.text.count('<th scope="row">') == {"7d": 7, "28d": 28}.get(period, 8) * 4


def test_steps__days__begin_at_midnight_of_who_asks_and_today_is_the_last() -> None:
    room()
    user = person("mei", "operator")
    User.objects.filter(pk=user.pk).update(time_zone="Asia/Tokyo")
    user.refresh_from_db()
    found = operations.page(user, "", "7d", now=clock.now())
    assert found is not None
    assert found.labels[-1] == f"{clock.now().astimezone(ZoneInfo('Asia/Tokyo')):%-d %b}"


def test_page__one_agent_only__leaves_out_the_installation_and_other_agents() -> None:
    made = room()
    room(slug="elsewhere")
    client = browser(person("mei", "operator", agent=made.world.agent))
    page = client.get("/operations/").text
    assert "Events on their way" not in page
    assert "elsewhere" not in page
    assert client.get("/operations/?agent=elsewhere").status_code == 404


def test_page__others__get_what_they_should() -> None:
    room()
    reviewer = browser(person("ada", "reviewer"))
    assert reviewer.get("/operations/").status_code == 200
    assert 'href="/operations/"' not in reviewer.get("/").text
    assert 'href="/operations/"' in browser(person("mei", "operator")).get("/").text
    assert browser(person("nobody")).get("/operations/").status_code == 403
    assert Client().get("/operations/").status_code == 302
    assert reviewer.post("/operations/").status_code == 405


def test_page__much_and_little__costs_the_same_queries(django_assert_num_queries) -> None:
    made = room()
    client = browser(person("mei", "operator"))
    flagged(made)
    client.get("/operations/")
    with CaptureQueriesContext(connection) as little:
        client.get("/operations/")
    for number in range(12):
        flagged(made, amount=900.0 + number)
    with django_assert_num_queries(len(little)):
        client.get("/operations/")


@pytest.mark.parametrize(("over", "words"), [(False, "1 of them still so"), (True, "What they are about is over")])
def test_page__incident__is_told_until_it_is_resolved(over: bool, words: str) -> None:
    made = room()
    fact = {"kind": "slot_refused", "key": "one", "by": actors.SYSTEM}
    agent = made.world.agent
    row = incidents.begin(agent=(agent.pk, agent.slug), data={"agent": "Lending"}, began_at=clock.now(), **fact)
    mei = person("mei", "operator")
    if over:
        incidents.end(**fact)
    assert words in browser(mei).get("/operations/").text
    if over:
        incidents.resolve(number=row.pk, text="A key had been left out.", by=mei)
        assert words not in browser(mei).get("/operations/").text
