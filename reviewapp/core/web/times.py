"""Times as people read them: 24 h, in their zone, with the date once it is not today."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from reviewapp.core import clock

# Share of the time after which a deadline deserves attention: under a quarter is left.
CAUTION_AFTER = 0.75

# How long a case usually takes when nobody says since when the clock runs.
USUAL_SECONDS = 7200.0


@dataclass(frozen=True, slots=True)
class Deadline:
    """A deadline as it stands: tone, share of the time that is gone (0 to 1), words."""

    tone: str
    gone: float
    words: str


def zone_of(context: Mapping[str, Any]) -> ZoneInfo:
    """Return the time zone of the person who looks, UTC for nobody."""
    return ZoneInfo(getattr(context.get("user"), "time_zone", None) or "UTC")


def span(seconds: float) -> str:
    """Return a length of time in at most two units: "4 min", "1 h 02", "3 d 4 h"."""
    whole = int(abs(seconds))
    if whole < 60:
        return "under 1 min"
    if whole < 3600:
        return f"{whole // 60} min"
    if whole < 86400:
        return f"{whole // 3600} h {whole % 3600 // 60:02d}"
    return f"{whole // 86400} d {whole % 86400 // 3600} h"


def clock_time(moment: datetime) -> str:
    """Return a time of day in the moment's own zone, with the date once it is not today, and the year once it is not this."""
    today = clock.now().astimezone(moment.tzinfo).date()
    if moment.date() == today:
        return moment.strftime("%H:%M")
    year = "" if moment.year == today.year else f" {moment.year}"
    return f"{moment.day} {moment.strftime('%b')}{year}, {moment.strftime('%H:%M')}"


def deadline(due: datetime, since: datetime | None, now: datetime, *, small: bool = False) -> Deadline:
    """Return how a deadline stands at `now`; `since` is when its time began to run."""
    left = (due - now).total_seconds()
    whole = max((due - since).total_seconds(), 60.0) if since else USUAL_SECONDS
    gone = max(0.0, min(1.0, 1 - left / whole))
    if left <= 0:
        return Deadline("critical", 1.0, f"{span(left)} over")
    tone = "caution" if gone > CAUTION_AFTER else "positive"
    return Deadline(tone, gone, span(left) if small else f"{span(left)} left")
