"""Working time: weekly hours at a place, days without work, and the two nights a year in which the clock changes."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corrections.rules import working_time
from corrections.rules.working_time import HORIZON, Week, due, worked
from reviewapp.core.errors import Invalid

OFFICE = {day: ["09:00-12:00", "13:00-17:00"] for day in ("mon", "tue", "wed", "thu", "fri")}
ZONES = ("UTC", "Europe/Berlin", "America/New_York", "America/Havana", "Australia/Lord_Howe", "Asia/Kathmandu")


def week(hours=None, zone="Europe/Berlin", holidays=()):
    return working_time.read(time_zone=zone, hours=hours or OFFICE, holidays=holidays)


def local(text, zone="Europe/Berlin"):
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


@pytest.mark.parametrize(
    ("start", "minutes", "end"),
    [
        ("2026-11-23T09:00", 60, "2026-11-23T10:00"),
        ("2026-11-23T11:30", 60, "2026-11-23T13:30"),
        ("2026-11-23T09:00", 180, "2026-11-23T12:00"),
        ("2026-11-20T16:30", 60, "2026-11-23T09:30"),
        ("2026-11-21T03:00", 1, "2026-11-23T09:01"),
        ("2026-12-23T16:00", 120, "2026-12-24T10:00"),
    ],
)
def test_due__office_hours__rests_at_noon_at_night_and_at_the_weekend(start, minutes, end):
    assert due(local(start), minutes, week()) == local(end)


def test_due__holiday__is_passed_over():
    free = week(holidays=["2026-12-24", "2026-12-25"])
    assert due(local("2026-12-23T16:30"), 60, free) == local("2026-12-28T09:30")


def test_due__same_wall_clock_before_and_after_the_change__is_another_instant():
    assert due(local("2026-03-27T16:30"), 60, week()) == datetime(2026, 3, 30, 7, 30, tzinfo=UTC)
    assert due(local("2026-03-20T16:30"), 60, week()) == datetime(2026, 3, 23, 8, 30, tzinfo=UTC)


@pytest.mark.parametrize(("night", "hours"), [("2026-03-29", 7), ("2026-10-25", 9), ("2026-11-01", 8)])
def test_worked__night_shift_over_the_change__is_an_hour_shorter_or_longer(night, hours):
    shift = week({"sun": ["00:00-08:00"]})
    assert worked(local(f"{night}T00:00"), local(f"{night}T12:00"), shift) == timedelta(hours=hours)


def test_worked__span_in_the_hour_that_is_left_out__counts_nothing_twice():
    shift = week({"sun": ["02:15-02:45", "03:00-04:00"]})
    assert worked(local("2026-03-29T00:00"), local("2026-03-29T12:00"), shift) == timedelta(hours=1)


def test_due__end_of_day__is_midnight_and_round_the_clock_is_plain_time():
    always = week({key: ["00:00-24:00"] for key in working_time.DAYS})
    start = local("2026-10-24T20:00")
    assert due(start, 3 * 1440, always) == due(start, 3 * 1440, None) == start.astimezone(UTC) + timedelta(days=3)


def test_due__further_than_ten_years__is_the_horizon():
    start = local("2026-11-23T09:00")
    assert due(start, 2**31 - 1, week()) == due(start, 2**31 - 1, None) == start.astimezone(UTC) + HORIZON


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"time_zone": "Mars/Base"}, "time_zone"),
        ({"time_zone": "Europe"}, "time_zone"),
        ({"time_zone": ""}, "time_zone"),
        ({"time_zone": "../x"}, "time_zone"),
        ({"hours": {"mon": ["9-17"]}}, "hours.mon"),
        ({"hours": {"mon": ["17:00-09:00"]}}, "hours.mon"),
        ({"hours": {"mon": ["09:00-25:00"]}}, "hours.mon"),
        ({"hours": {"mon": ["09:75-12:00"]}}, "hours.mon"),
        ({"hours": {"mon": ["09:00-12:00", "11:00-13:00"]}}, "hours.mon"),
        ({"hours": {"monday": ["09:00-12:00"]}}, "hours.monday"),
        ({"hours": {}}, "hours"),
        ({"hours": {"mon": ["09:00-09:59"]}}, "hours"),
        ({"holidays": ["25.12.2026"]}, "holidays"),
    ],
)
def test_read__fault__names_the_member(change, path):
    with pytest.raises(Invalid) as caught:
        working_time.read(**{"time_zone": "Europe/Berlin", "hours": OFFICE, "holidays": [], **change})
    assert list(caught.value.fields) == [path]


@st.composite
def weeks(draw):
    days = []
    for _ in range(7):
        marks = sorted(draw(st.sets(st.integers(0, 1440), max_size=6)))
        days.append(tuple(zip(marks[::2], marks[1::2], strict=False)))
    days[draw(st.integers(0, 6))] = ((480, 720),)
    free = draw(st.frozensets(st.dates(date(2026, 3, 1), date(2026, 11, 30)), max_size=5))
    return Week(ZoneInfo(draw(st.sampled_from(ZONES))), tuple(days), free)


STARTS = st.integers(0, 274 * 1440).map(lambda minutes: datetime(2026, 3, 1, tzinfo=UTC) + timedelta(minutes=minutes))
MINUTES = st.integers(1, 5000)


@settings(max_examples=60, deadline=None)
@given(weeks(), STARTS, MINUTES)
def test_due__exactly_that_much_is_worked_until_then(one, start, minutes):
    end = due(start, minutes, one)
    assert worked(start, end, one) == timedelta(minutes=minutes)


@settings(max_examples=60, deadline=None)
@given(weeks(), STARTS, MINUTES, MINUTES)
def test_due__in_two_steps__is_the_same(one, start, first, second):
    assert due(due(start, first, one), second, one) == due(start, first + second, one)


@settings(max_examples=60, deadline=None)
@given(weeks(), STARTS, st.integers(0, 50_000), MINUTES)
def test_due__later_start__is_never_due_earlier(one, start, later, minutes):
    assert due(start + timedelta(minutes=later), minutes, one) >= due(start, minutes, one)


@settings(max_examples=40, deadline=None)
@given(weeks(), STARTS, st.integers(1, 3000), st.integers(1, 3000))
def test_worked__cut_anywhere__parts_make_the_whole(one, start, first, second):
    cut, end = start + timedelta(minutes=first), start + timedelta(minutes=first + second)
    assert worked(start, cut, one) + worked(cut, end, one) == worked(start, end, one)


@settings(max_examples=10, deadline=None)
@given(weeks(), STARTS)
def test_worked__minute_by_minute_on_the_wall_clock__is_the_same_where_the_clock_never_changes(one, start):
    plain = Week(ZoneInfo("Asia/Kathmandu"), one.days, one.holidays)
    start = start.replace(second=0, microsecond=0)
    count = 0
    for number in range(2 * 1440):
        at = (start + timedelta(minutes=number)).astimezone(plain.zone)
        spans = () if at.date() in plain.holidays else plain.days[at.weekday()]
        count += any(first <= at.hour * 60 + at.minute < last for first, last in spans)
    assert worked(start, start + timedelta(days=2), plain) == timedelta(minutes=count)
