"""Blind review: the answer is behind no door until one's own judgement is recorded, and nothing is submitted without it."""

from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client

from agents.models import Decision
from corrections.models import Consensus, Correction, Draft, FirstJudgement, Queue, Task
from corrections.selectors import sealed, sway
from corrections.services import blind, corrections, escalations, handing, tasks, undoing
from reviewapp.core import clock
from reviewapp.core.accounts.models import User
from reviewapp.core.errors import Conflict, Invalid
from tests.factories.feedback import WORDS, Room, flagged, hand_on, room, submit
from tests.factories.serving import person, personal_key

pytestmark = pytest.mark.django_db
OTHER = {"action": "decline"}


def blind_room(**terms: Any) -> Room:
    made = room(**terms)
    Queue.objects.filter(pk=made.standard.pk).update(blind_percent=100)
    return made


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def told(decision: Decision) -> list[str]:
    """Return what tells the agent's answer, how sure it was, or why the case was flagged."""
    return [
        decision.reasons[0]["text"],
        f'"score":{decision.score}',
        f'"confidence":{decision.confidence}',
        "decision__outcome",
    ]


def record(task: Task, by: User, **entry: Any) -> FirstJudgement:
    lease = tasks.claim_one(task_id=task.pk, by=by)
    return blind.record(task_id=task.pk, token=lease.token, by=by, **{"output": OTHER, "justification": WORDS, **entry})


def test_task__of_a_queue_with_a_blind_share__is_blind_and_stays_so() -> None:
    decision = flagged(blind_room(seats=2))
    assert set(Task.objects.filter(decision=decision).values_list("blind", flat=True)) == {True}
    with pytest.raises(IntegrityError, match="blind cannot change"), transaction.atomic():
        Task.objects.update(blind=False)


@pytest.mark.parametrize("recorded", [False, True])
def test_every_door__before_and_after_the_own_judgement__hides_and_shows_the_answer(recorded: bool) -> None:
    made = blind_room()
    decision = flagged(made)
    task, ada = Task.objects.get(), person("ada", "reviewer")
    if recorded:
        record(task, ada)
    else:
        tasks.claim_one(task_id=task.pk, by=ada)
    client, agent = browser(ada), made.world.agent.slug
    key = {"HTTP_AUTHORIZATION": f"Bearer {personal_key(ada, 'review', 'read')}"}
    pages = [
        f"/tasks/{task.pk}/",
        f"/queues/{made.standard.pk}/",
        "/",
        "/decisions/",
        f"/decisions/{decision.pk}/",
        f"/palette/?q={decision.pk}",
        "/search/?kind=tasks",
        "/search/?kind=decisions",
        "/search/?kind=corrections",
    ]
    answers = [client.get(page) for page in pages]
    assert {answer.status_code for page, answer in zip(pages, answers, strict=True) if page != pages[4]} == {200}
    seen = "".join(answer.content.decode() for answer in answers)
    fragment = client.get(f"/tasks/{task.pk}/", HTTP_HX_REQUEST="true").content.decode()
    plain = Client()
    api = [plain.get(f"/api/v1/{path}", **key) for path in (
        f"tasks/{task.pk}",
        f"queues/{made.standard.pk}/tasks",
        f"agents/{agent}/decisions",
        f"agents/{agent}/decisions/{decision.pk}",
        f"decisions/{decision.pk}/corrections",
        "search?kind=tasks",
        "search?kind=decisions",
    )]  # fmt: skip
    files = [
        b"".join(client.get(f"/search/export?kind={kind}&format={form}").streaming_content)
        for kind in ("tasks", "decisions")
        for form in ("csv", "jsonl")
    ]
    seen += b"".join(files).decode()
    read = api[0].json()["decision"]
    found = [text for text in told(decision) if text in seen + fragment + "".join(one.content.decode() for one in api)]
    if recorded:
        assert found[0] == told(decision)[0]
        assert (read["output"], read["confidence"]) == (decision.output, decision.confidence)
        assert client.get(pages[4]).status_code == 200
    else:
        assert found == []
        hidden = ("output", "proposal", "confidence", "score", "status", "policy_version", "explanation")
        assert {read[name] for name in hidden} == {None}
        assert read["reasons"] == []
        assert (client.get(pages[4]).status_code, api[3].status_code) == (403, 403)
        assert api[2].json()["decisions"][0]["action"] == ""
        assert api[2].json()["decisions"][0]["sealed"]
        # Priority rises as confidence falls.
        assert api[1].json()["tasks"][0]["priority"] is None
        assert api[5].json()["rows"][0]["priority"] is None
        row = api[6].json()["rows"][0]
        assert {row[name] for name in ("action", "status", "confidence", "policy_version", "arm")} == {None}
    assert read["input"] == decision.input


