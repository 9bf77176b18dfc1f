"""Working time: when a number of working minutes is over, and how many lie between two instants.

Opening hours are told by the wall clock of a place, deadlines are instants. A wall clock shows an hour twice in autumn and
leaves one out in spring; what it shows is read as RFC 5545, 3.3.5 says: a time that comes twice is the first of the two,
a time that is left out is counted with the offset from before. So every span is turned into instants first, and minutes
are counted between instants: a shift over the change in autumn is an hour longer, as it is for who works it.
"""

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from reviewapp.core.errors import Invalid

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MOST_HOLIDAYS = 400
# A deadline further away is this far away: long enough to mean "not for years", and the search ends.
HORIZON = timedelta(days=3660)

_SPAN = re.compile(r"\s*(\d{1,2}):(\d{2})\s*[-–]\s*(\d{1,2}):(\d{2})\s*")
_DAY_MINUTES = 24 * 60
# With less than this a week a deadline of some hours would lie years away, most likely by a slip of the pen.
_LEAST_A_WEEK = 60


@dataclass(frozen=True, slots=True)
class Week:
    """Weekly hours at a place: for each day from Monday the spans in minutes after midnight, and the dates without work."""

    zone: ZoneInfo
    days: tuple[tuple[tuple[int, int], ...], ...]
    holidays: frozenset[date] = frozenset()


def read(*, time_zone: str, hours: Mapping[str, Sequence[str]], holidays: Sequence[str]) -> Week:
    """Return the week of a document: `hours` maps mon … sun to spans such as "09:00-12:30", `holidays` are ISO dates.

    A day that is not named is free; "24:00" is the end of a day. Raises `Invalid` with the path of each fault.
    """
    faults: dict[str, str] = {}
    zone = _zone(time_zone)
    if zone is None:
        faults["time_zone"] = "Use a zone such as Europe/Berlin."
    for name in hours:
        if name not in DAYS:
            faults[f"hours.{name}"] = f"Use {', '.join(DAYS)}."
    days = tuple(_day(name, hours.get(name, ()), faults) for name in DAYS)
    if not faults and sum(end - start for spans in days for start, end in spans) < _LEAST_A_WEEK:
        faults["hours"] = "Enter at least one hour of work a week."
    free = _dates(holidays, faults)
    if faults or zone is None:
        raise Invalid("The calendar is not complete.", fields=faults)
    return Week(zone, days, free)


def due(start: datetime, minutes: int, week: Week | None) -> datetime:
    """Return the instant (UTC) at which `minutes` of working time after `start` are over; without a week the clock never rests.

    Outside working hours the minutes begin with the next span. What lies more than `HORIZON` away is exactly that far away.
    """
    start, left = start.astimezone(UTC), timedelta(minutes=minutes)
    if week is None:
        return start + min(left, HORIZON)
    for begins, ends in _spans(start, start + HORIZON, week):
        if left <= ends - begins:
            return begins + left
        left -= ends - begins
    return start + HORIZON


def worked(start: datetime, end: datetime, week: Week | None) -> timedelta:
    """Return the working time between two instants; nothing when `end` is not after `start`."""
    start, end = start.astimezone(UTC), end.astimezone(UTC)
    if week is None:
        return max(timedelta(0), end - start)
    return sum((ends - begins for begins, ends in _spans(start, end, week)), timedelta(0))


def _spans(start: datetime, end: datetime, week: Week) -> Iterator[tuple[datetime, datetime]]:
    """Yield what is worked between two instants (UTC), in order; no two overlap and none is empty."""
    at = start
    # Spans do not pass midnight, so the local date of `start` is the first that can matter.
    day = start.astimezone(week.zone).date()
    while at < end and _instant(day, 0, week.zone) < end:
        if day not in week.holidays:
            # A change of the clock may push a span over the next one: sorted anew, and nothing is counted twice.
            for first, last in sorted(
                (_instant(day, first, week.zone), _instant(day, last, week.zone))
                for first, last in week.days[day.weekday()]
            ):
                begins, ends = max(first, at), min(last, end)
                if begins < ends:
                    yield begins, ends
                    at = ends
        day += timedelta(days=1)


def _zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        # No such zone, no proper name, or the name of a folder of zones.
        return None


def _instant(day: date, minute: int, zone: ZoneInfo) -> datetime:
    if minute == _DAY_MINUTES:
        day, minute = day + timedelta(days=1), 0
    return datetime.combine(day, time(minute // 60, minute % 60), zone).astimezone(UTC)


def _day(name: str, spans: Sequence[str], faults: dict[str, str]) -> tuple[tuple[int, int], ...]:
    found = []
    for text in spans:
        parts = _SPAN.fullmatch(text)
        if parts is None:
            faults[f"hours.{name}"] = "Write spans such as 09:00-12:30, 13:30-18:00, or nothing for a free day."
            return ()
        begins, ends = (int(parts[at]) * 60 + int(parts[at + 1]) for at in (1, 3))
        if int(parts[2]) > 59 or int(parts[4]) > 59 or not begins < ends <= _DAY_MINUTES:
            faults[f"hours.{name}"] = "Each span ends after it begins, and at 24:00 at the latest."
            return ()
        found.append((begins, ends))
    found.sort()
    if any(before[1] > after[0] for before, after in itertools.pairwise(found)):
        faults[f"hours.{name}"] = "These spans overlap. Join them into one."
    return tuple(found)


def _dates(texts: Sequence[str], faults: dict[str, str]) -> frozenset[date]:
    found = set()
    for text in texts:
        try:
            found.add(date.fromisoformat(text))
        except ValueError:
            faults["holidays"] = f"“{text[:40]}” is no date. Write dates such as 2026-12-25."
    if len(found) > MOST_HOLIDAYS:
        faults["holidays"] = f"Enter at most {MOST_HOLIDAYS} dates; those that are over can go."
    return frozenset(found)
