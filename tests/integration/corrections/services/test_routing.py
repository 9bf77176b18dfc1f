"""Which queue flagged decisions go to: through the relay, changed by two at once, and held by PostgreSQL."""

import threading
from dataclasses import replace

import pytest
from django.db import IntegrityError, connection, transaction

from corrections.models import Queue, RoutingRule, Task
from corrections.selectors import routing as reading
from corrections.services import queues, routing
from corrections.services.queues import Terms as QueueTerms
from corrections.services.routing import Terms
from reviewapp.core.accounts.models import User
from reviewapp.core.errors import Conflict, Invalid, Missing, NotAllowed
from reviewapp.core.events.models import Event
from tests.factories.feedback import Room, flagged, room
from tests.factories.serving import person, world

pytestmark = pytest.mark.django_db
LARGE = Terms("Large amounts", "input.amount > 5000.0", "large")


def two() -> tuple[Room, Queue]:
    """An agent with a second review queue whose code is large."""
    made = room()
    queue = queues.make(agent_id=made.world.agent.pk, kind="standard", terms=QueueTerms("Large", seats=2), by=keeper())
    return made, queue


def keeper() -> User:
    """The person who keeps the queues, made once."""
    return User.objects.filter(username="mei").first() or person("mei", "operator")


def put(made: Room, *rules: Terms, default: str = "review") -> None:
    agent = made.world.agent.pk
    routing.replace(agent_id=agent, rules=rules, default=default, mark=reading.mark(agent), by=keeper())


def test_make__second_review_queue__has_a_code_of_its_name_and_is_not_the_default():
    made, queue = two()
    assert (queue.code, queue.is_default) == ("large", False)
    assert Queue.objects.get(pk=made.standard.pk).is_default


def test_make__same_name_again__is_refused_at_the_name():
    made, _ = two()
    with pytest.raises(Invalid) as caught:
        queues.make(agent_id=made.world.agent.pk, kind="standard", terms=QueueTerms("large "), by=keeper())
    assert list(caught.value.fields) == ["name"]


def test_flagged__rule_holds__its_queue_gets_the_seats_and_the_task_says_why():
    made, queue = two()
    put(made, LARGE)
    decision = flagged(made, amount=9000.0)
    tasks = Task.objects.filter(decision=decision)
    assert {(task.queue_id, task.route, task.seat) for task in tasks} == {
        (queue.pk, "Large amounts", 1),
        (queue.pk, "Large amounts", 2),
    }
    assert Event.objects.filter(type="task.opened").latest("pk").data["rule"] == "Large amounts"


def test_flagged__no_rule_holds__goes_to_the_default():
    made, queue = two()
    put(made, LARGE)
    assert Task.objects.get(decision=flagged(made)).queue_id == made.standard.pk
    put(made, LARGE, default="large")
    decision = flagged(made, amount=901.0)
    assert {task.queue_id for task in Task.objects.filter(decision=decision)} == {queue.pk}


def test_flagged__rule_of_an_earlier_contract__default_queue_and_the_reason_stands_with_the_case():
    made, _ = two()
    put(made, LARGE)
    RoutingRule.objects.update(when="input.income > 1.0")
    task = Task.objects.get(decision=flagged(made))
    assert (task.queue_id, task.route) == (made.standard.pk, "")
    assert task.why[-1]["code"] == "routing"
    assert "Large amounts" in task.why[-1]["text"]


def test_replace__saved__is_told_and_shown():
    made, _ = two()
    put(made, LARGE, Terms("Cars", 'input.purpose == "car"', "review"))
    told = Event.objects.get(type="queue.routing_changed")
    assert [rule["name"] for rule in told.data["rules"]] == ["Large amounts", "Cars"]
    flagged(made)
    flagged(made, amount=9000.0)
    book = reading.book(person("tim", "policy_admin"), made.world.agent.slug)
    assert [(rule.name, rule.caught) for rule in book.rules] == [("Large amounts", 1), ("Cars", 1)]
    assert (book.tried, book.fallen, book.unsure) == (2, 0, {})


