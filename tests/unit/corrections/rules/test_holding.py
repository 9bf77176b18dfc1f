"""How long a submission is held back."""

from datetime import UTC, datetime, timedelta

import pytest

from corrections.rules import holding

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "agent_waits", "held"),
    [
        (0, None, None),
        (-5, None, None),
        (30, None, 30),
        # The agent would be answered by the contract before the person's answer came.
        (30, 20, None),
        (30, 39, None),
        (30, 40, 30),
        (30, 3600, 30),
        # It was answered already: nobody waits for this one.
        (30, -10, 30),
    ],
)
def test_until__seconds_and_agent__is_held_or_not(seconds, agent_waits, held):
    waits = None if agent_waits is None else NOW + timedelta(seconds=agent_waits)
    expected = None if held is None else NOW + timedelta(seconds=held)
    assert holding.until(NOW, seconds, agent_waits_until=waits) == expected
