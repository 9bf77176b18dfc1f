"""POST a case, get a decision: what is answered, what is refused and how it is said."""

import json
import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from agents.models import Decision
from agents.runtime.artifact import ArtifactError
from agents.selectors import trust
from agents.services import slots
from reviewapp.core import clock
from reviewapp.core.accounts import actors, keys, services
from reviewapp.core.accounts.models import ApiKey, ServiceAccount
from reviewapp.core.events.models import Event
from tests.factories import serving
from tests.factories.serving import GOOD_INPUT, UNSURE_INPUT, World

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _as_the_decide_process(settings: Any) -> None:
    """The process that answers nothing else."""
    settings.ROOT_URLCONF = "reviewapp.urls_decide"


def post(world: World, body: Any, *, key: str | None = None, **headers: str) -> Any:
    raw = body if isinstance(body, bytes) else json.dumps(body)
    sent = {**world.auth, **headers}
    if key is not None:
        sent["Authorization"] = f"Bearer {key}" if key else ""
    return Client().post(world.url, raw, content_type="application/json", headers=sent)


def problem(response: Any, status: int) -> dict[str, Any]:
    assert response.status_code == status, response.content
    assert response["Content-Type"] == "application/problem+json"
    body: dict[str, Any] = response.json()
    assert body["status"] == status
    assert body["detail"]
    return body


def paths(response: Any, status: int = 422) -> dict[str, str]:
    return {fault["path"]: fault["message"] for fault in problem(response, status)["errors"]}


def test_decisions__sure_case__is_answered_whole() -> None:
    world = serving.world()
    response = post(world, {"input": GOOD_INPUT, "case_ref": "c-1"})
    assert response.status_code == 201
    answer = response.json()
    assert answer["status"] == "auto"
    assert answer["output"] == {"action": "approve", "limit": 900.0}
    assert answer["policy"] == {"version": 1, "digest": world.artifact.pk}
    assert answer["contract"] == {"version": 1}
    assert answer["arm"] == "stable"
    assert answer["links"]["self"].endswith(f"{world.url}/{answer['id']}")
    assert answer["links"]["wait"].endswith(f"/decisions/{answer['id']}/resolution")
    told = answer["explanation"]
    assert round(told["intercept"] + sum(one["points"] for one in told["contributions"]), 6) == told["score"]
    assert response["Location"] == answer["links"]["self"]
    assert Decision.objects.get(pk=answer["id"]).case_ref == "c-1"


def test_decisions__unsure_case__is_flagged_and_says_why() -> None:
    answer = post(serving.world(), {"input": UNSURE_INPUT}).json()
    assert answer["status"] == "review"
    assert [reason["code"] for reason in answer["reasons"]] == ["low_confidence"]


def test_decisions__automatic__takes_two_queries_and_flagged_three() -> None:
    world = serving.world()
    post(world, {"input": GOOD_INPUT})
    with CaptureQueriesContext(connection) as sure:
        post(world, {"input": GOOD_INPUT})
    # The slot's stamp (the watching thread saves this one in a serving process), and the row with the key's good standing.
    assert len(sure) == 2, [query["sql"][:80] for query in sure]
    with CaptureQueriesContext(connection) as flagged:
        post(world, {"input": UNSURE_INPUT})
    statements = [query["sql"] for query in flagged if "SAVEPOINT" not in query["sql"]]
    assert len(statements) == 3, [sql[:80] for sql in statements]


def test_decisions__defaults_of_the_contract__are_filled_in() -> None:
    answer = post(serving.world(), {"input": GOOD_INPUT}).json()
    assert Decision.objects.get(pk=answer["id"]).input["employed"] is True


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({}, "input"),
        ([], ""),
        ({"input": []}, "input"),
        ({"input": {**GOOD_INPUT, "duration": "6"}}, "input.duration"),
        ({"input": {**GOOD_INPUT, "durations": 6}}, "input.durations"),
        ({"input": {"duration": 6}}, "input.purpose"),
        ({"input": GOOD_INPUT, "inputs": 1}, "inputs"),
        ({"input": GOOD_INPUT, "case_ref": 7}, "case_ref"),
        ({"input": GOOD_INPUT, "unit": "x" * 201}, "unit"),
        ({"input": GOOD_INPUT, "unit": "a\x00"}, "unit"),
        ({"input": {**GOOD_INPUT, "note": "a\x00b"}}, "input.note"),
        ({"input": GOOD_INPUT, "proposal": {"output": {}}}, "proposal.output.action"),
    ],
)
def test_decisions__faulty_field__is_named(body: Any, path: str) -> None:
    assert path in paths(post(serving.world(), body))
    assert not Decision.objects.exists()


