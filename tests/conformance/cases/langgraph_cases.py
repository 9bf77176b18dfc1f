"""LangGraph's own interrupts, checkpoints and commands, through the adapter."""

import json
import operator
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Annotated, Any

import pytest
from conftest import run_example
from countersign import Client
from countersign.adapters.langgraph import (
    AsyncCountersigned,
    Countersigned,
    SchemaMismatch,
    Unanswered,
    Unsettled,
    answer_schema,
)
from countersign.testing import FakeServer, auto, review
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.graph import END, START, StateGraph
from langgraph.types import Interrupt, interrupt
from typing_extensions import TypedDict

ANSWER = {
    "type": "object",
    "required": ["action"],
    "properties": {
        "action": {"type": "string", "enum": ["approve", "decline"], "title": "Action"},
        "limit": {"type": "number", "title": "Limit", "x-unit": "EUR"},
    },
}
CONTRACT = {"agent": "fake", "version": 1, "output_schema": ANSWER, "failure": {}}
UNSURE = {"purpose": "car", "duration": 24, "amount": 900.0, "savings": 100.0}


class State(TypedDict):
    told: Annotated[list[Any], operator.add]


def question(name: str, runs: list[str] | None = None, **options: Any) -> Any:
    def node(state: State) -> dict[str, Any]:
        if runs is not None:
            runs.append(name)
        return {"told": [(name, interrupt({"name": name, "proposal": {"output": {"action": "approve"}}}, **options))]}

    return node


def parallel(*names: str, saver: Any = None, runs: list[str] | None = None, **options: Any) -> Any:
    builder = StateGraph(State)
    for name in names:
        builder.add_node(name, question(name, runs, **options))
        builder.add_edge(START, name)
        builder.add_edge(name, END)
    return builder.compile(checkpointer=saver or InMemorySaver())


def single(node: Any, saver: Any = None) -> Any:
    builder = StateGraph(State)
    builder.add_node("node", node)
    builder.add_edge(START, "node")
    return builder.compile(checkpointer=saver or InMemorySaver())


def by_name(server: FakeServer) -> dict[str, str]:
    """Return decision ids by the name in the case they were asked with."""
    posts = [json.loads(one.content) for one in server.requests if one.method == "POST"]
    return {body["input"]["name"]: decision for body, decision in zip(posts, server.decisions, strict=False)}


def test_invoke__parallel_branches__each_gets_its_own_answer() -> None:
    server = FakeServer(answers=[auto({"action": "a"}), auto({"action": "b"}), auto({"action": "c"})])
    with server.client() as client:
        state = Countersigned(parallel("one", "two", "three"), client).invoke({"told": []}, thread="t", seconds=1)
    given = {name: server.decisions[decision]["output"] for name, decision in by_name(server).items()}
    assert dict(state["told"]) == given
    assert len(server.decisions) == 3


def test_invoke__people_need_longer__resumes_in_time_with_all_answers_of_the_step() -> None:
    server = FakeServer(answers=[review(), review()])
    with server.client() as client:
        graph = Countersigned(parallel("one", "two"), client)
        with pytest.raises(Unsettled) as caught:
            graph.invoke({"told": []}, thread="t", seconds=0.1)
        assert len(caught.value.tickets) == 2
        one, two = (by_name(server)[name] for name in ("one", "two"))
        server.settle(two, {"action": "decline"})
        with pytest.raises(Unsettled) as caught:
            graph.resume(thread="t", seconds=0.1)
        assert [ticket.decision for ticket in caught.value.tickets.values()] == [one]
        server.settle(one, {"action": "approve"})
        state = graph.resume(thread="t", seconds=1)
    assert dict(state["told"]) == {"one": {"action": "approve"}, "two": {"action": "decline"}}
    assert len(server.decisions) == 2


def test_invoke__thread_waits_already__asks_nothing_anew() -> None:
    server, runs, saver = FakeServer(answers=[review()]), list[str](), InMemorySaver()
    with server.client() as client:
        for _ in range(3):
            with pytest.raises(Unsettled):
                Countersigned(parallel("one", runs=runs, saver=saver), client).invoke(
                    {"told": []}, thread="t", seconds=0.05
                )
    assert (len(server.decisions), runs) == (1, ["one"])


