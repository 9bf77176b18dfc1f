"""Partitions of the decisions and of the feature history, made before they are needed."""

from datetime import datetime

from django.conf import settings
from django.db import connection, transaction

# Two months: beat may stand still for weeks, and a sender's clock may run ahead over the end of a month.
_AHEAD = 2
_MAKERS = ("agents_featurevalue_month", "agents_decision_month")


def ahead(*, now: datetime) -> int:
    """Make the partitions of this month and the next two where they are not there yet; return how many were made.

    Raises `OperationalError` when others hold the tables for too long; until a later turn, rows go to the rest.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = %s", [f"{round(settings.RETENTION_LOCK_SECONDS * 1000)}ms"])
        made = 0
        for maker in _MAKERS:
            cursor.execute(
                f"SELECT count(*) FILTER (WHERE {maker}(%s + step * interval '1 month'))"  # noqa: S608 - named above
                " FROM generate_series(0, %s) AS step",
                [now, _AHEAD],
            )
            made += int(cursor.fetchone()[0])
    return made
