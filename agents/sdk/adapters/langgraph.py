"""LangGraph: interrupts are answered by people.

graph = Countersigned(builder.compile(checkpointer=saver), client)
try:
    state = graph.invoke({"claim": "…"}, thread="claim-17", seconds=30)
except Unsettled:
    ...  # later, in any process with the same checkpointer: graph.resume(thread="claim-17", seconds=30)

Made for langgraph 1.2 and later (`pip install countersign[langgraph]`).
"""

from collections.abc import Callable, Mapping
from typing import Any

from ..aio import AsyncClient
from ..client import Client
from .asking import Json, Question, Unanswered, Unsettled, answers, answers_async, reference, stable_key

__all__ = [
    "AsyncCountersigned",
    "Countersigned",
    "Question",
    "SchemaMismatch",
    "Unanswered",
    "Unsettled",
    "answer_schema",
]

# What an inbox payload may allow, and what the answer is then called.
_INBOX = {"allow_accept": "accept", "allow_edit": "edit", "allow_respond": "response", "allow_ignore": "ignore"}


class SchemaMismatch(Exception):
    """An interrupt wants its answer in another shape than the agent's contract has for outputs."""


class _Mapped:
    """What both kinds of graph share: how interrupts become questions and outputs become answers."""

    def __init__(
        self,
        graph: Any,
        client: Any,
        *,
        question: Callable[[Any], Question] | None = None,
        answer: Callable[[Any, Json], Any] | None = None,
        check_schema: bool = True,
    ) -> None:
        """Take a graph that was compiled with a checkpointer.

        `question(interrupt)` makes the case and the proposal, `answer(interrupt, output)` what the node is resumed
        with; by default the interrupt's value is the case (see `asked`) and the output is the answer. With
        `check_schema` an interrupt's `response_schema` must be the contract's output schema, so that the form people
        fill in is the one the node expects.
        """
        self._graph = graph
        self._client = client
        self._question = question or asked
        self._answer = answer or answered
        self._check_schema = check_schema
        self._output_schema: Any = None

    def _unchecked(self, waiting: Mapping[str, Any]) -> bool:
        """Tell whether the contract must be read first."""
        wanted = any(answer_schema(one) is not None for one in waiting.values())
        return self._check_schema and wanted and self._output_schema is None

    def _questions(self, thread: str, waiting: Mapping[str, Any]) -> dict[str, tuple[str, Question]]:
        """Return key and question of each interrupt. Raises `SchemaMismatch`.

        Thread and interrupt name a case, so a node that runs again asks nothing twice.
        """
        found = {}
        for name, interrupt in waiting.items():
            self._fits(interrupt)
            question = self._question(interrupt)
            told = question.case_ref or reference(thread, name)
            asking = Question(question.case, question.proposal, told, question.unit)
            found[name] = stable_key("langgraph", thread, name), asking
        return found

    def _fits(self, interrupt: Any) -> None:
        wanted = answer_schema(interrupt) if self._check_schema else None
        if wanted is not None and (differing := _differences(wanted, self._output_schema or {})):
            raise SchemaMismatch(
                f"The interrupt wants {', '.join(differing)} otherwise than the contract's output schema says: "
                "publish a contract whose output_schema is answer_schema(interrupt), or pass check_schema=False."
            )

    def _resuming(self, waiting: Mapping[str, Any], told: Mapping[str, Json]) -> Any:
        """Return the command that goes on, keyed by interrupt, so that each parallel branch gets its own answer."""
        from langgraph.types import Command  # noqa: PLC0415  # only who uses the adapter has it

        return Command(resume={name: self._answer(waiting[name], output) for name, output in told.items()})


class Countersigned(_Mapped):
    """A compiled graph whose interrupts become cases, and whose cases' answers resume it. Takes a `Client`."""

    _client: Client

    def invoke(self, given: Any, *, thread: str, seconds: float, config: Mapping[str, Any] | None = None) -> Any:
        """Run the graph to its end, asking people whenever it interrupts; return what it returns.

        A thread that waits already is not begun anew: its open interrupts are answered first, and `given` is left out.

        Raises:
            Unsettled: people need longer than `seconds` for a step; `resume` goes on from there.
            Unanswered: a case was settled without an output.
            SchemaMismatch: see the class.
            Problem: the server refused a case.
        """
        where = _where(thread, config)
        if _open(self._graph.get_state(where)):
            return self.resume(thread=thread, seconds=seconds, config=config)
        return self._on(self._graph.invoke(given, where), where, thread, seconds)

    def resume(self, *, thread: str, seconds: float, config: Mapping[str, Any] | None = None) -> Any:
        """Go on with a thread, in this or another process, also when a node failed in between; one that
        has ended returns its stored state. Raises what `invoke` raises."""
        where = _where(thread, config)
        stored = self._graph.get_state(where)
        state = self._graph.invoke(None, where) if _stopped(stored) else stored.values
        return self._on(state, where, thread, seconds)

    def _on(self, state: Any, where: Json, thread: str, seconds: float) -> Any:
        while waiting := _open(self._graph.get_state(where)):
            if self._unchecked(waiting):
                self._output_schema = self._client.contract().get("output_schema")
            told = answers(self._client, self._questions(thread, waiting), seconds)
            state = self._graph.invoke(self._resuming(waiting, told), where)
        return state


