"""Submitting: what is stored, what is refused, and what outlives a refusal."""

import pytest

from corrections.models import Correction, Draft, Task
from corrections.services import corrections, drafts, tasks
from reviewapp.core.errors import Conflict, Invalid, NotAllowed, TooLarge
from reviewapp.core.events.models import Event
from tests.factories.feedback import WORDS, flagged, hand_on, other, room, submit
from tests.factories.serving import person

pytestmark = pytest.mark.django_db


def entered(task: Task, token: int, **changes):
    body = {
        "verdict": "correct",
        "output": other(task.decision),
        "reason_code": "income",
        "justification": WORDS,
        "evidence": ["/duration"],
        "confidence": 4,
    }
    return {"task_id": task.pk, "token": token, **body, **changes}


def test_submit__provenance__says_who_under_what_and_how():
    made = room()
    decision = flagged(made)
    task = Task.objects.get(decision=decision)
    user = person("amina", "reviewer")
    lease = tasks.claim_one(task_id=task.pk, by=user)
    body = entered(task, lease.token, shown={"trace": True}, time_spent_ms=4200, client="Firefox")
    done = corrections.submit(**body, by=user)
    row = Correction.objects.get(pk=done.correction_id)
    assert (row.author, row.decision, row.task, row.lease_token) == (user, decision, task, lease.token)
    assert (row.contract_version, row.policy_version, row.artifact_digest) == (1, 1, decision.artifact_id)
    assert (row.shown, row.time_spent_ms, row.client, row.confidence) == ({"trace": True}, 4200, "Firefox", 4)
    assert row.digest.startswith("sha256:")
    event = Event.objects.get(type="correction.submitted")
    assert (event.actor_id, event.scope, event.data["correction"]) == (str(user.pk), "lending", str(row.pk))
    assert WORDS not in str(event.data), "the log names the correction; it does not repeat a person's words"


def test_submit__agreeing__stores_the_agents_output_whatever_was_sent():
    made = room()
    task = Task.objects.get(decision=flagged(made))
    done = submit(task, person("amina", "reviewer"), verdict="agree", output={"action": "decline"}, justification="")
    assert Correction.objects.get(pk=done.correction_id).output == task.decision.output


def test_submit__again_after_a_lost_answer__returns_the_first():
    made = room()
    task = Task.objects.get(decision=flagged(made, amount=20_000.0))
    user = person("amina", "reviewer")
    lease = tasks.claim_one(task_id=task.pk, by=user)
    first = corrections.submit(**entered(task, lease.token), by=user)
    hand_on()
    assert corrections.submit(**entered(task, lease.token), by=user) == first
    assert first.escalation_id is not None
    assert first.why_escalated == ("Large change.",)
    with pytest.raises(Conflict, match="You have submitted this task already"):
        corrections.submit(**entered(task, lease.token, justification=WORDS + " Really."), by=user)
    assert Correction.objects.count() == 1
    assert not Draft.objects.exists()


def test_submit__lease_lost__is_a_conflict_that_keeps_everything_entered():
    made = room()
    task = Task.objects.get(decision=flagged(made))
    amina, jonas = person("amina", "reviewer"), person("jonas", "reviewer")
    stale = tasks.claim_one(task_id=task.pk, by=amina)
    Task.objects.filter(pk=task.pk).update(lease_until="2000-01-01T00:00:00Z")
    tasks.claim_one(task_id=task.pk, by=jonas)
    with pytest.raises(Conflict) as caught:
        corrections.submit(**entered(task, stale.token), by=amina)
    assert (caught.value.code, caught.value.extra) == ("lease_lost", {"holder": "Jonas Test"})
    draft = Draft.objects.get(task=task, reviewer=amina).body
    assert (draft["justification"], draft["output"], draft["evidence"]) == (WORDS, other(task.decision), ["/duration"])
    submit(task, jonas)
    with pytest.raises(Conflict, match="Jonas Test has finished this task") as caught:
        corrections.submit(**entered(task, stale.token, justification=WORDS + " More."), by=amina)
    assert caught.value.code == "task_closed"
    assert Draft.objects.get(task=task, reviewer=amina).body["justification"] == WORDS + " More."


def test_submit__someone_elses_token__is_refused():
    made = room()
    task = Task.objects.get(decision=flagged(made))
    lease = tasks.claim_one(task_id=task.pk, by=person("jonas", "reviewer"))
    with pytest.raises(Conflict, match="Jonas Test holds"):
        corrections.submit(**entered(task, lease.token), by=person("amina", "reviewer"))
    with pytest.raises(NotAllowed):
        corrections.submit(**entered(task, lease.token), by=person("audrey", "auditor"))


def test_submit__escalating_an_adjudication__is_refused_there_is_nobody_above():
    made = room()
    submit(Task.objects.get(decision=flagged(made)), person("amina", "reviewer"), verdict="cannot_tell", reason_code="")
    hand_on()
    task = Task.objects.get(kind="adjudication")
    with pytest.raises(Invalid) as caught:
        submit(task, person("sara", "senior_reviewer"), verdict="escalate", reason_code="income")
    assert set(caught.value.fields) == {"verdict"}


def test_submit__broken_escalation_rule__asks_for_a_second_person():
    made = room(escalation_rules=[{"id": "X-9", "when": "1 / (input.duration - 24) > 0", "text": "Never mind."}])
    done = submit(Task.objects.get(decision=flagged(made, duration=24)), person("amina", "reviewer"))
    assert done.escalation_id is not None
    assert "could not be told" in done.why_escalated[0]


def test_submit__unstorable_text__is_named_not_a_crash():
    made = room()
    task = Task.objects.get(decision=flagged(made))
    with pytest.raises(Invalid) as caught:
        submit(task, person("amina", "reviewer"), justification=WORDS + "\x00", output={"action": "approve\x00"})
    assert set(caught.value.fields) == {"justification", "output"}


def test_draft__too_large_or_unstorable__is_refused_with_the_reason():
    made = room()
    task = Task.objects.get(decision=flagged(made))
    user = person("amina", "reviewer")
    with pytest.raises(TooLarge):
        drafts.save(task_id=task.pk, body={"justification": "x" * 70_000}, by=user)
    with pytest.raises(Invalid):
        drafts.save(task_id=task.pk, body={"justification": "\x00"}, by=user)
    with pytest.raises(NotAllowed):
        drafts.save(task_id=task.pk, body={}, by=person("audrey", "auditor"))


def test_draft__is_gone_once_submitted():
    made = room()
    task = Task.objects.get(decision=flagged(made))
    user = person("amina", "reviewer")
    drafts.save(task_id=task.pk, body={"justification": "half"}, by=user)
    submit(task, user)
    assert not Draft.objects.exists()
    with pytest.raises(Conflict, match="submitted this task already"):
        drafts.save(task_id=task.pk, body={}, by=user)
