"""Searching what a person may see, and may see already."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from agents.selectors import facts
from corrections.models import SearchText, Task
from corrections.rules.searching import read
from corrections.selectors import searching as reading
from corrections.services import searching, tasks, undoing
from reviewapp.core import clock
from reviewapp.core.errors import Missing
from tests.factories.agents import spec
from tests.factories.feedback import flagged, hand_on, room, submit, waiting
from tests.factories.serving import person

pytestmark = pytest.mark.django_db


def ids(user, kind, text="", **more):
    return [row.id for row in reading.find(user, read(kind, text), now=clock.now(), **more).rows]


def test_words__of_an_input__find_its_task_and_decision():
    made, eva = room(), person("eva", "auditor")
    car = flagged(made)
    assert ids(eva, "decisions", "CAR") == [car.pk]
    assert ids(eva, "tasks", "car") == [Task.objects.get(decision=car).pk]
    assert ids(eva, "tasks", "nothing") == []


def test_fields__narrow_what_is_found():
    made, ada = room(), person("ada", "reviewer")
    task = Task.objects.get(decision=flagged(made))
    assert ids(ada, "tasks", "state:open queue:review kind:review agent:lending") == [task.pk]
    for none in ("state:done", "queue:senior", "is:overdue", "is:held", "since:2099-01-01", "until:2001-01-01"):
        assert ids(ada, "tasks", none) == []
    tasks.claim_one(task_id=task.pk, by=ada)
    assert ids(ada, "tasks", "is:held") == ids(ada, "tasks", "is:mine") == [task.pk]
    assert ids(person("bo", "reviewer"), "tasks", "is:mine") == []


def test_decisions__by_status_version_and_day():
    made, eva = room(), person("eva", "auditor")
    decision = flagged(made)
    today = clock.now().date()
    for text in ("status:review", f"version:{decision.policy_version}", f"since:{today} until:{today}"):
        assert ids(eva, "decisions", text) == [decision.pk]
    for text in ("status:auto", "version:99", "until:2001-01-01"):
        assert ids(eva, "decisions", text) == []


def test_days__are_those_of_the_persons_zone():
    made, eva = room(), person("eva", "auditor")
    decision = flagged(made)
    here = ids(eva, "decisions", f"since:{clock.now().date()}")
    eva.time_zone = "Pacific/Kiritimati"
    ahead = clock.now().astimezone(eva.zone).date()
    assert ids(eva, "decisions", f"since:{ahead} until:{ahead}") == here == [decision.pk]
    assert ids(eva, "decisions", f"since:{ahead + timedelta(days=1)}") == []


def test_agents_out_of_sight__are_not_found_nor_named():
    made = room()
    flagged(made)
    stranger = person("eve", "reviewer", agent=room(slug="elsewhere").world.agent)
    for kind in ("tasks", "decisions"):
        assert ids(stranger, kind, "car") == []
    with pytest.raises(Missing):
        ids(stranger, "decisions", "agent:lending")
    assert ids(stranger, "tasks", "agent:lending") == []


def test_corrections__of_a_case_one_may_still_judge__are_not_found():
    made = room(seats=2)
    ada, bo, eva = person("ada", "reviewer"), person("bo", "reviewer"), person("eva", "auditor")
    decision = flagged(made)
    first, second = Task.objects.filter(decision=decision).order_by("seat")
    said = submit(first, ada).correction_id
    hand_on()
    assert ids(ada, "corrections", "payslip") == [said]
    assert ids(eva, "corrections", "payslip") == [said]
    assert ids(bo, "corrections", "payslip") == ids(bo, "corrections") == []
    own = submit(second, bo, verdict="agree").correction_id
    hand_on()
    assert set(ids(bo, "corrections")) == {said, own}
    assert ids(bo, "corrections", "by:me") == [own]
    assert ids(bo, "corrections", "by:ada verdict:correct reason:income") == [said]


def test_corrections__that_may_be_undone__are_their_authors_alone():
    made, ada, eva = room(), person("ada", "reviewer"), person("eva", "auditor")
    task = Task.objects.get(decision=flagged(made))
    held = submit(task, ada, hold_seconds=30).correction_id
    assert ids(eva, "corrections") == []
    assert ids(ada, "corrections") == [held]
    undoing.undo(correction_id=held, by=ada)
    assert ids(ada, "corrections") == ids(eva, "corrections") == []
    assert not SearchText.objects.filter(pk=held).exists()


def test_blind_case__who_may_judge_it__finds_it_by_inputs_and_by_nothing_that_tells():
    made, ada, eva = room(), person("ada", "reviewer"), person("eva", "auditor")
    made.standard.__class__.objects.filter(pk=made.standard.pk).update(blind_percent=100)
    decision = flagged(made)
    row = reading.find(ada, read("tasks", "car"), now=clock.now()).rows[0]
    assert "Blind" in row.why
    assert row.priority is None
    assert reading.find(eva, read("tasks", "car"), now=clock.now()).rows[0].priority is not None
    assert reading.find(ada, read("decisions", "car"), now=clock.now()).rows[0].sealed
    assert ids(ada, "decisions", "status:review") == []
    assert ids(ada, "decisions", f"version:{decision.policy_version}") == []
    assert ids(eva, "decisions", "status:review") == [decision.pk]


def test_fields_that_are_personal_or_sensitive__are_not_kept():
    made = room()
    decision = facts.of_decision(flagged(made).pk)
    text = {"type": "string"}
    classes = ("public", "internal", "personal", "sensitive")
    properties = {f"{name}_note": {**text, "x-class": name} for name in classes}
    schema = {"type": "object", "properties": {**properties, "tags": {"type": "array", "items": text}}}
    own = replace(spec(), input_schema=schema)
    given = {**{f"{name}_note": f"Word of {name}" for name in classes}, "tags": ["Blue", "green-ish"]}
    SearchText.objects.all().delete()
    searching.keep_case(replace(decision, input=given, case_ref="A-1009"), own)
    words = SearchText.objects.get().words
    for kept in ("public", "internal", "blue", "green", "ish", "a", "1009"):
        assert f"'{kept}'" in words
    assert "personal" not in words
    assert "sensitive" not in words


def test_pages__by_keyset__show_each_row_once():
    made, eva = room(), person("eva", "auditor")
    waiting(made, 7)
    for kind in ("tasks", "decisions"):
        first = reading.find(eva, read(kind, ""), now=clock.now(), size=5)
        second = reading.find(eva, read(kind, ""), now=clock.now(), size=5, after=first.after)
        assert (len(first.rows), len(second.rows), second.after) == (5, 2, None)
        assert len({row.id for row in (*first.rows, *second.rows)}) == 7


def test_find__much_in_the_room__asks_no_more_queries():
    made, ada = room(), person("ada", "reviewer")
    flagged(made)
    ids(ada, "decisions")
    counts = []
    for more in (2, 40):
        waiting(made, more)
        searching.catch_up()
        with CaptureQueriesContext(
            connection,
        ) as asked:
            for kind in ("tasks", "decisions", "corrections"):
                ids(ada, kind, "car")
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_catch_up__from_nothing__makes_the_same_index_again():
    made, eva = room(), person("eva", "auditor")
    task = Task.objects.get(decision=flagged(made))
    said = submit(task, person("ada", "reviewer")).correction_id
    hand_on()
    before = set(SearchText.objects.values_list("pk", "words"))
    assert len(before) == 2
    SearchText.objects.all().delete()
    assert searching.catch_up() == 2
    assert searching.catch_up() == 0
    assert set(SearchText.objects.values_list("pk", "words")) == before
    assert ids(eva, "corrections", "payslip instalment") == [said]


def test_count__more_than_it_counts__says_one_more():
    made, eva = room(), person("eva", "auditor")
    waiting(made, 3)
    assert reading.count(eva, read("tasks", ""), now=clock.now()) == 3
    assert reading.count(eva, read("decisions", ""), now=clock.now() + timedelta(days=1)) == 3