class AsyncCountersigned(_Mapped):
    """The same for graphs with async nodes: methods to be awaited. Takes an `AsyncClient`."""

    _client: AsyncClient

    async def invoke(self, given: Any, *, thread: str, seconds: float, config: Mapping[str, Any] | None = None) -> Any:
        """Do what `Countersigned.invoke` does."""
        where = _where(thread, config)
        if _open(await self._graph.aget_state(where)):
            return await self.resume(thread=thread, seconds=seconds, config=config)
        return await self._on(await self._graph.ainvoke(given, where), where, thread, seconds)

    async def resume(self, *, thread: str, seconds: float, config: Mapping[str, Any] | None = None) -> Any:
        """Do what `Countersigned.resume` does."""
        where = _where(thread, config)
        stored = await self._graph.aget_state(where)
        state = await self._graph.ainvoke(None, where) if _stopped(stored) else stored.values
        return await self._on(state, where, thread, seconds)

    async def _on(self, state: Any, where: Json, thread: str, seconds: float) -> Any:
        while waiting := _open(await self._graph.aget_state(where)):
            if self._unchecked(waiting):
                self._output_schema = (await self._client.contract()).get("output_schema")
            told = await answers_async(self._client, self._questions(thread, waiting), seconds)
            state = await self._graph.ainvoke(self._resuming(waiting, told), where)
        return state


def answer_schema(interrupt: Any) -> Json | None:
    """Return the JSON Schema of an interrupt's answer, for the contract's `output_schema`; None when it names none.

    That is its `response_schema`, or for an inbox payload (`action_request` with `config`) a form with the allowed
    answers: `type` is the action field, `args` the edited arguments, `text` the response.
    """
    if isinstance(interrupt.response_schema, Mapping):
        return dict(interrupt.response_schema)
    inbox = _inbox(interrupt.value)
    if inbox is None:
        return None
    config = inbox.get("config") or {}
    allowed = [name for flag, name in _INBOX.items() if config.get(flag)]
    properties: Json = {"type": {"type": "string", "enum": allowed, "title": "Answer"}}
    if "edit" in allowed:
        properties["args"] = {"type": "object", "title": "Arguments"}
    if "response" in allowed:
        properties["text"] = {"type": "string", "title": "Response"}
    return {"type": "object", "required": ["type"], "properties": properties}


def asked(interrupt: Any) -> Question:
    """Return the question of an interrupt.

    An inbox payload becomes {action, arguments, description} with the proposal to accept; another object is the case as
    it stands, with its member `proposal` taken out and sent as one; anything else becomes {"question": value}.
    """
    inbox = _inbox(interrupt.value)
    if inbox is not None:
        request = inbox["action_request"]
        case = {"action": request["action"], "arguments": dict(request.get("args") or {})}
        if inbox.get("description"):
            case["description"] = inbox["description"]
        call = {"name": case["action"], "arguments": case["arguments"]}
        return Question(case, {"output": {"type": "accept"}, "tool_calls": [call]})
    value = interrupt.value
    if isinstance(value, Mapping):
        case = {name: member for name, member in value.items() if name != "proposal"}
        return Question(case, value.get("proposal"))
    return Question({"question": value})


def answered(interrupt: Any, output: Json) -> Any:
    """Return what a node is resumed with: the output, or for an inbox payload {type, args} in the inbox's own terms."""
    inbox = _inbox(interrupt.value)
    if inbox is None:
        return output
    kind = output["type"]
    args: Any = None
    if kind == "edit":
        args = {"action": inbox["action_request"]["action"], "args": output.get("args") or {}}
    elif kind == "response":
        args = output.get("text", "")
    human = {"type": kind, "args": args}
    return [human] if isinstance(interrupt.value, list) else human


def _inbox(value: Any) -> Mapping[str, Any] | None:
    """Return the request of an inbox payload, which comes alone or as a list of one."""
    one = value[0] if isinstance(value, list) and len(value) == 1 else value
    return one if isinstance(one, Mapping) and "action_request" in one else None


def _open(state: Any) -> dict[str, Any]:
    """Return the interrupts that a thread's stored state waits for, by their ids."""
    return {one.id: one for one in state.interrupts}


def _stopped(state: Any) -> bool:
    """Tell whether a thread has nodes to run and nothing to wait for: a process died, or a node failed."""
    return bool(state.next) and not state.interrupts


def _where(thread: str, config: Mapping[str, Any] | None) -> Json:
    base = dict(config or {})
    return {**base, "configurable": {**base.get("configurable", {}), "thread_id": thread}}


def _differences(wanted: Mapping[str, Any], has: Mapping[str, Any]) -> list[str]:
    """Name the members that two object schemas describe differently; titles and other words do not count."""
    mine, theirs = wanted.get("properties") or {}, has.get("properties") or {}
    names = [name for name in mine if _bare(mine[name]) != _bare(theirs.get(name))]
    names += [name for name in has.get("required") or () if name not in mine]
    return sorted({*names, *(set(wanted.get("required") or ()) - set(has.get("required") or ()))})


def _bare(schema: Any) -> Any:
    if isinstance(schema, Mapping):
        words = {"title", "description", "examples"}
        kept = {name: part for name, part in schema.items() if name not in words and not name.startswith("x-")}
        return {name: _bare(part) for name, part in kept.items()}
    return [_bare(part) for part in schema] if isinstance(schema, list) else schema
