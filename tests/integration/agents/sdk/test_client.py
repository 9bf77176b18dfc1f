"""The client against the real application, and against a server that stumbles."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.core.wsgi import get_wsgi_application

from agents.models import Decision
from agents.sdk import Client, Problem
from agents.services import resolutions
from reviewapp.core.accounts import actors
from tests.factories import serving
from tests.factories.serving import GOOD_INPUT, UNSURE_INPUT, World


def connect(world: World, **options: Any) -> Client:
    transport = httpx.WSGITransport(app=get_wsgi_application())
    return Client("http://127.0.0.1:8000", key=world.key, agent="lending", transport=transport, **options)


def stumbling(answer: Callable[[int], httpx.Response]) -> tuple[Client, list[httpx.Request]]:
    seen: list[httpx.Request] = []

    def handle(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return answer(len(seen))

    return Client("http://x", key="k", agent="a", transport=httpx.MockTransport(handle)), seen


@pytest.mark.django_db(transaction=True)
def test_decide__case__is_decided_and_read_back() -> None:
    world = serving.world()
    with connect(world) as client:
        decision = client.decide(GOOD_INPUT, case_ref="c-1")
        assert decision["status"] == "auto"
        assert client.decision(decision["id"])["resolution"]["source"] == "auto"
        assert client.trials([{"input": UNSURE_INPUT}])["results"][0]["status"] == "review"


@pytest.mark.django_db(transaction=True)
def test_decide__same_key_twice__is_one_decision() -> None:
    with connect(serving.world()) as client:
        first = client.decide(UNSURE_INPUT, idempotency_key="k")
        assert client.decide(UNSURE_INPUT, idempotency_key="k") == first
    assert Decision.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_decision__settled_by_people__has_their_answer() -> None:
    with connect(serving.world()) as client:
        decision = client.decide(UNSURE_INPUT)
        assert client.decision(decision["id"])["resolution"] is None
        resolutions.resolve(decision_id=decision["id"], output={"action": "decline"}, source="review", by=actors.SYSTEM)
        assert client.decision(decision["id"])["resolution"]["output"] == {"action": "decline"}


@pytest.mark.django_db(transaction=True)
def test_decide__contract_is_known__is_not_asked_for_again(tmp_path: Path) -> None:
    sent: list[str] = []
    with connect(serving.world(), state=tmp_path) as client:
        client._http.event_hooks["request"].append(lambda request: sent.append(request.method))
        for _ in range(3):
            client.decide(GOOD_INPUT)
        known = client.contract()
    assert sent == ["POST", "GET", "POST", "POST", "GET"]
    assert json.loads((tmp_path / "contract.json").read_text())["body"] == known


@pytest.mark.django_db(transaction=True)
def test_decide__faulty_case__raises_the_problem_with_its_fields() -> None:
    with connect(serving.world()) as client, pytest.raises(Problem) as caught:
        client.decide({"purpose": "boat"})
    assert caught.value.status == 422
    assert {"input.purpose", "input.duration"} <= set(caught.value.errors)


def test_decide__server_stumbles__asks_again_with_the_same_key() -> None:
    client, seen = stumbling(lambda n: httpx.Response(503) if n == 1 else httpx.Response(201, json={"id": "d"}))
    assert client.decide({})["id"] == "d"
    assert len({request.headers["Idempotency-Key"] for request in seen}) == 1
    assert len(seen) == 2


def test_decide__server_stays_down__raises() -> None:
    client, seen = stumbling(lambda n: httpx.Response(503, text="gone"))
    with pytest.raises(Problem, match="gone"):
        client.decide({})
    assert len(seen) == 3


def test_decide__connection_lost__raises_after_the_last_attempt() -> None:
    def lost(n: int) -> httpx.Response:
        raise httpx.ConnectError("refused")

    client, seen = stumbling(lost)
    with pytest.raises(httpx.ConnectError):
        client.decide({})
    assert len(seen) == 3


def test_wait__polls_until_there_is_an_answer() -> None:
    client, seen = stumbling(lambda n: httpx.Response(204) if n < 3 else httpx.Response(200, json={"output": {}}))
    assert client.wait({"links": {"wait": "http://live/wait"}}, seconds=5) == {"output": {}}
    assert str(seen[0].url).startswith("http://live/wait?wait=")


def test_wait__nobody_answers__is_none() -> None:
    client, _ = stumbling(lambda n: httpx.Response(204))
    assert client.wait({"links": {"wait": "http://live/wait"}}, seconds=0.02) is None


def test_import__without_the_server__needs_no_django() -> None:
    code = (
        "import sys, agents.sdk; sys.exit(any(name.split('.')[0] in {'django', 'reviewapp'} for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
