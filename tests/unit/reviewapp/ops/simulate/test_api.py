"""The simulation's HTTP: refusals with their code, a sentence when nothing answers, repeats only where they are safe."""

import json
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from reviewapp.ops.simulate import api
from reviewapp.ops.simulate.faults import SimulationError

Answer = Callable[[httpx.Request], httpx.Response]


def connected(answer: Answer) -> api.Api:
    return api.Api("http://countersign.test", {"sim-01": "cs_key"}, transport=httpx.MockTransport(answer))


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api.time, "sleep", lambda seconds: None)


def test_get__answer__is_json_under_the_persons_key() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        assert request.headers["Authorization"] == "Bearer cs_key"
        assert request.url.path == "/api/v1/queues"
        return httpx.Response(200, json=[{"agent": request.url.params["agent"]}])

    with connected(answer) as connection:
        assert connection.get("sim-01", "queues", agent="credit") == [{"agent": "credit"}]


def test_post__problem__is_raised_with_code_and_fields() -> None:
    problem = {"detail": "Not complete.", "code": "invalid", "errors": [{"path": "output", "message": "Enter it."}]}
    with (
        connected(lambda request: httpx.Response(422, json=problem)) as connection,
        pytest.raises(api.Refused, match=r"Not complete\. output: Enter it\.") as refused,
    ):
        connection.post("sim-01", "tasks/1/corrections", {})
    assert (refused.value.status, refused.value.code) == (422, "invalid")


def test_post__busy_then_fine__is_sent_again() -> None:
    answers = [httpx.Response(503, json={}), httpx.Response(201, json={"id": "1"})]
    with connected(lambda request: answers.pop(0)) as connection:
        assert connection.post("sim-01", "agents/credit/decisions", {}, key="k") == {"id": "1"}


def test_post__lost_answer_without_idempotency__is_not_sent_twice() -> None:
    sent: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        raise httpx.ReadTimeout("late", request=request)

    with connected(answer) as connection, pytest.raises(SimulationError, match="got no answer"):
        connection.post("sim-01", "tasks/1/corrections", {})
    assert len(sent) == 1


def test_check__nothing_answers__one_sentence() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused", request=request)

    with connected(answer) as connection, pytest.raises(SimulationError, match="make run"):
        connection.check()


def test_get__unknown_person__says_how_to_mend_it() -> None:
    with connected(lambda request: httpx.Response(200)) as connection, pytest.raises(SimulationError, match="no key"):
        connection.get("nobody", "queues")


def test_read_keys__file__by_holder(tmp_path: Path) -> None:
    path = tmp_path / "demo.json"
    path.write_text(json.dumps({"people": [], "keys": {"sim-01": "cs_a"}}), encoding="utf-8")
    assert api.read_keys(path) == {"sim-01": "cs_a"}


@pytest.mark.parametrize("text", ["", "{}", "nonsense"])
def test_read_keys__no_keys__one_sentence(tmp_path: Path, text: str) -> None:
    path = tmp_path / "demo.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SimulationError, match="no simulated people"):
        api.read_keys(path)
