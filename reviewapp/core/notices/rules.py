"""When somebody may be told. Pure: the time, the zone and the wishes are arguments."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from reviewapp.core.notices.topics import DIGEST


@dataclass(frozen=True, slots=True)
class Wishes:
    """How a person wants to be told: their zone, the digest's time of day, quiet hours (or None), and a snooze (or None)."""

    zone: ZoneInfo
    digest_at: time
    quiet: tuple[time, time] | None = None
    snoozed_until: datetime | None = None


def due(mode: str, wishes: Wishes, *, now: datetime) -> datetime:
    """Return when a message that arises at `now` may be sent: `now` itself, the next digest, or after snooze and quiet hours.

    `mode` is "now" or "digest". Quiet hours may span midnight; where a clock change skips the digest's hour, the digest
    comes an hour later by the clock, and where one repeats it, in the first of the two.
    """
    moment = next_at(wishes.digest_at, wishes.zone, after=now) if mode == DIGEST else now
    if wishes.snoozed_until is not None and moment < wishes.snoozed_until:
        moment = wishes.snoozed_until
    if wishes.quiet is not None and _inside(moment.astimezone(wishes.zone).time(), *wishes.quiet):
        moment = next_at(wishes.quiet[1], wishes.zone, after=moment)
    return moment


def next_at(hour: time, zone: ZoneInfo, *, after: datetime) -> datetime:
    """Return the first moment strictly later than `after` at which clocks in `zone` show `hour`, in UTC."""
    day = after.astimezone(zone).date()
    while True:
        moment = datetime.combine(day, hour, tzinfo=zone).astimezone(UTC)
        if moment > after:
            return moment
        day += timedelta(days=1)


def _inside(hour: time, begins: time, ends: time) -> bool:
    if begins <= ends:
        return begins <= hour < ends
    return hour >= begins or hour < ends