def test_decisions__proposing_agent__needs_its_proposal() -> None:
    world = serving.world(mode="propose")
    assert "proposal" in paths(post(world, {"input": GOOD_INPUT}))
    proposal = {"output": {"action": "decline"}, "confidence": 0.9, "model": "m-1", "tool_calls": [{"name": "look"}]}
    answer = post(world, {"input": GOOD_INPUT, "proposal": proposal}).json()
    assert (answer["status"], answer["output"]) == ("review", {"action": "decline"})
    assert Decision.objects.get(pk=answer["id"]).proposal == proposal


@pytest.mark.parametrize("raw", [b"", b"{", b"\xff", b'{"input": NaN}', b'{"input": {"note": "\\ud800"}}', b"[" * 5000])
def test_decisions__no_json__is_a_400(raw: bytes) -> None:
    assert problem(post(serving.world(), raw), 400)["code"] == "bad_json"


def test_decisions__deeply_nested__is_refused_and_no_crash() -> None:
    world = serving.world(mode="propose")
    nested = '{"a":' * 500 + "1" + "}" * 500
    raw = f'{{"input": {json.dumps(GOOD_INPUT)}, "proposal": {{"output": {{"action": "approve"}}, "tool_calls": [{nested}]}}}}'
    assert "nested" in next(iter(paths(post(world, raw.encode())).values()))


def test_decisions__oversize_body__is_a_413(settings: Any) -> None:
    settings.DECISION_MAX_BYTES = 1024
    world = serving.world()
    assert problem(post(world, {"input": {**GOOD_INPUT, "note": "x" * 1100}}), 413)["code"] == "too_large"
    assert post(world, {"input": GOOD_INPUT}).status_code == 201


def test_decisions__unknown_agent__is_a_404() -> None:
    world = serving.world()
    response = Client().post(
        "/api/v1/agents/nobody/decisions", "{}", content_type="application/json", headers=world.auth
    )
    assert problem(response, 404)["code"] == "agent_unknown"


@pytest.mark.parametrize(
    ("header", "code"),
    [
        ("", "key_missing"),
        ("Basic abc", "key_missing"),
        ("Bearer nonsense", "key_unknown"),
        ("Bearer cs_0123456789_" + "x" * 43, "key_unknown"),
    ],
)
def test_decisions__no_valid_key__is_a_401(header: str, code: str) -> None:
    response = post(serving.world(), {"input": GOOD_INPUT}, Authorization=header)
    assert problem(response, 401)["code"] == code
    assert "Bearer" in response["WWW-Authenticate"]


def test_decisions__revoked_expired_or_disabled_key__is_a_401() -> None:
    world = serving.world()
    officer = serving.person("ada")
    key = ApiKey.objects.get(service__name="lending program")
    services.revoke_key(key_id=key.pk, by=officer)
    assert problem(post(world, {"input": GOOD_INPUT}), 401)["code"] == "key_revoked"
    account = ServiceAccount.objects.get(name="lending program")
    row, raw = services.issue_key(
        name="short", scopes=["decide"], service=account, expires_at=clock.now() + timedelta(hours=1), by=None
    )
    ApiKey.objects.filter(pk=row.pk).update(
        created_at=clock.now() - timedelta(days=2), expires_at=clock.now() - timedelta(days=1)
    )
    assert problem(post(world, {"input": GOOD_INPUT}, key=raw), 401)["code"] == "key_expired"
    _, another = services.issue_key(name="other", scopes=["decide"], service=account, by=None)
    ServiceAccount.objects.filter(pk=account.pk).update(disabled_at=clock.now(), disabled_by=officer)
    assert problem(post(world, {"input": GOOD_INPUT}, key=another), 401)["code"] == "account_inactive"


def test_decisions__key_without_right__is_a_403() -> None:
    world, other = serving.world(), serving.world(slug="other")
    assert problem(post(world, {"input": GOOD_INPUT}, key=other.key), 403)["code"] == "key_of_another_agent"
    account = ServiceAccount.objects.get(name="lending program")
    _, reader = services.issue_key(name="reader", scopes=["read"], service=account, by=None)
    assert problem(post(world, {"input": GOOD_INPUT}, key=reader), 403)["code"] == "scope_missing"
    personal = serving.personal_key(serving.person("ada"), "decide")
    assert problem(post(world, {"input": GOOD_INPUT}, key=personal), 403)["code"] == "key_personal"


