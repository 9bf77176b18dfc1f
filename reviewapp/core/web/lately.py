"""Numbers that may be a few seconds old: how much waits, beside a link or over a list. Never what somebody may do."""

import time
from collections.abc import Callable, Hashable
from typing import TypeVar, cast

from django.conf import settings

Number = TypeVar("Number")

_kept: dict[Hashable, tuple[float, object]] = {}
_KEEP = 4096


def counted(name: Hashable, count: Callable[[], Number]) -> Number:
    """Return what `count` says, or what it said under this name at most `COUNT_SECONDS` ago in this process."""
    if not settings.COUNT_SECONDS:
        return count()
    now = time.monotonic()
    kept = _kept.get(name)
    if kept is not None and now < kept[0]:
        return cast("Number", kept[1])
    found = count()
    if len(_kept) >= _KEEP:
        _kept.clear()
    _kept[name] = (now + settings.COUNT_SECONDS, found)
    return found
