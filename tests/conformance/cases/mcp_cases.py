"""A real MCP client and server in one process; what the server asks its user is answered through the adapter."""

import asyncio
from typing import Annotated, Any, Literal

import pytest
from conftest import run_example
from countersign import AsyncClient
from countersign.adapters.mcp import Elicitation, Question, output_schema
from countersign.testing import FakeServer, auto, review
from mcp import Client
from mcp.server.mcpserver import Context, Elicit, MCPServer, Resolve
from pydantic import BaseModel


class Wish(BaseModel):
    seats: int
    berth: bool = False


async def wished() -> Elicit[Wish]:
    return Elicit("How many seats?", Wish)


class Loan(BaseModel):
    action: Literal["approve", "decline"]


def booking(asked: list[str] | None = None) -> MCPServer:
    """A server with tools that ask before they act."""
    server = MCPServer("booking")

    @server.tool()
    async def book(train: str, ctx: Context) -> str:
        """Book seats."""
        result = await ctx.elicit(f"How many seats in {train}?", Wish)
        if asked is not None:
            asked.append(result.action)
        return f"{result.data.seats} seats, berth {result.data.berth}" if result.action == "accept" else result.action

    @server.tool()
    async def reserve(wish: Annotated[Wish, Resolve(wished)]) -> str:
        """Book the seats that were asked for before the tool began."""
        return f"{wish.seats} seats"

    @server.tool()
    async def lend(ctx: Context) -> str:
        """Ask for a loan."""
        result = await ctx.elicit("Lend 900 EUR?", Loan)
        return result.data.action if result.action == "accept" else result.action

    @server.tool()
    async def sign_in(ctx: Context) -> str:
        """Send the user to an address."""
        return (await ctx.elicit_url("Sign in.", "https://example.org/", "e-1")).action

    return server


async def call(
    client: AsyncClient, tool: str = "book", *, mode: str = "legacy", times: int = 1, seconds: float = 1, **options: Any
) -> list[str]:
    """Call a tool in a new session; return what it said each time."""
    answering = Elicitation(client, scope="task", seconds=seconds, **options)
    arguments = {"train": "ICE 4"} if tool == "book" else {}
    # Only a session begun by the handshake ("legacy") lets a server ask in the middle of a call.
    async with Client(booking(), elicitation_callback=answering, mode=mode) as session:
        results = [await session.call_tool(tool, arguments) for _ in range(times)]
    assert not any(result.is_error for result in results), results
    return [result.content[0].text for result in results]


@pytest.mark.parametrize(
    ("output", "said"),
    [
        ({"action": "accept", "content": {"seats": 2, "berth": True}}, "2 seats, berth True"),
        ({"action": "accept", "content": {"seats": 2}}, "2 seats, berth False"),
        ({"action": "decline"}, "decline"),
        ({"action": "cancel"}, "cancel"),
        ({"action": "decline", "content": {"seats": 2}}, "decline"),
    ],
)
async def test_elicit__answered__as_people_say(output: dict[str, Any], said: str) -> None:
    async with FakeServer(answers=[auto(output)]).async_client() as client:
        assert await call(client) == [said]


async def test_elicit__person_answers_while_the_tool_waits__goes_on() -> None:
    server = FakeServer(answers=[review()])
    original = server.handle

    def handle(request: Any) -> Any:
        answer = original(request)
        for decision in server.decisions:
            server.settle(decision, {"action": "accept", "content": {"seats": 3}})
        return answer

    server.handle = handle  # type: ignore[method-assign]
    async with server.async_client() as client:
        assert await call(client) == ["3 seats, berth False"]


async def test_elicit__nobody_answers_in_time__is_cancelled_and_found_again_by_the_same_task() -> None:
    server = FakeServer(answers=[review()])
    async with server.async_client() as client:
        assert await call(client, seconds=0.1) == ["cancel"]
        server.settle(next(iter(server.decisions)), {"action": "accept", "content": {"seats": 1}})
        assert await call(client) == ["1 seats, berth False"]
    assert len(server.decisions) == 1


async def test_elicit__same_question_twice_in_a_task__are_two_cases() -> None:
    accepted = [auto({"action": "accept", "content": {"seats": seats}}) for seats in (1, 2)]
    server = FakeServer(answers=accepted)
    async with server.async_client() as client:
        assert await call(client, times=2) == ["1 seats, berth False", "2 seats, berth False"]
    assert len(server.decisions) == 2


@pytest.mark.parametrize("mode", ["legacy", "auto"])
async def test_elicit__asked_before_the_tool_begins__by_either_protocol(mode: str) -> None:
    server = FakeServer(answers=[auto({"action": "accept", "content": {"seats": 2}})])
    async with server.async_client() as client:
        assert await call(client, "reserve", mode=mode) == ["2 seats"]
    assert len(server.decisions) == 1


async def test_elicit__an_address_to_visit__is_not_visited_for_somebody() -> None:
    server = FakeServer()
    async with server.async_client() as client:
        assert await call(client, "sign_in") == ["cancel"]
    assert server.decisions == {}


def test_output_schema__of_a_request__wants_its_content() -> None:
    schema = output_schema(Wish.model_json_schema())
    assert set(schema["properties"]["content"]["properties"]) == {"seats", "berth"}


async def test_docs__example__runs(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    server = FakeServer(answers=[auto({"action": "accept", "content": {"seats": 4}})])
    monkeypatch.setattr("countersign.AsyncClient", lambda *args, **named: server.async_client())
    await asyncio.to_thread(run_example, "MCP elicitation")
    assert "4 seats" in capsys.readouterr().out


async def test_elicit__own_question_and_answer__replace_the_usual_ones() -> None:
    server = FakeServer(answers=[auto({"verdict": "yes"})])
    async with server.async_client() as client:
        said = await call(
            client,
            "lend",
            question=lambda params: Question({"asked": params.message}, case_ref="mine"),
            answer=lambda params, output: (
                "accept",
                {"action": "approve" if output["verdict"] == "yes" else "decline"},
            ),
        )
    (decision,) = server.decisions.values()
    assert (said, decision["case_ref"]) == (["approve"], "mine")


async def test_product__reviewer_corrects__the_tool_goes_on_with_the_correction(product_async: AsyncClient) -> None:
    async with product_async as client:
        assert await call(client, "lend", seconds=20) == ["approve"]