@pytest.mark.parametrize(
    ("rule", "path"),
    [
        (replace(LARGE, name=" "), "rules[1].name"),
        (replace(LARGE, name="x" * 81), "rules[1].name"),
        (LARGE, "rules[1].name"),
        (replace(LARGE, name="B", when=""), "rules[1].when"),
        (replace(LARGE, name="B", when="input.income > 1.0"), "rules[1].when"),
        (replace(LARGE, name="B", when="a\x00b"), "rules[1].when"),
        (replace(LARGE, name="B", queue="senior"), "rules[1].queue"),
        (replace(LARGE, name="B", queue="nowhere"), "rules[1].queue"),
    ],
)
def test_replace__what_does_not_fit__is_named_and_nothing_changes(rule: Terms, path: str):
    made, _ = two()
    with pytest.raises(Invalid) as caught:
        put(made, LARGE, rule)
    assert list(caught.value.fields) == [path]
    assert not RoutingRule.objects.exists()


def test_replace__default_that_is_none__is_named():
    made, _ = two()
    with pytest.raises(Invalid) as caught:
        put(made, default="senior")
    assert list(caught.value.fields) == ["default"]


def test_replace__too_many__is_refused():
    made, _ = two()
    with pytest.raises(Invalid) as caught:
        put(made, *(replace(LARGE, name=f"R{number}") for number in range(51)))
    assert list(caught.value.fields) == ["rules"]


@pytest.mark.parametrize("role", ["reviewer", "senior_reviewer", "risk_officer", "auditor", "agent_developer"])
def test_replace__roles_that_do_not_keep_queues__are_refused(role: str):
    made, _ = two()
    agent = made.world.agent.pk
    with pytest.raises(NotAllowed):
        routing.replace(agent_id=agent, rules=[], default="review", mark=reading.mark(agent), by=person("ada", role))


def test_replace__other_agents_people__learn_nothing():
    made, _ = two()
    stranger = person("eve", "policy_admin", agent=world(slug="elsewhere").agent)
    with pytest.raises(Missing):
        routing.replace(agent_id=made.world.agent.pk, rules=[], default="review", mark="", by=stranger)


def test_replace__changed_meanwhile__is_a_conflict_and_keeps_theirs():
    made, _ = two()
    agent = made.world.agent.pk
    seen = reading.mark(agent)
    put(made, LARGE)
    with pytest.raises(Conflict):
        routing.replace(agent_id=agent, rules=[], default="review", mark=seen, by=person("tim", "policy_admin"))
    assert RoutingRule.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_replace__two_at_the_same_instant__one_is_told_of_the_other():
    made, _ = two()
    agent, people = made.world.agent.pk, [person(name, "policy_admin") for name in ("hanna", "tim")]
    seen = reading.mark(agent)
    together, results = threading.Barrier(2), []

    def change(place: int) -> None:
        try:
            together.wait()
            rule = replace(LARGE, name=f"Rule {place}")
            routing.replace(agent_id=agent, rules=[rule], default="review", mark=seen, by=people[place])
            results.append("saved")
        except Conflict as fault:
            results.append(fault.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=change, args=(place,)) for place in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == ["routing_changed", "saved"]
    assert RoutingRule.objects.count() == 1


def _rule(made: Room, queue: Queue, **changes: object) -> RoutingRule:
    terms = {"agent": made.world.agent, "position": 0, "name": "One", "when": "true", "queue": queue, **changes}
    return RoutingRule.objects.create(**terms)


def test_database__rule_to_the_senior_queue_or_to_another_agents__is_refused():
    made, _ = two()
    other = world(slug="elsewhere")
    with pytest.raises(IntegrityError), transaction.atomic():
        _rule(made, made.senior)
    with pytest.raises(IntegrityError), transaction.atomic():
        _rule(made, made.standard, agent=other.agent)
    with pytest.raises(IntegrityError), transaction.atomic():
        _rule(made, made.senior, queue_kind="senior")


def test_database__two_defaults_or_a_senior_default__are_refused():
    made, queue = two()
    for changed in (queue, made.senior):
        with pytest.raises(IntegrityError), transaction.atomic():
            Queue.objects.filter(pk=changed.pk).update(is_default=True)
    with pytest.raises(IntegrityError), transaction.atomic():
        Queue.objects.filter(pk=queue.pk).update(kind="senior")
