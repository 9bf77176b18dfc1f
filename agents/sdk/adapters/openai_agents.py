"""OpenAI Agents SDK: tool calls that need approval are approved, rejected or corrected by people.

result = await Runner.run(agent, "…")
while result.interruptions:
    state = await settle(result, client, run="conversation-17", seconds=600)
    result = await Runner.run(agent, state)

Made for openai-agents 0.24 and later (`pip install countersign[openai-agents]`). Its package is called `agents`, which is
also the name of a package in the Countersign server: an agent's program is not the place for both.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ..aio import AsyncClient
from .asking import Json, Question, Unanswered, Unsettled, answers_async, reference, stable_key

__all__ = ["Question", "Unanswered", "Unsettled", "Verdict", "output_schema", "settle"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of one tool call: approved as it stands, or rejected with words for the model."""

    approve: bool
    message: str | None = None


async def settle(
    interrupted: Any,
    client: AsyncClient,
    *,
    run: str,
    seconds: float,
    question: Callable[[Any], Question] | None = None,
    verdict: Callable[[Any, Json], Verdict] | None = None,
) -> Any:
    """Have every tool call that waits for approval judged; return the run's state, ready for `Runner.run`.

    `interrupted` is a result with interruptions, or a `RunState` that was stored and read back. `run` names the
    conversation: with the call's id it is the idempotency key, so the same call is one case in every process.
    `question(item)` and `verdict(item, output)` replace `asked` and `judged`.

    Raises:
        Unsettled: people need longer than `seconds`; nothing was approved. Store the state, come back later.
        Unanswered: a case was settled without an output.
        Problem: the server refused a case.
    """
    state = interrupted.to_state() if hasattr(interrupted, "to_state") else interrupted
    items = {_call(item): item for item in state.get_interruptions()}
    ask, judge = question or asked, verdict or judged
    questions = {
        call: (stable_key("openai", run, call), _referring(ask(item), run, call)) for call, item in items.items()
    }
    told = await answers_async(client, questions, seconds)
    for call, output in told.items():
        judgement = judge(items[call], output)
        if judgement.approve:
            state.approve(items[call])
        else:
            state.reject(items[call], rejection_message=judgement.message)
    return state


def output_schema(arguments: Mapping[str, Any]) -> Json:
    """Return an output schema for a contract over a tool, from the schema of the tool's arguments (`params_json_schema`)."""
    return {
        "type": "object",
        "required": ["action"],
        "properties": {
            "action": {"type": "string", "enum": ["approve", "reject"], "title": "Answer"},
            "arguments": {**arguments, "title": "Arguments"},
            "message": {"type": "string", "title": "Message to the agent"},
        },
    }


def asked(item: Any) -> Question:
    """Return the question of a tool call: {agent, tool, arguments}, with the proposal to approve it as it stands."""
    arguments = called_with(item)
    case = {"agent": item.agent.name, "tool": item.qualified_name or item.name, "arguments": arguments}
    output = {"action": "approve", "arguments": arguments}
    return Question(case, {"output": output, "tool_calls": [{"name": case["tool"], "arguments": arguments}]})


def judged(item: Any, output: Json) -> Verdict:
    """Return the verdict of an answer in the terms of `output_schema`.

    An approval cannot change a call's arguments, so an edit rejects the call and tells the model which arguments to
    use instead; its next call is judged as a case of its own.
    """
    words = str(output.get("message") or "")
    if output["action"] != "approve":
        return Verdict(False, words or "A reviewer rejected this call. Do not repeat it.")
    mine = called_with(item)
    edited = output.get("arguments")
    if edited is None or edited == mine:
        return Verdict(True)
    changes = [
        f"{name} from {json.dumps(mine.get(name))} to {json.dumps(edited.get(name))}"
        for name in dict.fromkeys([*mine, *edited])
        if mine.get(name) != edited.get(name)
    ]
    told = (
        f"A reviewer corrected the arguments of {item.qualified_name or item.name}: {'; '.join(changes)}. "
        f"Call it again with exactly these arguments: {json.dumps(edited, sort_keys=True)}"
    )
    return Verdict(False, f"{told}. {words}" if words else told)


def called_with(item: Any) -> Json:
    """Return a call's arguments; text that is no JSON object comes as {"input": text}."""
    text = item.arguments or "{}"
    try:
        found = json.loads(text)
    except ValueError:
        return {"input": text}
    return found if isinstance(found, dict) else {"input": found}


def _call(item: Any) -> str:
    if not item.call_id:
        raise ValueError(f"A call of {item.name} has no id, so its answer could not be found again.")
    return str(item.call_id)


def _referring(question: Question, run: str, call: str) -> Question:
    told = question.case_ref or reference(run, call)
    return Question(question.case, question.proposal, told, question.unit)