def test_resume__node_ran_again_and_words_its_question_otherwise__is_the_same_case() -> None:
    server, wording = FakeServer(answers=[review()]), iter("abc")

    def node(state: State) -> dict[str, Any]:
        return {"told": [interrupt({"name": next(wording)})]}

    graph = single(node)
    with server.client() as client:
        countersigned = Countersigned(graph, client)
        with pytest.raises(Unsettled):
            countersigned.invoke({"told": []}, thread="t", seconds=0.05)
        graph.invoke(None, {"configurable": {"thread_id": "t"}})
        server.settle(next(iter(server.decisions)), {"action": "decline"})
        assert countersigned.resume(thread="t", seconds=1)["told"] == [{"action": "decline"}]
    asked = [json.loads(one.content)["input"]["name"] for one in server.requests if one.method == "POST"]
    assert (asked, len(server.decisions)) == (["a", "b"], 1)


def test_invoke__crash_after_the_answer_arrived__same_case_and_same_answer() -> None:
    server, saver, crashes = FakeServer(answers=[review()]), InMemorySaver(), iter([True, False])

    def node(state: State) -> dict[str, Any]:
        answer = interrupt({"name": "one"})
        if next(crashes):
            raise RuntimeError("the process dies here")
        return {"told": [answer]}

    with server.client() as client:
        graph = Countersigned(single(node, saver), client)
        with pytest.raises(Unsettled):
            graph.invoke({"told": []}, thread="t", seconds=0.05)
        server.settle(next(iter(server.decisions)), {"action": "decline"})
        with pytest.raises(RuntimeError):
            graph.resume(thread="t", seconds=1)
        assert graph.resume(thread="t", seconds=1)["told"] == [{"action": "decline"}]
    assert len(server.decisions) == 1


def test_resume__later_node_failed__goes_on_where_it_stopped() -> None:
    fails = iter([True, False])

    def later(state: State) -> dict[str, Any]:
        if next(fails):
            raise RuntimeError("the process dies here")
        return {"told": ["done"]}

    builder = StateGraph(State).add_node("one", question("one")).add_node("later", later)
    graph = builder.add_edge(START, "one").add_edge("one", "later").compile(checkpointer=InMemorySaver())
    server = FakeServer(answers=[auto({"action": "a"})])
    with server.client() as client:
        countersigned = Countersigned(graph, client)
        with pytest.raises(RuntimeError):
            countersigned.invoke({"told": []}, thread="t", seconds=1)
        assert countersigned.resume(thread="t", seconds=1)["told"][-1] == "done"
        assert countersigned.resume(thread="t", seconds=1)["told"][-1] == "done"
    assert len(server.decisions) == 1


def test_invoke__two_questions_in_one_node__are_two_cases_in_order() -> None:
    def node(state: State) -> dict[str, Any]:
        return {"told": [interrupt({"name": "first"}), interrupt({"name": "second"})]}

    server = FakeServer(answers=[auto({"action": "1"}), auto({"action": "2"})])
    with server.client() as client:
        state = Countersigned(single(node), client).invoke({"told": []}, thread="t", seconds=1)
    assert state["told"] == [{"action": "1"}, {"action": "2"}]
    assert len(server.decisions) == 2


def test_invoke__same_graph_in_two_threads__are_cases_of_their_own() -> None:
    server, graph = FakeServer(), parallel("one")
    with server.client() as client:
        for thread in ("a", "b"):
            Countersigned(graph, client).invoke({"told": []}, thread=thread, seconds=1)
    assert len(server.decisions) == 2


def test_response_schema__is_the_contracts__types_the_answer() -> None:
    class Answer(TypedDict):
        action: str

    server = FakeServer(answers=[auto({"action": "approve"})])
    server.contract["output_schema"] = {
        "type": "object",
        "required": ["action"],
        "properties": {"action": {"type": "string", "title": "What to do"}},
    }
    with server.client() as client:
        state = Countersigned(parallel("one", response_schema=Answer), client).invoke(
            {"told": []}, thread="t", seconds=1
        )
    assert state["told"] == [("one", {"action": "approve"})]


def test_response_schema__is_not_the_contracts__nothing_is_asked() -> None:
    server = FakeServer(contract={**CONTRACT, "output_schema": {"type": "object", "properties": {"limit": {}}}})
    with server.client() as client, pytest.raises(SchemaMismatch, match="action, limit"):
        Countersigned(parallel("one", response_schema=ANSWER), client).invoke({"told": []}, thread="t", seconds=1)
    assert server.decisions == {}


