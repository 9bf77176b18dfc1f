"""What people see of queues, and how little it costs to look."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from corrections.models import Task
from corrections.selectors import backlog, queues
from corrections.services import drafts, escalations, tasks
from reviewapp.core import clock
from reviewapp.core.errors import Missing
from tests.factories.feedback import flagged, hand_on, room, submit, waiting
from tests.factories.serving import person

pytestmark = pytest.mark.django_db


def test_queues_for__counts_open_tasks__by_deadline_and_holder():
    made = room()
    late, soon, later, done = waiting(made, 4)
    now = clock.now()
    for task, minutes in ((late, -5), (soon, 30), (later, 300), (done, -5)):
        Task.objects.filter(pk=task.pk).update(due_at=now + timedelta(minutes=minutes))
    user = person("amina", "reviewer")
    submit(done, person("jonas", "reviewer"))
    tasks.claim_one(task_id=late.pk, by=user)
    standard, senior = queues.queues_for(user, now=now)
    assert (standard.waiting, standard.mine, standard.due_soon, standard.overdue) == (3, 1, 1, 1)
    assert standard.oldest_due == now - timedelta(minutes=5)
    assert (standard.can_work, senior.can_work) == (True, False)
    assert (senior.waiting, senior.oldest_due) == (0, None)


def test_queues_for__people_without_a_role_there__see_none():
    made = room()
    assert queues.queues_for(person("stranger"), now=clock.now()) == []
    assert queues.queues_for(person("local", "reviewer", agent=made.world.agent), now=clock.now())
    with pytest.raises(Missing):
        queues.queue_for(person("other"), made.standard.pk)


def test_queue_page__a_hundred_tasks__costs_no_more_queries_than_one():
    made = room()
    waiting(made, 40)
    user = person("amina", "reviewer")

    def cost(limit):
        fresh = type(user).objects.get(pk=user.pk)
        with CaptureQueriesContext(
            connection,
        ) as seen:
            rows = queues.tasks_in(made.standard, fresh, now=clock.now(), limit=limit)
            queues.queues_for(fresh, now=clock.now())
        assert len(rows) == limit
        return len(seen)

    assert cost(40) == cost(1) <= 8


def test_tasks_in__pages__meet_without_gap_or_repeat_in_the_order_of_claims():
    made = room()
    waiting(made, 23)
    user = person("amina", "reviewer")
    got, after = [], None
    while page := queues.tasks_in(made.standard, user, now=clock.now(), limit=5, after=after):
        got += [row.id for row in page]
        after = [str(page[-1].priority), page[-1].due_at.isoformat(), str(page[-1].id)]
    assert len(got) == len(set(got)) == 23
    assert got[0] == tasks.claim(queue_id=made.standard.pk, by=user).task_id


def test_claim_and_page__a_large_backlog__read_the_index_and_no_more():
    made = room()
    waiting(made, 1)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(
            "EXPLAIN SELECT id FROM corrections_task WHERE queue_id = %s AND state = 'open' "
            "ORDER BY priority DESC, due_at, id LIMIT 30",
            [made.standard.pk],
        )
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "task_line" in plan
    assert "Sort" not in plan


def test_open_count_and_next__leave_out_what_is_not_for_the_person():
    made = room(seats=2)
    flagged(made)
    amina, jonas = person("amina", "reviewer"), person("jonas", "reviewer")
    now = clock.now()
    assert (queues.open_count(amina, now=now), queues.next_queue(amina, now=now)) == (2, made.standard.pk)
    submit(Task.objects.get(seat=1), amina)
    hand_on()
    assert (queues.open_count(amina, now=now), queues.next_queue(amina, now=now)) == (0, None)
    assert queues.open_count(jonas, now=now) == 1
    assert queues.open_count(person("tomas", "risk_officer"), now=now) == 0


def test_my_tasks__held_returned_and_drafted__come_back_to_the_person():
    made = room()
    user, officer = person("amina", "reviewer"), person("tomas", "risk_officer")
    decision = flagged(made, amount=20_000.0)
    done = submit(Task.objects.get(decision=decision), user)
    escalations.decide(escalation_id=done.escalation_id, verdict="returned", rationale="Which payslip?", by=officer)
    held, drafted = waiting(made, 2)
    tasks.claim_one(task_id=held.pk, by=user)
    drafts.save(task_id=drafted.pk, body={"justification": "half"}, by=user)
    states = {row.id: row.state for row in queues.my_tasks(user, now=clock.now())}
    returned = Task.objects.get(decision=decision, state="open")
    assert states == {held.pk: "held", returned.pk: "returned", drafted.pk: "draft"}


def test_my_corrections__say_what_became_of_each():
    made = room()
    user, officer = person("amina", "reviewer"), person("tomas", "risk_officer")

    def risky(amount, verdict):
        done = submit(Task.objects.get(decision=flagged(made, amount=amount)), user)
        if verdict:
            escalations.decide(escalation_id=done.escalation_id, verdict=verdict, rationale="So.", by=officer)

    submit(Task.objects.get(decision=flagged(made)), user)
    risky(20_000.0, "")
    risky(30_000.0, "rejected")
    risky(40_000.0, "returned")
    unsure = flagged(made, amount=950.0)
    submit(Task.objects.get(decision=unsure), user, verdict="cannot_tell", reason_code="")
    hand_on()
    submit(Task.objects.get(kind="adjudication"), person("sara", "senior_reviewer"))
    hand_on()
    fates = [row.fate for row in queues.my_corrections(user)]
    assert fates == [
        "Others settled it differently",
        "Returned to you",
        "Rejected by a risk officer",
        "Waits for a risk officer",
        "Became the consensus",
    ]


@pytest.fixture
def crowded():
    """A queue with 5,000 open tasks in seven priorities, of which PostgreSQL knows how many there are."""
    made = room()
    (first,) = waiting(made, 1)
    with connection.cursor() as cursor:
        # Copies of a row that was checked need no checks again.
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(
            "INSERT INTO corrections_task (id, queue_id, decision_id, kind, seat, round, title, why, priority, due_at, state,"
            " lease_token, created_at) SELECT uuidv7(), queue_id, uuidv7(), kind, 1, 1, title, why, n %% 7,"
            " now() + n * interval '1 minute', 'open', 0, now() FROM corrections_task, generate_series(-1200, 3798) n"
            " WHERE id = %s",
            [first.pk],
        )
        cursor.execute("SET LOCAL session_replication_role = origin")
        cursor.execute("ANALYZE corrections_task")
    return made


def _plan(text: str, values: dict) -> dict:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {text}", values)
        return cursor.fetchone()[0][0]["Plan"]


def _nodes(plan: dict) -> list[dict]:
    return [plan, *(node for inner in plan.get("Plans", ()) for node in _nodes(inner))]


def _read(plan: dict) -> float:
    """Return how many rows of tasks were read, those thrown away too."""
    found = [node for node in _nodes(plan) if node.get("Relation Name") == "corrections_task"]
    assert found
    assert not [node for node in _nodes(plan) if "Sort" in node["Node Type"] and node["Actual Rows"] > 200]
    return sum((one["Actual Rows"] + one.get("Rows Removed by Filter", 0)) * one["Actual Loops"] for one in found)


def test_tasks_in__page_in_the_middle__reads_two_stretches_of_the_index_and_no_more(crowded):
    user = person("amina", "reviewer")
    middle = Task.objects.filter(queue=crowded.standard).order_by("-priority", "due_at", "pk")[2500]
    values = {
        "queue": crowded.standard.pk,
        "now": clock.now(),
        "user": user.pk,
        "theirs": "",
        "blind": "",
        "rank": middle.priority,
        "due": middle.due_at,
        "key": middle.pk,
    }
    assert _read(_plan(backlog._listed(50, further=True), values)) <= 110


def test_queues_for__large_backlog__counts_stop_and_read_no_more_than_that(crowded):
    user = person("amina", "reviewer")
    now = clock.now()
    (row,) = [one for one in queues.queues_for(user, now=now) if one.waiting]
    assert (row.waiting, row.mine, row.due_soon, row.overdue) == (1001, 0, 60, 1001)
    assert row.oldest_due == Task.objects.earliest("due_at").due_at
    values = {"queues": [crowded.standard.pk], "user": user.pk, "now": now, "soon": now + queues.DUE_SOON}
    assert _read(_plan(backlog._COUNTS, values)) <= 1001 + 1001 + 60 + 7 * 10
