"""The review endpoints, as a program with a personal key uses them."""

from typing import Any

import pytest
from django.test import Client
from drf_spectacular.generators import SchemaGenerator

from corrections.models import Consensus, Correction, Draft, Task
from reviewapp.core.accounts.models import User
from tests.factories import serving
from tests.factories.agents import LENDING
from tests.factories.feedback import WORDS, Room, flagged, hand_on, other, room, submit, waiting
from tests.factories.serving import person

pytestmark = pytest.mark.django_db

ENTRY = {"verdict": "correct", "reason_code": "income", "justification": WORDS, "evidence": ["/duration"]}


class Caller:
    """One key holder."""

    def __init__(self, key: str) -> None:
        self.headers = {"Authorization": f"Bearer {key}"}
        self.client = Client(raise_request_exception=True)

    def __call__(self, verb: str, path: str, body: Any = None, **query: Any) -> Any:
        call = getattr(self.client, verb)
        if verb == "get":
            return call(f"/api/v1/{path}", query, headers=self.headers)
        return call(f"/api/v1/{path}", body or {}, content_type="application/json", headers=self.headers)


def caller(name: str, *roles: str, scopes: tuple[str, ...] = ("review",)) -> Caller:
    user = User.objects.filter(username=name).first() or person(name, *roles)
    return Caller(serving.personal_key(user, *scopes))


@pytest.fixture
def made() -> Room:
    return room()


def test_review__claim_to_consensus__over_http_alone(made: Room) -> None:
    decision = flagged(made)
    amina = caller("amina", "reviewer")
    (standard, _) = amina("get", "queues", agent="lending").json()
    assert (standard["waiting"], standard["can_work"]) == (1, True)
    claimed = amina("post", f"queues/{standard['id']}/claim")
    assert claimed.status_code == 200
    task = claimed.json()
    assert task["decision"]["id"] == str(decision.pk)
    assert task["decision"]["explanation"]["contributions"]
    assert task["contract"]["output_schema"]["required"] == ["action"]
    assert task["earlier"] == []
    path = f"tasks/{task['task']}"
    renewed = amina("post", f"{path}/renew", {"token": task["token"]})
    assert renewed.json()["lease_until"] > task["lease_until"]
    saved = amina("put", f"{path}/draft", {"token": task["token"], "body": {"justification": "half"}})
    assert saved.json()["holds"] is True
    assert amina("get", path).json()["draft"] == {"justification": "half"}
    body = {**ENTRY, "token": task["token"], "output": other(decision), "confidence": 4, "time_spent_ms": 900}
    done = amina("post", f"{path}/corrections", body)
    assert done.status_code == 201
    assert done.json() == {"id": str(Correction.objects.get().pk), "escalation": None, "why_escalated": []}
    assert amina("post", f"{path}/corrections", body).json() == done.json(), "a repeat after a lost answer"
    hand_on()
    assert Consensus.objects.get(decision=decision).output == other(decision)
    assert amina("post", f"queues/{standard['id']}/claim").status_code == 204
    counts = amina("get", "agents/lending/consensus").json()
    assert (counts["usable"], counts["changed"], counts["pending"], counts["conflicting"]) == (1, 1, 0, 0)
    (mine,) = amina("get", "corrections").json()
    assert (mine["fate"], mine["decision_id"]) == ("Became the consensus", str(decision.pk))
    said = amina("get", f"decisions/{decision.pk}/corrections").json()
    assert (said["consensus"]["method"], said["corrections"][0]["standing"]) == ("agreement", "counts")


def test_correct__incomplete__names_every_fault_by_its_path(made: Room) -> None:
    task = Task.objects.get(decision=flagged(made))
    amina = caller("amina", "reviewer")
    token = amina("post", f"tasks/{task.pk}/claim").json()["token"]
    body = {"token": token, "verdict": "correct", "output": {"action": "perhaps"}, "evidence": ["/nowhere"]}
    response = amina("post", f"tasks/{task.pk}/corrections", body)
    assert response.status_code == 422
    assert response["Content-Type"] == "application/problem+json"
    paths = {fault["path"] for fault in response.json()["errors"]}
    assert paths == {"output.action", "reason_code", "justification", "evidence[0]"}


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"justificaton": WORDS}, "justificaton"),
        ({"output": "approve"}, "output"),
        ({"evidence": "/duration"}, "evidence"),
        ({"confidence": "very"}, "confidence"),
        ({"token": None}, "token"),
        ({"justification": "x" * 10_001}, "justification"),
        ({"justification": WORDS + "\x00"}, "justification"),
        ({"output": {"action": "decline\x00"}}, "output"),
    ],
)
def test_correct__wrong_shape__is_a_422_that_names_it(made: Room, change: dict[str, Any], path: str) -> None:
    task = Task.objects.get(decision=flagged(made))
    amina = caller("amina", "reviewer")
    token = amina("post", f"tasks/{task.pk}/claim").json()["token"]
    response = amina("post", f"tasks/{task.pk}/corrections", {**ENTRY, "token": token, "output": {}, **change})
    assert response.status_code == 422
    assert path in {fault["path"].split(".")[0] for fault in response.json()["errors"]}


def test_correct__stale_token__is_a_409_that_names_the_holder_and_keeps_the_draft(made: Room) -> None:
    task = Task.objects.get(decision=flagged(made))
    amina, jonas = caller("amina", "reviewer"), caller("jonas", "reviewer")
    token = amina("post", f"tasks/{task.pk}/claim").json()["token"]
    Task.objects.update(lease_until="2000-01-01T00:00:00Z")
    assert jonas("post", f"tasks/{task.pk}/claim").json()["token"] == token + 1
    response = amina("post", f"tasks/{task.pk}/corrections", {**ENTRY, "token": token, "output": {"action": "decline"}})
    assert (response.status_code, response.json()["code"]) == (409, "lease_lost")
    assert response.json()["holder"] == "Jonas Test"
    assert Draft.objects.get(reviewer__username="amina").body["justification"] == WORDS
    held = amina("post", f"tasks/{task.pk}/claim")
    assert (held.status_code, held.json()["code"]) == (409, "task_held")