@pytest.mark.parametrize("verb", ["get", "put", "delete", "patch"])
def test_decisions__wrong_verb__is_a_405(verb: str) -> None:
    world = serving.world()
    response = getattr(Client(), verb)(world.url, headers=world.auth)
    assert problem(response, 405)["code"] == "method_not_allowed"
    assert response["Allow"] == "POST"


def test_decisions__same_key_and_body__is_answered_again() -> None:
    world = serving.world()
    first = post(world, {"input": UNSURE_INPUT, "case_ref": "c"}, **{"Idempotency-Key": "k-1"})
    again = post(world, {"case_ref": "c", "input": UNSURE_INPUT}, **{"Idempotency-Key": "k-1"})
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert Event.objects.filter(type="decision.flagged").count() == 1


def test_decisions__same_key_and_other_body__conflicts() -> None:
    world = serving.world()
    first = post(world, {"input": GOOD_INPUT}, **{"Idempotency-Key": "k-1"}).json()
    fault = problem(post(world, {"input": UNSURE_INPUT}, **{"Idempotency-Key": "k-1"}), 409)
    assert (fault["code"], fault["decision"]) == ("idempotency_key_reused", first["id"])


def test_decisions__same_key_at_two_agents__are_two_decisions() -> None:
    for world in (serving.world(), serving.world(slug="other")):
        assert post(world, {"input": GOOD_INPUT}, **{"Idempotency-Key": "k-1"}).status_code == 201


@pytest.mark.parametrize("key", ["", "x" * 201])
def test_decisions__odd_idempotency_key__is_named(key: str) -> None:
    response = post(serving.world(), {"input": GOOD_INPUT}, **{"Idempotency-Key": key})
    assert "Idempotency-Key" in paths(response)


def test_decisions__no_policy_live__is_answered_by_the_contracts_terms() -> None:
    answer = post(serving.world(live=False), {"input": GOOD_INPUT}).json()
    assert (answer["status"], answer["output"], answer["arm"]) == ("auto", {"action": "decline"}, "fallback")
    assert answer["policy"] is None
    assert answer["reasons"][0]["code"] == "unavailable"


def test_decisions__no_policy_live_and_review_due__waits_for_a_person() -> None:
    answer = post(serving.world(live=False, failure={}), {"input": GOOD_INPUT}).json()
    assert (answer["status"], answer["output"]) == ("review", None)


def test_decisions__agent_without_contract__is_unavailable() -> None:
    world = serving.world()
    serving.agents.register(slug="new", name="New", mode="decide", by=actors.SYSTEM)
    _, key = services.issue_key(
        name="all", scopes=["decide"], service=services.create_service_account(name="all", by=None), by=None
    )
    response = Client().post(
        "/api/v1/agents/new/decisions",
        "{}",
        content_type="application/json",
        headers={"Authorization": f"Bearer {key}"},
    )
    assert problem(response, 503)["code"] == "contract_missing"
    assert post(world, {"input": GOOD_INPUT}, key=key).status_code == 201


def test_decisions__guardrail_that_errs__escalates() -> None:
    rule = {"id": "R-9", "title": "Minors", "when": "input.age < 18", "action": "review", "text": "Minor."}
    answer = post(serving.world(policy={"guardrails": [rule]}), {"input": GOOD_INPUT}).json()
    assert answer["status"] == "escalate"
    assert "could not be told" in answer["reasons"][0]["text"]


def test_decisions__model_that_cannot_answer__is_settled_by_the_contract() -> None:
    bare = {"model": {"kind": "none"}, "exceptions": [], "guardrails": []}
    answer = post(serving.world(policy=bare), {"input": GOOD_INPUT}).json()
    assert (answer["status"], answer["reasons"][0]["code"], answer["arm"]) == ("review", "error", "fallback")


def test_decisions__answer_that_breaks_the_contract__is_settled_by_the_contract() -> None:
    rule = {
        "id": "R-9",
        "title": "Odd",
        "when": "true",
        "action": "output",
        "output": {"action": "perhaps"},
        "text": "x",
    }
    terms = {"on_error": {"do": "fallback", "output": {"action": "decline"}}}
    answer = post(serving.world(policy={"guardrails": [rule]}, failure=terms), {"input": GOOD_INPUT}).json()
    assert (answer["status"], answer["output"]) == ("auto", {"action": "decline"})
    assert "breaks the contract" in answer["reasons"][0]["text"]


