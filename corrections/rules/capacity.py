"""When a queue is empty, if it goes on as it did."""


def hours_to_empty(*, waiting: int, arrived: int, closed: int, hours: float) -> float | None:
    """Return in how many hours nothing waits any more, at the pace of the last `hours`; None when that never comes.

    `arrived` and `closed` are tasks within those hours. The pace is their difference: what people close beyond what comes
    in. Raises `ValueError` when no time is looked at.
    """
    if hours <= 0:
        raise ValueError("a pace needs some time to be seen in")
    if waiting <= 0:
        return 0.0
    pace = (closed - arrived) / hours
    return waiting / pace if pace > 0 else None