async def test_async__graph_with_async_nodes__keeps_the_same_promises() -> None:
    async def node(state: State) -> dict[str, Any]:
        return {"told": [interrupt({"name": "one"}, response_schema=ANSWER)]}

    server, graph = FakeServer(answers=[review()], contract=CONTRACT), single(node)
    async with server.async_client() as client:
        with pytest.raises(Unsettled):
            await AsyncCountersigned(graph, client).invoke({"told": []}, thread="t", seconds=0.05)
        server.settle(next(iter(server.decisions)), {"action": "decline"})
        state = await AsyncCountersigned(graph, client).invoke({"told": []}, thread="t", seconds=1)
    assert (state["told"], len(server.decisions)) == ([{"action": "decline"}], 1)


INBOX = {
    "action_request": {"action": "pay", "args": {"amount": 90}},
    "config": {"allow_accept": True, "allow_edit": True, "allow_respond": True, "allow_ignore": False},
    "description": "Please look.",
}


@pytest.mark.parametrize(
    ("output", "human"),
    [
        ({"type": "accept"}, {"type": "accept", "args": None}),
        ({"type": "edit", "args": {"amount": 45}}, {"type": "edit", "args": {"action": "pay", "args": {"amount": 45}}}),
        ({"type": "response", "text": "Ask first."}, {"type": "response", "args": "Ask first."}),
    ],
)
def test_inbox_payload__people_answer__in_the_inboxs_terms(output: dict[str, Any], human: dict[str, Any]) -> None:
    schema = answer_schema(Interrupt(value=[INBOX], id="i"))
    assert schema is not None
    assert schema["properties"]["type"]["enum"] == ["accept", "edit", "response"]
    server = FakeServer(answers=[review()], contract={**CONTRACT, "output_schema": schema})
    with server.client() as client:
        graph = Countersigned(single(lambda state: {"told": interrupt([INBOX])}), client)
        with pytest.raises(Unsettled):
            graph.invoke({"told": []}, thread="t", seconds=0.05)
        server.settle(next(iter(server.decisions)), output)
        assert graph.resume(thread="t", seconds=1)["told"] == [human]


def test_settled_without_an_answer__says_so() -> None:
    server = FakeServer(answers=[review()])
    with server.client() as client:
        graph = Countersigned(parallel("one"), client)
        with pytest.raises(Unsettled) as caught:
            graph.invoke({"told": []}, thread="t", seconds=0.05)
        server.settle(caught.value.ticket.decision, None, source="timeout")
        with pytest.raises(Unanswered):
            graph.resume(thread="t", seconds=1)


def test_docs__example__runs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    schema = {"type": "object", "required": ["action"], "properties": {"action": {"type": "string"}}}
    server = FakeServer(answers=[review()], contract={**CONTRACT, "output_schema": schema})
    monkeypatch.setattr("countersign.Client", lambda *args, **named: server.client())
    original = Countersigned.invoke
    monkeypatch.setattr(
        Countersigned,
        "invoke",
        lambda self, given, *, thread, seconds: original(self, given, thread=thread, seconds=0.1),
    )
    run_example("LangGraph")
    assert "Run this again later" in capsys.readouterr().out
    server.settle(next(iter(server.decisions)), {"action": "refund"})
    run_example("LangGraph")
    assert "{'answer': {'action': 'refund'}}" in capsys.readouterr().out
    assert len(server.decisions) == 1


BEGINS = """
import sys
import langgraph_cases as cases
folder, url, key, agent = sys.argv[1:]
with cases.Client(url, key=key, agent=agent) as client:
    cases.lending(folder, client).invoke({"told": []}, thread="t", seconds=0.05)
"""


def lending(folder: str, client: Client) -> Countersigned:
    """A graph over the product's lending contract, with its thread in a file."""

    def node(state: State) -> dict[str, Any]:
        return {"told": [interrupt(UNSURE, response_schema=ANSWER)]}

    connection = sqlite3.connect(Path(folder) / "threads.sqlite", check_same_thread=False)
    return Countersigned(single(node, SqliteSaver(connection)), client)


def test_product__reviewer_corrects__another_process_goes_on_with_the_correction(
    place: dict[str, Any], product: Client
) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", BEGINS, *(place[name] for name in ("folder", "url", "key", "agent"))],
        cwd=Path(__file__).parent,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Unsettled" in ended.stderr
    state = lending(place["folder"], product).resume(thread="t", seconds=20)
    assert state["told"] == [{"action": "decline"}]
