"""MCP: what a server asks its user is answered by people, through elicitation.

async with Client(server, elicitation_callback=Elicitation(countersign, scope="task-17", seconds=600)) as session:
    await session.call_tool("book", {…})

Made for mcp 2.3 and later (`pip install countersign[mcp]`).
"""

import json
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from ..aio import AsyncClient
from .asking import Json, Question, Unanswered, Unsettled, answers_async, reference, stable_key

__all__ = ["Elicitation", "Question", "output_schema"]


class Elicitation:
    """An elicitation callback: accept with content, decline or cancel, as people say."""

    def __init__(
        self,
        client: AsyncClient,
        *,
        scope: str,
        seconds: float,
        question: Callable[[Any], Question] | None = None,
        answer: Callable[[Any, Json], tuple[str, Json | None]] | None = None,
    ) -> None:
        """Answer within `seconds` each; what is not settled by then is cancelled, as if the person had left.

        `scope` names the task at hand. In it the n-th time the same question is asked is always the same case, so a
        task that is done again after a crash gets the answers it had. `question(params)` and `answer(params, output)`
        replace `asked` and `told`.
        """
        self._client = client
        self._scope = scope
        self._seconds = seconds
        self._question = question or asked
        self._answer = answer or told
        self._times: Counter[str] = Counter()

    async def __call__(self, context: Any, params: Any) -> Any:
        """Answer one elicitation; `context` is not used. Raises `Problem` when the server refuses the case."""
        from mcp import types  # noqa: PLC0415  # only who uses the adapter has it

        # An address to visit in person cannot be visited by somebody else.
        if params.mode != "form":
            return types.ElicitResult(action="cancel")
        what = json.dumps([params.message, params.requested_schema], sort_keys=True)
        self._times[what] += 1
        key = stable_key("mcp", self._scope, what, str(self._times[what]))
        question = self._question(params)
        if question.case_ref is None:
            name = reference(self._scope, key[-8:])
            question = Question(question.case, question.proposal, name, question.unit)
        try:
            found = await answers_async(self._client, {"elicitation": (key, question)}, self._seconds)
        except (Unsettled, Unanswered):
            return types.ElicitResult(action="cancel")
        action, content = self._answer(params, found["elicitation"])
        return types.ElicitResult.model_validate({"action": action, "content": content})


def output_schema(requested: Mapping[str, Any]) -> Json:
    """Return an output schema for a contract over elicitations, from the schema that the MCP server requests."""
    return {
        "type": "object",
        "required": ["action"],
        "properties": {
            "action": {"type": "string", "enum": ["accept", "decline", "cancel"], "title": "Answer"},
            "content": {**requested, "title": "Content"},
        },
    }


def asked(params: Any) -> Question:
    """Return the question of an elicitation: its message, and nothing proposed."""
    return Question({"message": params.message})


def told(params: Any, output: Json) -> tuple[str, Json | None]:
    """Return action and content of an answer in the terms of `output_schema`; content goes with acceptance only."""
    action = output["action"]
    return action, dict(output.get("content") or {}) if action == "accept" else None
