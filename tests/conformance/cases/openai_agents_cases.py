"""The OpenAI Agents SDK's own runner, approvals and stored state, through the adapter, with its scripted model."""

import asyncio
import functools
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from conftest import run_example
from countersign import AsyncClient
from countersign.adapters.openai_agents import Question, Unsettled, Verdict, output_schema, settle
from countersign.testing import FakeServer, auto, review

from agents import Agent, Runner, RunState, function_tool
from agents.testing import ScriptedModel, assistant_message, function_call

APPROVED = {"action": "approve"}


class Desk:
    """An agent that refunds, with what it really refunded."""

    def __init__(self, *steps: Any) -> None:
        self.refunded: list[tuple[str, float]] = []
        self.model = ScriptedModel([*steps, [assistant_message("Done.")]])

        @function_tool(needs_approval=True)
        def refund(order: str, amount: float) -> str:
            """Pay money back."""
            self.refunded.append((order, amount))
            return f"refunded {amount}"

        self.tool = refund
        self.agent = Agent(name="desk", model=self.model, tools=[refund])

    def heard(self) -> list[str]:
        """Return what the model was told about its calls."""
        call = self.model.last_call
        assert call is not None
        items = [item for item in call.input if isinstance(item, dict)]
        return [str(item["output"]) for item in items if item.get("type") == "function_call_output"]


def calls(*asked: tuple[str, str, float]) -> list[Any]:
    return [function_call("refund", {"order": order, "amount": amount}, call_id=call) for call, order, amount in asked]


async def test_settle__policy_answers__the_call_is_made() -> None:
    server, desk = FakeServer(), Desk(calls(("c1", "RF-1", 64.0)))
    async with server.async_client() as client:
        result = await Runner.run(desk.agent, "Refund RF-1")
        assert len(result.interruptions) == 1
        result = await Runner.run(desk.agent, await settle(result, client, run="r", seconds=1))
    assert (desk.refunded, result.final_output) == ([("RF-1", 64.0)], "Done.")
    (decision,) = server.decisions.values()
    assert decision["output"] == {"action": "approve", "arguments": {"order": "RF-1", "amount": 64.0}}


async def test_settle__several_calls_at_once__each_by_its_own_answer() -> None:
    server = FakeServer(answers=[auto(APPROVED), auto({"action": "reject", "message": "Not this one."})])
    desk = Desk(calls(("c1", "RF-1", 1.0), ("c2", "RF-2", 2.0)))
    async with server.async_client() as client:
        result = await Runner.run(desk.agent, "Refund both")
        await Runner.run(desk.agent, await settle(result, client, run="r", seconds=1))
    assert desk.refunded == [("RF-1", 1.0)]
    assert desk.heard() == ["refunded 1.0", "Not this one."]


async def test_settle__arguments_edited__rejects_and_names_them_to_the_model() -> None:
    edited = {"action": "approve", "arguments": {"order": "RF-1", "amount": 45.0}, "message": "Half was used."}
    server = FakeServer(answers=[auto(edited), auto(APPROVED)])
    desk = Desk(calls(("c1", "RF-1", 90.0)), calls(("c2", "RF-1", 45.0)))
    async with server.async_client() as client:
        result = await Runner.run(desk.agent, "Refund RF-1")
        result = await Runner.run(desk.agent, await settle(result, client, run="r", seconds=1))
        assert desk.refunded == []
        (words,) = desk.heard()
        assert words == (
            "A reviewer corrected the arguments of refund: amount from 90.0 to 45.0. Call it again with exactly these "
            'arguments: {"amount": 45.0, "order": "RF-1"}. Half was used.'
        )
        # The model did as it was told; that call is a case of its own.
        await Runner.run(desk.agent, await settle(result, client, run="r", seconds=1))
    assert desk.refunded == [("RF-1", 45.0)]
    assert len(server.decisions) == 2