def test_escalation__pending_to_approved__never_by_its_author(made: Room) -> None:
    decision = flagged(made, amount=20_000.0)
    author = person("amina", "reviewer", "risk_officer")
    done = submit(Task.objects.get(decision=decision), author)
    tomas, amina = caller("tomas", "risk_officer"), caller("amina")
    (row,) = tomas("get", "escalations", agent="lending").json()
    assert (row["id"], row["why"], row["mine"]) == (str(done.escalation_id), "Large change.", False)
    path = f"escalations/{done.escalation_id}/decision"
    refused = amina("post", path, {"verdict": "approved"})
    assert (refused.status_code, refused.json()["code"]) == (403, "four_eyes")
    assert tomas("post", path, {"verdict": "rejected"}).status_code == 422, "a refusal needs a rationale"
    assert tomas("post", path, {"verdict": "maybe", "rationale": "x"}).status_code == 422
    assert tomas("post", path, {"verdict": "approved"}).json()["state"] == "approved"
    assert tomas("post", path, {"verdict": "approved"}).status_code == 409
    assert tomas("get", "escalations").json() == []
    assert [one["state"] for one in tomas("get", "escalations", state="decided").json()] == ["approved"]


def test_task__inputs_the_contract_calls_sensitive__are_left_out() -> None:
    schema = {**LENDING["input_schema"], "properties": dict(LENDING["input_schema"]["properties"])}
    made = room(input_schema=schema)
    decision = flagged(made, age=61)
    assert decision.input["age"] == 61
    task = Task.objects.get(decision=decision)
    body = caller("amina", "reviewer")("get", f"tasks/{task.pk}").json()
    assert "age" not in body["decision"]["input"]
    assert body["decision"]["input"]["duration"] == 24


def test_queue_tasks__pages__meet(made: Room) -> None:
    waiting(made, 5)
    amina = caller("amina", "reviewer")
    seen, after = [], ""
    while True:
        page = amina("get", f"queues/{made.standard.pk}/tasks", limit=2, after=after).json()
        seen += [row["id"] for row in page["tasks"]]
        after = page["next"]
        if not after:
            break
    assert len(seen) == len(set(seen)) == 5
    assert amina("get", f"queues/{made.standard.pk}/tasks", limit=0).status_code == 422
    assert amina("get", f"queues/{made.standard.pk}/tasks", after="forged").status_code == 422


def test_every_endpoint__without_key__is_a_401(made: Room) -> None:
    task = Task.objects.get(decision=flagged(made))
    nobody = Client()
    for path in ("queues", f"queues/{made.standard.pk}/tasks", f"tasks/{task.pk}", "escalations", "corrections"):
        assert nobody.get(f"/api/v1/{path}").status_code == 401
    for path in (f"queues/{made.standard.pk}/claim", f"tasks/{task.pk}/corrections", f"tasks/{task.pk}/renew"):
        assert nobody.post(f"/api/v1/{path}").status_code == 401


def test_every_endpoint__wrong_scope_service_key_or_no_role__is_refused(made: Room) -> None:
    task = Task.objects.get(decision=flagged(made))
    reader = caller("amina", "reviewer", scopes=("read",))
    assert reader("get", f"tasks/{task.pk}").status_code == 200
    assert reader("post", f"tasks/{task.pk}/claim").json()["code"] == "scope_missing"
    program = Caller(made.world.key)
    assert program("get", "queues").json()["code"] == "person_needed"
    assert program("get", "agents/lending/consensus").json()["pending"] == 1
    auditor = caller("audrey", "auditor")
    assert auditor("get", f"tasks/{task.pk}").status_code == 200
    assert auditor("post", f"tasks/{task.pk}/claim").status_code == 403
    assert auditor("put", f"tasks/{task.pk}/draft", {"body": {}}).status_code == 403
    stranger = caller("stranger")
    for path in (f"tasks/{task.pk}", f"queues/{made.standard.pk}/tasks", f"decisions/{task.decision_id}/corrections"):
        assert stranger("get", path).status_code == 404
    assert stranger("post", f"queues/{made.standard.pk}/claim").status_code == 404
    assert stranger("get", "agents/lending/consensus").status_code == 404


def test_session__without_csrf_token__may_not_write(made: Room) -> None:
    task = Task.objects.get(decision=flagged(made))
    client = Client(enforce_csrf_checks=True)
    client.force_login(person("amina", "reviewer"))
    assert client.post(f"/api/v1/tasks/{task.pk}/claim").status_code == 403


def test_schema__describes_every_review_endpoint() -> None:
    schema = SchemaGenerator().get_schema(request=None, public=True)
    wanted = {
        "/api/v1/queues": "get",
        "/api/v1/queues/{queue_id}/claim": "post",
        "/api/v1/queues/{queue_id}/tasks": "get",
        "/api/v1/tasks/{task_id}/corrections": "post",
        "/api/v1/tasks/{task_id}/draft": "put",
        "/api/v1/escalations/{escalation_id}/decision": "post",
        "/api/v1/decisions/{decision_id}/corrections": "get",
        "/api/v1/agents/{agent}/consensus": "get",
    }
    for path, verb in wanted.items():
        assert schema["paths"][path][verb]["summary"]
    assert "fate" in schema["components"]["schemas"]["MyCorrectionOutput"]["properties"]
