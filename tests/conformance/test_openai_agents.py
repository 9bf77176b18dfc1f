"""The adapter for the OpenAI Agents SDK, tried against the real package: alone, and against the real product."""

from collections.abc import Callable

import pytest

from agents.models import Decision
from agents.sdk.adapters.openai_agents import output_schema
from tests.conformance.conftest import alone, reviewer_corrects, room

FRAMEWORK = "openai_agents"
# What the SDK makes of the tool's signature.
ARGUMENTS = {
    "type": "object",
    "title": "refund_args",
    "required": ["order", "amount"],
    "properties": {"order": {"type": "string", "title": "Order"}, "amount": {"type": "number", "title": "Amount"}},
    "additionalProperties": False,
}
CALL = {
    "type": "object",
    "required": ["agent", "tool", "arguments"],
    "properties": {
        "agent": {"type": "string", "title": "Agent"},
        "tool": {"type": "string", "title": "Tool"},
        "arguments": {**ARGUMENTS, "title": "Arguments"},
    },
}
EDITED = {"action": "approve", "arguments": {"order": "RF-1", "amount": 450.0}, "message": "Half was used."}


@pytest.mark.parametrize("case", alone(FRAMEWORK))
def test_openai_agents__alone(case: str, outcomes: dict[str, str]) -> None:
    assert outcomes[case] == "", outcomes[case]


@pytest.mark.django_db(transaction=True)
def test_openai_agents__reviewer_corrects__the_model_is_told_in_another_process(against: Callable[..., str]) -> None:
    made = room(
        mode="propose",
        input_schema=CALL,
        output_schema=output_schema(ARGUMENTS),
        title_template="{tool}",
        policy={"guardrails": []},
    )
    case = "test_product__reviewer_corrects__another_process_tells_the_model"
    told = against(FRAMEWORK, case, made, lambda: reviewer_corrects(made, output=EDITED, evidence=["/tool"]))
    assert told == "", told
    assert Decision.objects.count() == 1