def test_claim__by_the_api__comes_without_the_answer() -> None:
    made = blind_room()
    flagged(made)
    key = {"HTTP_AUTHORIZATION": f"Bearer {personal_key(person('ada', 'reviewer'), 'review')}"}
    taken = Client().post(f"/api/v1/queues/{made.standard.pk}/claim", **key).json()
    assert (taken["blind"], taken["decision"]["output"], taken["why"]) == (True, None, [sealed.WHY])
    refused = Client().post(
        f"/api/v1/tasks/{taken['task']}/corrections",
        {"token": taken["token"], "verdict": "agree"},
        content_type="application/json",
        **key,
    )
    assert (refused.status_code, refused.json()["code"]) == (409, "judge_first")
    said = Client().post(
        f"/api/v1/tasks/{taken['task']}/judgement",
        {"token": taken["token"], "output": OTHER, "confidence": 4},
        content_type="application/json",
        **key,
    )
    assert (said.status_code, said.json()["blind"]) == (200, False)
    assert said.json()["decision"]["output"] is not None


def test_who_does_not_judge__sees_the_answer_all_the_time() -> None:
    decision = flagged(blind_room())
    client = browser(person("eva", "auditor"))
    assert client.get(f"/decisions/{decision.pk}/").status_code == 200
    assert told(decision)[0] in client.get(f"/tasks/{Task.objects.get().pk}/").content.decode()


def test_second_seat__somebody_who_may_still_take_it__sees_nothing_either() -> None:
    decision = flagged(blind_room(seats=2))
    one, two = Task.objects.filter(decision=decision).order_by("seat")
    ada, bo = person("ada", "reviewer"), person("bo", "reviewer")
    record(one, ada)
    submit(one, ada, verdict="agree")
    assert sealed.of(bo, [decision.pk]) == {decision.pk}
    assert told(decision)[0] not in browser(bo).get(f"/tasks/{one.pk}/").content.decode()
    record(two, bo)
    assert sealed.of(bo, [decision.pk]) == frozenset()


def test_record__kept_for_good_with_a_draft_and_an_event() -> None:
    decision = flagged(blind_room())
    task, ada = Task.objects.get(), person("ada", "reviewer")
    row = record(task, ada, confidence=4)
    assert (row.output, row.justification, row.confidence, row.decision_id) == (OTHER, WORDS, 4, decision.pk)
    assert record(task, ada, output={"action": "approve"}).pk == row.pk
    draft = Draft.objects.get(task=task, reviewer=ada).body
    assert (draft["verdict"], draft["output"], draft["justification"]) == ("correct", OTHER, WORDS)
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        FirstJudgement.objects.update(output=None)


def test_record__same_as_the_agent__drafts_an_agreement() -> None:
    decision = flagged(blind_room())
    task, ada = Task.objects.get(), person("ada", "reviewer")
    record(task, ada, output=decision.output)
    assert Draft.objects.get(task=task).body["verdict"] == "agree"


def test_record__cannot_tell__is_a_judgement_too() -> None:
    flagged(blind_room())
    task, ada = Task.objects.get(), person("ada", "reviewer")
    assert record(task, ada, output=None).output is None
    assert Draft.objects.get(task=task).body["verdict"] == "cannot_tell"


@pytest.mark.parametrize(
    ("entry", "field"),
    [
        ({"output": {}}, "output.action"),
        ({"output": {"action": "maybe"}}, "output.action"),
        ({"confidence": 9}, "confidence"),
        ({"justification": "a\x00b"}, "justification"),
    ],
)
def test_record__what_does_not_fit__is_named_and_nothing_is_kept(entry: dict[str, Any], field: str) -> None:
    flagged(blind_room())
    with pytest.raises(Invalid) as caught:
        record(Task.objects.get(), person("ada", "reviewer"), **entry)
    assert list(caught.value.fields) == [field]
    assert not FirstJudgement.objects.exists()


def test_record__without_a_lease__is_refused() -> None:
    flagged(blind_room())
    with pytest.raises(Conflict, match="hold"):
        blind.record(task_id=Task.objects.get().pk, token=1, output=OTHER, by=person("ada", "reviewer"))


def test_record__case_that_is_not_blind__is_refused() -> None:
    flagged(room())
    with pytest.raises(Conflict, match="not reviewed blind"):
        record(Task.objects.get(), person("ada", "reviewer"))


def test_submit__without_a_first_judgement__is_refused_by_service_and_database() -> None:
    decision = flagged(blind_room())
    task, ada = Task.objects.get(), person("ada", "reviewer")
    lease = tasks.claim_one(task_id=task.pk, by=ada)
    with pytest.raises(Conflict, match="record your own judgement first") as caught:
        corrections.submit(task_id=task.pk, token=lease.token, verdict="agree", by=ada)
    assert caught.value.code == "judge_first"
    sql = (
        "INSERT INTO corrections_correction (id, task_id, decision_id, author_id, verdict, output, reason_code, justification,"
        " evidence, contract_version, artifact_digest, shown, time_spent_ms, client, lease_token, digest, submitted_at)"
        " VALUES (gen_random_uuid(), %s, %s, %s, 'agree', '{}', '', '', '[]', 1, '', '{}', 0, '', 1, 'x', now())"
    )
    with pytest.raises(IntegrityError, match="judged first"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, [task.pk, decision.pk, ada.pk])


