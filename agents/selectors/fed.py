"""The features a decision was made with, in words, for its page."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

_WORDS = {
    "fresh": ("Fresh", "positive", "circle-check"),
    "stale": ("Old", "caution", "hourglass"),
    "missing": ("Missing", "caution", "circle-help"),
    "unavailable": ("Not readable", "critical", "wifi-off"),
}


@dataclass(frozen=True, slots=True)
class FedLine:
    """One view that was read: which fields it filled, from when it was, and what was old or missing of it."""

    view: str
    version: int
    entity: str
    label: str
    tone: str
    icon: str
    filled: str
    lacking: str
    event_time: datetime | None
    age_seconds: float | None


def lines(trace: Mapping[str, Any]) -> list[FedLine]:
    """Return what a decision's trace tells of features; [] when its contract reads none."""
    return [_line(read) for read in trace.get("features", ())]


def sources(trace: Mapping[str, Any]) -> dict[str, str]:
    """Return where the input fields that features filled come from, by field."""
    return {
        field: f"View {read['view']}, version {read['version']}"
        for read in trace.get("features", ())
        for field in read.get("filled", ())
    }


def _line(read: Mapping[str, Any]) -> FedLine:
    label, tone, icon = _WORDS[read["status"]]
    lacking = [
        *(f"{name} is old" for name in read.get("stale", ())),
        *(f"{name} is missing" for name in read.get("missing", ())),
    ]
    return FedLine(
        view=read["view"],
        version=read["version"],
        entity=read["entity"],
        label=label,
        tone=tone,
        icon=icon,
        filled=", ".join(read.get("filled", ())),
        lacking=", ".join(lacking),
        event_time=datetime.fromisoformat(read["event_time"]) if "event_time" in read else None,
        age_seconds=read.get("age_s"),
    )
