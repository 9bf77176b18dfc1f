"""What the component gallery shows."""

from datetime import timedelta
from typing import Any

from reviewapp.core import clock

TONES = ("positive", "caution", "critical", "info", "agent", "human", "neutral")


def samples() -> dict[str, Any]:
    """Return the gallery's context: tones, and deadlines in each state."""
    now = clock.now()
    return {
        "tones": TONES,
        "since": now - timedelta(hours=2),
        "dues": [now + timedelta(hours=6), now + timedelta(minutes=12), now - timedelta(minutes=4)],
        "shares": [-1.0, -0.4, 0.3, 0.8],
        "sample_digest": "sha256:" + "9f2c7b41" * 8,
        "now": now,
    }
