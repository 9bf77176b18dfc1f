"""What was known at a moment: the rule by which training sees the past as it was."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Known:
    """Values of an entity: true from `event_time` on, known to us since `ingested_at`."""

    event_time: datetime
    ingested_at: datetime
    digest: str
    values: Mapping[str, Any]

    @property
    def order(self) -> tuple[datetime, datetime, str]:
        """Return what decides which of two is newer: the event, then the arrival, then (at a tie) the content."""
        return (self.event_time, self.ingested_at, self.digest)


def as_of(history: Iterable[Known], moment: datetime) -> Known | None:
    """Return the newest of what had happened and had arrived at `moment`, None when nothing had.

    A point-in-time join with two times (a bitemporal "as of" query): looking at event time alone would let a value that
    arrived late teach a model what nobody could have known.
    """
    there = [known for known in history if known.event_time <= moment and known.ingested_at <= moment]
    return max(there, key=lambda known: known.order, default=None)
