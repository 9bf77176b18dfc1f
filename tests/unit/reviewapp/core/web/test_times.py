"""Times in words."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from reviewapp.core import clock
from reviewapp.core.web import times

NOW = datetime(2026, 11, 20, 14, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (20, "under 1 min"),
        (240, "4 min"),
        (3720, "1 h 02"),
        (86399, "23 h 59"),
        (3 * 86400 + 4 * 3600, "3 d 4 h"),
        (-240, "4 min"),
    ],
)
def test_span__length__in_two_units_at_most(seconds: float, words: str) -> None:
    assert times.span(seconds) == words


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        (NOW, "14:30"),
        (NOW - timedelta(days=1), "19 Nov, 14:30"),
        (NOW.replace(year=2025), "20 Nov 2025, 14:30"),
        (datetime(2026, 11, 20, 23, 30, tzinfo=UTC).astimezone(ZoneInfo("Asia/Tokyo")), "21 Nov, 08:30"),
    ],
)
def test_clock_time__moment__names_the_date_once_it_is_not_today(
    monkeypatch: pytest.MonkeyPatch, moment: datetime, words: str
) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)

    assert times.clock_time(moment) == words


@pytest.mark.parametrize(
    ("left", "tone", "words"),
    [
        (timedelta(hours=6), "positive", "6 h 00 left"),
        (timedelta(minutes=29), "caution", "29 min left"),
        (timedelta(0), "critical", "under 1 min over"),
        (timedelta(minutes=-4), "critical", "4 min over"),
    ],
)
def test_deadline__time_left__tone_and_words(left: timedelta, tone: str, words: str) -> None:
    found = times.deadline(NOW + left, NOW + left - timedelta(hours=8), NOW)

    assert (found.tone, found.words) == (tone, words)
    assert 0 <= found.gone <= 1


def test_deadline__small__leaves_out_what_its_column_says() -> None:
    assert times.deadline(NOW + timedelta(minutes=50), None, NOW, small=True).words == "50 min"
