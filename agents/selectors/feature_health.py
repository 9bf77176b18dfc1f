"""How the feature store stands: what waits in the stream, what was refused, how far behind Redis is."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import connection

from agents.models import FeatureVersion
from agents.selectors import online


@dataclass(frozen=True, slots=True)
class Store:
    """The state of the store. `behind_seconds` is since when Redis was last brought up to date; None: never yet.

    `months_made` says whether next month's partitions are there, of the history and of the decisions.
    """

    views: int
    waiting: int
    refused: int
    behind_seconds: float | None
    months_made: bool


def store(*, now: datetime) -> Store:
    """Look at the feature store. Raises `RedisError` while Redis is away."""
    client, prefix = online.client(settings.FEATURE_WRITE_SECONDS), settings.FEATURE_PREFIX
    mark = client.get(f"{prefix}through")
    behind = (now - datetime.fromisoformat(mark.decode())).total_seconds() if isinstance(mark, bytes) else None
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT bool_and(to_regclass(name || to_char((%s + interval '1 month') AT TIME ZONE 'UTC', 'YYYYMM')) IS NOT NULL)"
            " FROM unnest(ARRAY['agents_featurevalue_', 'agents_decision_']) AS name",
            [now],
        )
        made = bool(cursor.fetchone()[0])
    return Store(
        views=FeatureVersion.objects.values("view").distinct().count(),
        waiting=int(client.xlen(f"{prefix}in")),
        refused=int(client.xlen(f"{prefix}refused")),
        behind_seconds=behind,
        months_made=made,
    )
