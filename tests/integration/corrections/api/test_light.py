"""What the light views answer is what the whole way answers: the same bodies, headers and rows, and never more."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from guardian.models import UserObjectPermission

from corrections.api import inputs
from corrections.models import Correction, Draft, Escalation, Task
from reviewapp.core import clock
from reviewapp.core.accounts import keys
from reviewapp.core.accounts.models import ApiKey, User
from reviewapp.core.events import spine
from reviewapp.core.events.models import Event, OutboxEntry
from reviewapp.core.web import light
from tests.factories import serving
from tests.factories.feedback import WORDS, Room, flagged, hand_on, room, submit, waiting
from tests.factories.serving import person

pytestmark = pytest.mark.django_db

ENTRY = {
    "verdict": "correct",
    "output": {"action": "decline"},
    "reason_code": "income",
    "justification": f" {WORDS} ",
    "evidence": ["/duration"],
    "confidence": 4,
}
# Django REST framework reads it as JSON too; a light view leaves it alone.
WHOLE = {"Accept": "application/json; q=0.9"}


class Program:
    """A program with a personal key that has been used before, so that the process knows it."""

    def __init__(self, user: User, *scopes: str) -> None:
        self.user = user
        self.headers = {"Authorization": f"Bearer {serving.personal_key(user, *(scopes or ('review',)))}"}
        assert self.get("queues").status_code == 200

    def get(self, path: str, **headers: str) -> HttpResponse:
        return Client().get(f"/api/v1/{path}", headers={**self.headers, **headers})

    def post(self, path: str, body: Any = None, **headers: str) -> HttpResponse:
        return Client().post(f"/api/v1/{path}", body or {}, "application/json", headers={**self.headers, **headers})


@pytest.fixture
def made() -> Room:
    return room()


@pytest.fixture
def lightly(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The statuses of what light views answered."""
    told: list[int] = []
    for name in ("answer", "nothing"):
        monkeypatch.setattr(light, name, _noting(told, getattr(light, name)))
    return told