async def test_settle__people_need_longer__the_stored_state_goes_on_elsewhere() -> None:
    server, desk = FakeServer(answers=[review()]), Desk(calls(("c1", "RF-1", 64.0)))
    async with server.async_client() as client:
        result = await Runner.run(desk.agent, "Refund RF-1")
        with pytest.raises(Unsettled) as caught:
            await settle(result, client, run="r", seconds=0.1)
        stored = json.dumps(result.to_state().to_json())
        server.settle(str(caught.value.ticket.decision), APPROVED)
        later = Desk()
        state = await RunState.from_string(later.agent, stored)
        result = await Runner.run(later.agent, await settle(state, client, run="r", seconds=1))
    assert (desk.refunded, later.refunded) == ([], [("RF-1", 64.0)])
    assert (len(server.decisions), result.final_output) == (1, "Done.")


async def test_settle__same_call_id_in_two_runs__are_cases_of_their_own() -> None:
    server = FakeServer()
    async with server.async_client() as client:
        for run in ("a", "b"):
            desk = Desk(calls(("c1", "RF-1", 64.0)))
            await settle(await Runner.run(desk.agent, "Refund"), client, run=run, seconds=1)
    assert len(server.decisions) == 2


async def test_settle__own_question_and_verdict__replace_the_usual_ones() -> None:
    server, desk = FakeServer(answers=[auto({"verdict": "no"})]), Desk(calls(("c1", "RF-1", 64.0)))
    async with server.async_client() as client:
        result = await Runner.run(desk.agent, "Refund RF-1")
        state = await settle(
            result,
            client,
            run="r",
            seconds=1,
            question=lambda item: Question({"who": item.agent.name}, case_ref="mine"),
            verdict=lambda item, output: Verdict(output["verdict"] == "yes", "Because."),
        )
        await Runner.run(desk.agent, state)
    (decision,) = server.decisions.values()
    assert (decision["case_ref"], desk.refunded, desk.heard()) == ("mine", [], ["Because."])


async def test_docs__example__runs(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    server, model = FakeServer(), Desk(calls(("c1", "RF-1", 64.0))).model
    monkeypatch.setattr("countersign.AsyncClient", lambda *args, **named: server.async_client())
    monkeypatch.setattr("agents.Agent", functools.partial(Agent, model=model))
    await asyncio.to_thread(run_example, "OpenAI Agents SDK")
    assert capsys.readouterr().out == "Done.\n"


def test_output_schema__of_a_tool__asks_for_its_arguments() -> None:
    schema = output_schema(Desk().tool.params_json_schema)
    assert set(schema["properties"]["arguments"]["properties"]) == {"order", "amount"}


BEGINS = """
import asyncio, sys
import openai_agents_cases as cases
url, key, agent, file = sys.argv[1:]
async def begin():
    desk = cases.Desk(cases.calls(("c1", "RF-1", 900.0)))
    async with cases.AsyncClient(url, key=key, agent=agent) as client:
        result = await cases.Runner.run(desk.agent, "Refund")
        try:
            await cases.settle(result, client, run="r", seconds=0.05)
        except cases.Unsettled:
            cases.Path(file).write_text(result.to_state().to_string())
asyncio.run(begin())
"""


async def test_product__reviewer_corrects__another_process_tells_the_model(
    place: dict[str, Any], product_async: AsyncClient
) -> None:
    file = Path(place["folder"]) / "state.json"
    subprocess.run(
        [sys.executable, "-c", BEGINS, place["url"], place["key"], place["agent"], str(file)],
        cwd=Path(__file__).parent,
        check=True,
    )
    desk = Desk()
    state = await RunState.from_string(desk.agent, file.read_text())
    async with product_async as client:
        await Runner.run(desk.agent, await settle(state, client, run="r", seconds=20))
    assert desk.refunded == []
    assert "amount from 900.0 to 450.0" in desk.heard()[0]
