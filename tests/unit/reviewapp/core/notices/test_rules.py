"""When somebody may be told: digest, quiet hours, snooze, and clocks that change."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from reviewapp.core.notices import rules
from reviewapp.core.notices.rules import Wishes

BERLIN = ZoneInfo("Europe/Berlin")
NIGHT = (time(22), time(7))


def at(text: str) -> datetime:
    """Read a Berlin time."""
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN).astimezone(UTC)


@pytest.mark.parametrize(
    ("mode", "now", "quiet", "snoozed", "due"),
    [
        ("now", "2026-11-20T12:00", None, None, "2026-11-20T12:00"),
        ("now", "2026-11-20T21:59", NIGHT, None, "2026-11-20T21:59"),
        ("now", "2026-11-20T22:00", NIGHT, None, "2026-11-21T07:00"),
        ("now", "2026-11-20T03:00", NIGHT, None, "2026-11-20T07:00"),
        ("now", "2026-11-20T07:00", NIGHT, None, "2026-11-20T07:00"),
        ("now", "2026-11-20T12:30", (time(12), time(13)), None, "2026-11-20T13:00"),
        ("now", "2026-11-20T12:00", None, "2026-11-20T15:00", "2026-11-20T15:00"),
        ("now", "2026-11-20T12:00", None, "2026-11-20T11:00", "2026-11-20T12:00"),
        # A snooze that ends within quiet hours: they come after it.
        ("now", "2026-11-20T12:00", NIGHT, "2026-11-20T23:00", "2026-11-21T07:00"),
        ("digest", "2026-11-20T07:59", None, None, "2026-11-20T08:00"),
        ("digest", "2026-11-20T08:00", None, None, "2026-11-21T08:00"),
        ("digest", "2026-11-20T12:00", (time(6), time(9)), None, "2026-11-21T09:00"),
        ("digest", "2026-11-20T12:00", None, "2026-11-23T10:00", "2026-11-23T10:00"),
    ],
)
def test_due__wishes__are_kept_to(mode, now, quiet, snoozed, due):
    wishes = Wishes(BERLIN, time(8), quiet, at(snoozed) if snoozed else None)
    assert rules.due(mode, wishes, now=at(now)) == at(due)


def test_next_at__clocks_change__is_the_same_hour_of_the_day_and_never_before():
    # In Berlin clocks go forward on 29 March 2026 at 02:00 and back on 25 October 2026 at 03:00.
    assert rules.next_at(time(8), BERLIN, after=at("2026-03-28T08:00")) - at("2026-03-28T08:00") == timedelta(hours=23)
    assert rules.next_at(time(8), BERLIN, after=at("2026-10-24T08:00")) - at("2026-10-24T08:00") == timedelta(hours=25)
    skipped = rules.next_at(time(2, 30), BERLIN, after=at("2026-03-28T12:00"))
    assert skipped.astimezone(BERLIN).isoformat() == "2026-03-29T03:30:00+02:00"
    repeated = rules.next_at(time(2, 30), BERLIN, after=at("2026-10-24T12:00"))
    assert repeated.astimezone(BERLIN).isoformat() == "2026-10-25T02:30:00+02:00"
    assert rules.next_at(time(2, 30), BERLIN, after=repeated) > repeated + timedelta(hours=20)
