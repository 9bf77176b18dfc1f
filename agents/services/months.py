"""Partitions of the feature history, made before they are needed."""

from datetime import datetime

from django.db import connection

# Two months: beat may stand still for weeks, and a sender's clock may run ahead over the end of a month.
_AHEAD = 2


def ahead(*, now: datetime) -> int:
    """Make the partitions of this month and the next two where they are not there yet; return how many were made."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FILTER (WHERE agents_featurevalue_month(%s + step * interval '1 month'))"
            " FROM generate_series(0, %s) AS step",
            [now, _AHEAD],
        )
        return int(cursor.fetchone()[0])
