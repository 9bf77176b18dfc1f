"""The adapter for MCP elicitation, tried against the real package: alone, and against the real product."""

from collections.abc import Callable

import pytest

from agents.models import Decision
from tests.conformance.conftest import alone, reviewer_corrects
from tests.factories import feedback

FRAMEWORK = "mcp"


@pytest.mark.parametrize("case", alone(FRAMEWORK))
def test_mcp__alone(case: str, outcomes: dict[str, str]) -> None:
    assert outcomes[case] == "", outcomes[case]


@pytest.mark.django_db(transaction=True)
def test_mcp__reviewer_corrects__the_tool_goes_on_with_the_correction(against: Callable[..., str]) -> None:
    room = feedback.room()
    case = "test_product__reviewer_corrects__the_tool_goes_on_with_the_correction"
    told = against(FRAMEWORK, case, room, lambda: reviewer_corrects(room))
    assert told == "", told
    assert Decision.objects.count() == 1
