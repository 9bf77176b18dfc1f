"""The adapter for MCP elicitation, tried against the real package: alone, and against the real product."""

from collections.abc import Callable

import pytest

from agents.models import Decision
from agents.sdk.adapters.mcp import output_schema
from tests.conformance.conftest import alone, reviewer_corrects, room

FRAMEWORK = "mcp"
# What the server asks for.
LOAN = {
    "type": "object",
    "required": ["action"],
    "properties": {"action": {"type": "string", "enum": ["approve", "decline"], "title": "Action"}},
}
MESSAGE = {
    "type": "object",
    "required": ["message"],
    "properties": {"message": {"type": "string", "title": "Message"}},
}
DECLINES = {
    "id": "R-1",
    "title": "Nothing is accepted unseen",
    "when": "true",
    "action": "output",
    "output": {"action": "decline"},
    "text": "A person decides.",
}
ACCEPTED = {"action": "accept", "content": {"action": "approve"}}


@pytest.mark.parametrize("case", alone(FRAMEWORK))
def test_mcp__alone(case: str, outcomes: dict[str, str]) -> None:
    assert outcomes[case] == "", outcomes[case]


@pytest.mark.django_db(transaction=True)
def test_mcp__reviewer_corrects__the_tool_goes_on_with_the_correction(against: Callable[..., str]) -> None:
    made = room(
        input_schema=MESSAGE,
        output_schema=output_schema(LOAN),
        title_template="{message}",
        policy={"guardrails": [DECLINES]},
    )
    case = "test_product__reviewer_corrects__the_tool_goes_on_with_the_correction"
    told = against(FRAMEWORK, case, made, lambda: reviewer_corrects(made, output=ACCEPTED, evidence=["/message"]))
    assert told == "", told
    assert Decision.objects.count() == 1
