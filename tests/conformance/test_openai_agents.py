"""The adapter for the OpenAI Agents SDK, tried against the real package: alone, and against the real product."""

from collections.abc import Callable

import pytest

from agents.models import Decision
from tests.conformance.conftest import alone, reviewer_corrects
from tests.factories import feedback

FRAMEWORK = "openai_agents"


@pytest.mark.parametrize("case", alone(FRAMEWORK))
def test_openai_agents__alone(case: str, outcomes: dict[str, str]) -> None:
    assert outcomes[case] == "", outcomes[case]


@pytest.mark.django_db(transaction=True)
def test_openai_agents__reviewer_corrects__the_model_is_told_in_another_process(against: Callable[..., str]) -> None:
    room = feedback.room()
    case = "test_product__reviewer_corrects__another_process_tells_the_model"
    told = against(FRAMEWORK, case, room, lambda: reviewer_corrects(room, output={"action": "approve", "limit": 450.0}))
    assert told == "", told
    assert Decision.objects.count() == 1