def _noting(told: list[int], original: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    def noting(*args: Any, **named: Any) -> HttpResponse:
        response = original(*args, **named)
        told.append(response.status_code)
        return response

    return noting


def _headers(response: HttpResponse) -> dict[str, set[str]]:
    # Both lists of words are put together from sets, in any order.
    return {name: set(value.replace(";", ",").replace(" ", "").split(",")) for name, value in response.headers.items()}


def test_read__both_ways__same_bytes_and_headers(made: Room, lightly: list[int]) -> None:
    task = Task.objects.get(decision=flagged(made))
    amina = Program(person("amina", "reviewer"))
    amina.post(f"tasks/{task.pk}/claim")
    Draft.objects.create(task=task, reviewer=amina.user, body={"a": "ü\u2028"}, saved_at=clock.now())
    light_one, whole = amina.get(f"tasks/{task.pk}"), amina.get(f"tasks/{task.pk}", **WHOLE)
    assert lightly == [200]
    assert light_one.json() == whole.json()
    assert _headers(light_one).keys() == _headers(whole).keys()
    different = {name for name, value in _headers(light_one).items() if value != _headers(whole)[name]}
    assert different <= {"Content-Length"}, "only the two line separators are written otherwise"


def test_claim__both_ways__same_members_and_headers(made: Room, lightly: list[int]) -> None:
    waiting(made, 2)
    amina = Program(person("amina", "reviewer"))
    light_one, whole = (amina.post(f"queues/{made.standard.pk}/claim", **way) for way in ({}, WHOLE))
    none_light, none_whole = (amina.post(f"queues/{made.standard.pk}/claim", **way) for way in ({}, WHOLE))
    assert lightly == [200, 204]
    assert light_one.json().keys() == whole.json().keys()
    assert light_one.json()["token"] == whole.json()["token"] == 1
    assert light_one.json()["task"] != whole.json()["task"]
    assert _headers(light_one).keys() == _headers(whole).keys()
    assert (none_light.status_code, none_light.content, _headers(none_light)) == (204, b"", _headers(none_whole))
    told = Event.objects.filter(type="task.claimed")
    assert {(one.actor_kind, one.actor_id, one.actor_label) for one in told} == {
        ("person", str(amina.user.pk), amina.user.display_name)
    }
    assert {one.data["task"] for one in told} == {light_one.json()["task"], whole.json()["task"]}


def test_submit__both_ways__same_rows_and_events(made: Room, lightly: list[int]) -> None:
    waiting(made, 2)
    amina = Program(person("amina", "reviewer"))
    answers = []
    for way in ({}, WHOLE):
        task = amina.post(f"queues/{made.standard.pk}/claim").json()
        Draft.objects.create(task_id=task["task"], reviewer=amina.user, body={}, saved_at=clock.now())
        answers.append(
            amina.post(
                f"tasks/{task['task']}/corrections", {**ENTRY, "token": task["token"]}, **way, **{"User-Agent": "p"}
            )
        )
    assert lightly == [200, 201, 200]
    assert [one.status_code for one in answers] == [201, 201]
    assert _headers(answers[0]) == _headers(answers[1])
    first, second = (Correction.objects.get(pk=one.json()["id"]) for one in answers)
    own = {"id", "task_id", "decision_id", "digest", "submitted_at", "_state"}
    assert {k: v for k, v in vars(first).items() if k not in own} == {
        k: v for k, v in vars(second).items() if k not in own
    }
    assert first.justification == WORDS
    assert set(Task.objects.values_list("state", "lease_holder")) == {("done", None)}
    assert not Draft.objects.exists()
    told = list(Event.objects.filter(type="correction.submitted").order_by("id"))
    assert told[0].data.keys() == told[1].data.keys()
    assert [bytes(one.leaf) for one in told] == [spine.leaf(one) for one in told]
    assert OutboxEntry.objects.filter(event__in=told).count() == 2
    hand_on()
    assert not OutboxEntry.objects.exists()


def test_task_claimed__nobody_inside_hears_it__is_logged_and_not_handed_on(made: Room) -> None:
    waiting(made, 1)
    Program(person("amina", "reviewer")).post(f"queues/{made.standard.pk}/claim")
    event = Event.objects.get(type="task.claimed")
    assert bytes(event.leaf) == spine.leaf(event)
    assert not OutboxEntry.objects.filter(event=event).exists()


def test_key__revoked_or_run_out_since__is_refused_and_changes_nothing(made: Room, lightly: list[int]) -> None:
    task = waiting(made, 2)[0]
    now = clock.now()
    for change in ({"revoked_at": now}, {"expires_at": now - timedelta(hours=1)}):
        amina = Program(person(f"amina-{len(change)}-{next(iter(change))}", "reviewer"))
        held = amina.post(f"queues/{made.standard.pk}/claim").json()
        lightly.clear()
        by = {"revoked_by": amina.user} if "revoked_at" in change else {}
        ApiKey.objects.filter(user=amina.user).update(created_at=now - timedelta(days=1), **change, **by)
        asked = [
            amina.post(f"queues/{made.standard.pk}/claim"),
            amina.get(f"tasks/{task.pk}"),
            amina.post(f"tasks/{held['task']}/corrections", {**ENTRY, "token": held["token"]}),
        ]
        assert [one.status_code for one in asked] == [401, 401, 401]
        assert lightly == []
    assert not Correction.objects.exists()


def test_right__taken_away_since__is_a_404_at_once(made: Room, lightly: list[int]) -> None:
    waiting(made, 2)
    amina = Program(person("amina", "reviewer", agent=made.world.agent))
    held = amina.post(f"queues/{made.standard.pk}/claim").json()
    UserObjectPermission.objects.filter(user=amina.user).delete()
    lightly.clear()
    asked = [
        amina.post(f"queues/{made.standard.pk}/claim"),
        amina.get(f"tasks/{held['task']}"),
        amina.post(f"tasks/{held['task']}/corrections", {**ENTRY, "token": held["token"]}),
    ]
    assert [one.status_code for one in asked] == [404, 404, 404]
    assert lightly == []


def test_person__deactivated_since__is_refused(made: Room, lightly: list[int]) -> None:
    waiting(made, 1)
    amina = Program(person("amina", "reviewer"))
    User.objects.filter(pk=amina.user.pk).update(is_active=False)
    assert amina.post(f"queues/{made.standard.pk}/claim").status_code == 401
    assert lightly == []


@pytest.mark.parametrize(("roles", "status"), [(("auditor",), 403), ((), 404)])
def test_queue__person_may_not_work_in_it__says_why(made: Room, roles: tuple[str, ...], status: int) -> None:
    waiting(made, 1)
    asker = Program(person("asker", *roles))
    assert asker.post(f"queues/{made.standard.pk}/claim").status_code == status
    assert asker.post(f"queues/{made.senior.pk}/claim").status_code == status
    assert not Task.objects.filter(lease_holder__isnull=False).exists()


def test_key__never_seen__is_looked_at_and_answered_lightly(made: Room, lightly: list[int]) -> None:
    task = waiting(made, 1)[0]
    amina = Program(person("amina", "reviewer"))
    keys._people.clear()
    assert amina.get(f"tasks/{task.pk}").status_code == 200
    assert lightly == [200]
    amina.headers["Authorization"] = amina.headers["Authorization"].replace("_", "_x", 2).replace("_x", "_", 1)[:-1]
    keys._people.clear()
    assert amina.get(f"tasks/{task.pk}").json()["code"] == "key_unknown"
    amina.headers["Authorization"] = made.world.auth["Authorization"]
    assert amina.get(f"tasks/{task.pk}").status_code == 403, "an agent's own program is no person"
    assert lightly == [200]


def test_scope__missing__is_a_403(made: Room, lightly: list[int]) -> None:
    task = waiting(made, 1)[0]
    reader = Program(person("amina", "reviewer"), "read")
    assert reader.get(f"tasks/{task.pk}").status_code == 200
    assert reader.post(f"queues/{made.standard.pk}/claim").status_code == 403
    assert lightly == [200]


def test_host__not_ours__is_refused(made: Room) -> None:
    task = waiting(made, 1)[0]
    assert Program(person("amina", "reviewer")).get(f"tasks/{task.pk}", Host="evil.example").status_code == 400


def test_submit__not_ordinary__goes_the_whole_way(made: Room, lightly: list[int]) -> None:
    task = waiting(made, 1)[0]
    amina, jonas = Program(person("amina", "reviewer")), Program(person("jonas", "reviewer"))
    token = amina.post(f"queues/{made.standard.pk}/claim").json()["token"]
    lightly.clear()
    path = f"tasks/{task.pk}/corrections"
    assert jonas.post(path, {**ENTRY, "token": token}).json()["code"] == "lease_lost"
    assert Draft.objects.get(reviewer=jonas.user).body["justification"] == WORDS
    assert amina.post(path, {**ENTRY, "token": token + 1}).status_code == 409
    assert amina.post(path, {**ENTRY, "token": token, "output": {"action": "perhaps"}}).status_code == 422
    assert amina.post(path, {**ENTRY, "token": str(token), "who": 1}).status_code == 422
    assert not Correction.objects.exists()
    assert lightly == []
    done = amina.post(path, {**ENTRY, "token": token})
    assert amina.post(path, {**ENTRY, "token": token}).json() == done.json(), "a repeat after a lost answer"
    assert lightly == [201]
    assert Correction.objects.count() == 1


def test_submit__risky__waits_for_a_second_person(lightly: list[int]) -> None:
    made = room(escalation_rules=[{"id": "any", "when": "true", "action": "escalate", "text": "Always."}])
    waiting(made, 1)
    amina = Program(person("amina", "reviewer"))
    held = amina.post(f"queues/{made.standard.pk}/claim").json()
    done = amina.post(f"tasks/{held['task']}/corrections", {**ENTRY, "token": held["token"]})
    assert done.json()["why_escalated"] == ["Always."]
    assert Escalation.objects.count() == 1
    assert lightly == [200]


def test_senior__claims_and_settles__sees_what_others_said(lightly: list[int]) -> None:
    made = room(seats=2)
    decision = flagged(made)
    for name, verdict in (("amina", "correct"), ("jonas", "agree")):
        submit(
            Task.objects.get(decision=decision, seat=1 + (name == "jonas")), person(name, "reviewer"), verdict=verdict
        )
    hand_on()
    sara = Program(person("sara", "senior_reviewer"))
    claimed = sara.post(f"queues/{made.senior.pk}/claim").json()
    assert [one["verdict"] for one in claimed["earlier"]] == ["Correct", "Agree"]
    assert claimed["earlier"] == sara.get(f"tasks/{claimed['task']}", **WHOLE).json()["earlier"]
    path = f"tasks/{claimed['task']}/corrections"
    passed_on = {"token": claimed["token"], "verdict": "escalate", "justification": WORDS}
    assert sara.post(path, passed_on).status_code == 422
    assert sara.post(path, {**ENTRY, "token": claimed["token"]}).status_code == 201
    assert lightly == [200, 201]


BODIES: list[dict[str, Any]] = [
    {},
    {"verdict": " agree "},
    {"verdict": ""},
    {"verdict": 3},
    {"verdict": None},
    {"verdict": "x" * 21},
    {"token": "7"},
    {"token": True},
    {"token": -1},
    {"output": None},
    {"output": []},
    {"output": {"a": {"b": [1, 2.5, None]}}},
    {"reason_code": " income\n"},
    {"reason_code": "x" * 61},
    {"justification": "  "},
    {"justification": "x" * 10_000},
    {"evidence": []},
    {"evidence": [" /duration "]},
    {"evidence": [""]},
    {"evidence": [1]},
    {"evidence": ["/a"] * 51},
    {"evidence": "/a"},
    {"confidence": None},
    {"confidence": "4"},
    {"confidence": 9},
    {"confidence": 4.0},
    {"time_spent_ms": 2_000_000_001},
    {"time_spent_ms": 900},
    {"unknown": 1},
]


@pytest.mark.parametrize("change", BODIES)
def test_correction__plain_body__is_read_as_the_serializer_reads_it(change: dict[str, Any]) -> None:
    body = {**ENTRY, "token": 7, **change}
    read = inputs.correction(body)
    form = inputs.CorrectionInput(data=body)
    assert read is None or (form.is_valid() and read == dict(form.validated_data))


@pytest.mark.parametrize("left_out", ["confidence", "evidence", "output", "reason_code", "justification"])
def test_correction__member_left_out__is_read_as_the_serializer_reads_it(left_out: str) -> None:
    body = {name: value for name, value in {**ENTRY, "token": 7}.items() if name != left_out}
    form = inputs.CorrectionInput(data=body)
    assert form.is_valid()
    assert inputs.correction(body) == dict(form.validated_data)


def test_correction__ordinary__is_read() -> None:
    assert inputs.correction({**ENTRY, "token": 7}) is not None
    assert inputs.correction([]) is None