def test_first_judgement__after_the_correction__is_refused_by_the_database() -> None:
    decision = flagged(blind_room())
    task, ada, bo = Task.objects.get(), person("ada", "reviewer"), person("bo", "reviewer")
    record(task, ada)
    submit(task, ada, verdict="agree")
    sql = (
        "INSERT INTO corrections_firstjudgement (id, task_id, decision_id, author_id, justification, contract_version,"
        " recorded_at) VALUES (gen_random_uuid(), %s, %s, %s, '', 1, now())"
    )
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, [task.pk, decision.pk, bo.pk])
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, [task.pk, decision.pk, ada.pk])


def test_submit__after_it__counts_as_ever() -> None:
    decision = flagged(blind_room())
    task, ada = Task.objects.get(), person("ada", "reviewer")
    record(task, ada)
    submit(task, ada)
    hand_on()
    assert Consensus.objects.get(decision=decision).state == "usable"


def test_undone__the_case_comes_back_with_the_answer_that_was_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    flagged(blind_room())
    task, ada = Task.objects.get(), person("ada", "reviewer")
    record(task, ada)
    done = submit(task, ada, verdict="agree", hold_seconds=30)
    again = undoing.undo(correction_id=done.correction_id, by=ada)
    assert Task.objects.get(pk=again).blind
    assert told(Task.objects.get(pk=again).decision)[0] in browser(ada).get(f"/tasks/{again}/").content.decode()


def test_rejected__the_next_reviewer_judges_blind_too() -> None:
    decision = flagged(blind_room(), amount=20_000.0)
    task, ada, bo = Task.objects.get(), person("ada", "reviewer"), person("bo", "reviewer")
    record(task, ada)
    done = submit(task, ada)
    hand_on()
    assert done.escalation_id is not None
    escalations.decide(
        escalation_id=done.escalation_id, verdict="rejected", rationale="No.", by=person("r", "risk_officer")
    )
    assert sealed.of(bo, [decision.pk]) == {decision.pk}
    record(Task.objects.get(state="open"), bo)
    assert Correction.objects.count() == 1


def test_blind_case__is_not_handed_over() -> None:
    flagged(blind_room())
    task, ada = Task.objects.get(), person("ada", "reviewer")
    lease = tasks.claim_one(task_id=task.pk, by=ada)
    bo = person("bo", "reviewer")
    with pytest.raises(Conflict, match="each judges it alone"):
        handing.hand_over(task_id=task.pk, token=lease.token, to=bo.username, by=ada)


def test_sway__counts_who_went_over_to_the_agent_among_those_who_differed() -> None:
    made, ada = blind_room(), person("ada", "reviewer")
    assert (sway.of(ada, now=clock.now()).swayed, sway.of(ada, now=clock.now()).differed) == (0, 0)
    # Stays, goes over, agreed all along, could not tell at first.
    for number, (first, last) in enumerate([(OTHER, "correct"), (OTHER, "agree"), (None, "agree"), ("same", "agree")]):
        decision = flagged(made, amount=900.0 + number)
        task = Task.objects.get(decision=decision)
        record(task, ada, output=decision.output if first == "same" else first)
        submit(task, ada, verdict=last)
    found = sway.of(ada, now=clock.now())
    assert (found.swayed, found.differed) == (1, 2)
    assert sway.of(person("bo", "reviewer"), now=clock.now()).differed == 0
    assert "Went over to the agent" in browser(ada).get("/").content.decode()


def test_escalation__of_a_case_that_waits_blind__is_shut_to_who_may_judge_it_and_open_afterwards() -> None:
    made = blind_room(seats=2)
    decision = flagged(made, amount=20_000.0)
    first, second = Task.objects.filter(decision=decision, state="open").order_by("seat")
    bo, mo, both = person("bo", "reviewer"), person("mo", "reviewer"), person("ria", "reviewer", "risk_officer")
    record(first, bo)
    done = submit(first, bo)
    hand_on()
    shut, client = f"/escalations/{done.escalation_id}/", browser(both)
    key = {"Authorization": f"Bearer {personal_key(both, 'read', 'review')}"}
    for path in (shut, f"{shut}preview/", f"{shut}alike/", f"/api/v1{shut}preview", f"/api/v1{shut}alike"):
        answer = client.get(path, headers=key if "/api/" in path else None)
        assert answer.status_code == 403, path
        assert "blind judgement" in answer.content.decode()
        assert not [one for one in told(decision) if one in answer.content.decode()]
    (listed,) = client.get("/api/v1/escalations", headers=key).json()
    assert (listed["sealed"], listed["may_decide"], listed["decided"], listed["corrected"]) == (True, False, "", "")
    assert "Kept for blind review" in client.get("/escalations/").content.decode()
    refused = client.post(shut, {"verdict": "approved", "rationale": "Unseen."})
    assert refused.status_code == 403
    assert browser(person("rio", "risk_officer")).get(shut).status_code == 200

    record(second, mo)
    submit(second, mo)
    hand_on()
    assert client.get(shut).status_code == 200
    assert escalations.decide(escalation_id=done.escalation_id, verdict="approved", rationale="Seen.", by=both)