@pytest.mark.parametrize(
    ("terms", "document", "status", "output"),
    [
        ({"do": "review"}, GOOD_INPUT, "review", {"action": "approve", "limit": 900.0}),
        ({"do": "deny", "output": {"action": "decline"}}, GOOD_INPUT, "auto", {"action": "decline"}),
        ({"do": "deny", "output": {"action": "decline"}}, UNSURE_INPUT, "review", {"action": "decline"}),
    ],
)
def test_decisions__late_answer__follows_the_contracts_terms(
    terms: dict[str, Any],
    document: dict[str, Any],
    status: str,
    output: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = serving.world(latency_ms=20, failure={"on_timeout": terms})
    post(world, {"input": GOOD_INPUT})
    ticks = iter(range(100))
    # Every look at the clock is a second later than the one before.
    monkeypatch.setattr("time.perf_counter", lambda: float(next(ticks)))
    answer = post(world, {"input": document}).json()
    assert (answer["status"], answer["output"], answer["arm"]) == (status, output, "fallback")
    assert answer["reasons"][-1]["code"] == "timeout"
    assert Decision.objects.get(pk=answer["id"]).latency_us >= 1_000_000


def test_decisions__canary__gets_its_share_by_unit() -> None:
    world = serving.world()
    newer = serving.store(world.agent, guidance="newer")
    slots.switch(
        agent_id=world.agent.pk,
        stable=(world.artifact.pk, 1),
        canary=(newer.pk, 2),
        canary_share=3_000,
        salt="s",
        by=actors.SYSTEM,
    )
    answers = [post(world, {"input": GOOD_INPUT, "unit": f"u-{n}"}).json() for n in range(60)]
    arms = {(answer["arm"], answer["policy"]["version"]) for answer in answers}
    assert arms == {("stable", 1), ("canary", 2)}
    rows = Decision.objects.all()
    assert all((row.arm == "canary") == (row.bucket < 3_000) for row in rows)
    assert post(world, {"input": GOOD_INPUT, "unit": "u-0"}).json()["arm"] == answers[0]["arm"]


def test_decisions__rolled_back__is_answered_by_the_older_policy_at_once() -> None:
    world = serving.world()
    newer = serving.store(world.agent, guidance="newer")
    slots.switch(agent_id=world.agent.pk, stable=(newer.pk, 2), by=actors.SYSTEM)
    assert post(world, {"input": GOOD_INPUT}).json()["policy"]["version"] == 2
    slots.switch(agent_id=world.agent.pk, stable=(world.artifact.pk, 1), by=actors.SYSTEM)
    answer = post(world, {"input": GOOD_INPUT}).json()
    assert answer["policy"] == {"version": 1, "digest": world.artifact.pk}


def test_decisions__policy_that_cannot_be_loaded__contract_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    def damaged(digest: str, agent: str) -> None:
        raise ArtifactError("damaged")

    world = serving.world(slug="fresh")
    monkeypatch.setattr(trust, "policy", damaged)
    answer = post(world, {"input": GOOD_INPUT}).json()
    assert (answer["status"], answer["arm"], answer["reasons"][0]["code"]) == ("auto", "fallback", "unavailable")


def test_decisions__database_gone__is_a_503_and_no_page(monkeypatch: pytest.MonkeyPatch) -> None:
    world = serving.world()

    def gone(*_: Any, **__: Any) -> None:
        raise OperationalError("connection refused")

    monkeypatch.setattr(keys, "authenticate", gone)
    assert problem(post(world, {"input": GOOD_INPUT}), 503)["code"] == "database"


@pytest.mark.django_db(transaction=True)
def test_decisions__two_requests_with_one_key_at_once__make_one_decision() -> None:
    world = serving.world()
    post(world, {"input": GOOD_INPUT})
    start = threading.Barrier(4)
    answers: list[tuple[int, str]] = []

    def ask() -> None:
        try:
            start.wait()
            response = post(world, {"input": UNSURE_INPUT}, **{"Idempotency-Key": "race"})
            answers.append((response.status_code, response.json()["id"]))
        finally:
            connection.close()

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({identity for _, identity in answers}) == 1
    assert sorted(status for status, _ in answers) == [200, 200, 200, 201]
    assert Event.objects.filter(type="decision.flagged").count() == 1
