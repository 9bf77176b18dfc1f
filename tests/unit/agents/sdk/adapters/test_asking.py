"""Questions with stable keys: asked all at once, found again, and typed failures when there is no answer."""

import subprocess
import sys

import pytest

from agents.sdk import Pending, Problem
from agents.sdk.adapters.asking import Question, Unanswered, Unsettled, answers, answers_async, reference, stable_key
from agents.sdk.testing import FakeServer, auto, review

ASKED = {name: (f"k-{name}", Question({"name": name})) for name in ("one", "two")}


def test_stable_key__same_parts__same_key_that_fits() -> None:
    assert stable_key("f", "a", "b") == stable_key("f", "a", "b")
    assert len({stable_key("f", "ab", "c"), stable_key("f", "a", "bc"), stable_key("g", "ab", "c")}) == 3
    assert len(stable_key("langgraph", "x" * 5000)) < 200


def test_reference__long_names__keeps_the_telling_end() -> None:
    assert reference("thread", "interrupt") == "thread/interrupt"
    assert reference("x" * 300, "end").endswith("x/end")
    assert len(reference("x" * 300, "end")) == 200


def test_answers__all_are_asked__before_any_is_waited_for() -> None:
    server = FakeServer(answers=[review(), auto({"action": "b"})])
    with server.client() as client:
        with pytest.raises(Unsettled) as caught:
            answers(client, ASKED, 0.05)
        assert [request.method for request in server.requests][:2] == ["POST", "POST"]
        assert list(caught.value.tickets) == ["one"]
        assert isinstance(caught.value, Pending)
        server.settle(str(caught.value.ticket.decision), {"action": "a"})
        assert answers(client, ASKED, 1) == {"one": {"action": "a"}, "two": {"action": "b"}}
    assert len(server.decisions) == 2


def test_answers__asked_again_in_other_words__is_the_earlier_case() -> None:
    server = FakeServer(answers=[auto({"action": "a"})])
    with server.client() as client:
        for words in ("first", "second"):
            assert answers(client, {"q": ("k", Question({"name": words}))}, 1) == {"q": {"action": "a"}}
    assert len(server.decisions) == 1


def test_answers__settled_without_an_output__names_the_question() -> None:
    server = FakeServer(answers=[review()])
    with server.client() as client:
        with pytest.raises(Unsettled) as caught:
            answers(client, {"q": ("k", Question({}))}, 0.05)
        server.settle(str(caught.value.ticket.decision), None, source="timeout")
        with pytest.raises(Unanswered, match="q was settled without an answer"):
            answers(client, {"q": ("k", Question({}))}, 1)


def test_answers__refused__raises_the_problem() -> None:
    server = FakeServer()
    server.fail(422)
    with server.client() as client, pytest.raises(Problem):
        answers(client, ASKED, 1)


async def test_answers_async__same_promises() -> None:
    server = FakeServer(answers=[review(), auto({"action": "b"})])
    async with server.async_client() as client:
        with pytest.raises(Unsettled) as caught:
            await answers_async(client, ASKED, 0.05)
        server.settle(str(caught.value.ticket.decision), {"action": "a"})
        again = {**ASKED, "one": ("k-one", Question({"name": "reworded"}))}
        assert await answers_async(client, again, 1) == {"one": {"action": "a"}, "two": {"action": "b"}}
        server.fail(422)
        with pytest.raises(Problem):
            await answers_async(client, {"q": ("k", Question({}))}, 1)


@pytest.mark.parametrize("name", ["langgraph", "openai_agents", "mcp"])
def test_import__adapter_without_its_framework__works_until_it_is_used(name: str) -> None:
    code = (
        f"import sys, agents.sdk.adapters.{name}; sys.exit(bool({{'langgraph', 'mcp', 'django'}} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
