"""Numbers that may be a few seconds old."""

from itertools import count

from reviewapp.core.web import lately


def test_counted__within_the_time__is_counted_once_for_each_name(settings, monkeypatch):
    settings.COUNT_SECONDS = 3
    now = [100.0]
    monkeypatch.setattr(lately.time, "monotonic", lambda: now[0])
    monkeypatch.setattr(lately, "_kept", {})
    numbers = count(1)

    first = [lately.counted("a", lambda: next(numbers)) for _ in range(3)]
    other = lately.counted("b", lambda: next(numbers))
    now[0] = 103.0
    later = lately.counted("a", lambda: next(numbers))

    assert (first, other, later) == ([1, 1, 1], 2, 3)


def test_counted__no_time_is_set__is_counted_every_time(settings):
    settings.COUNT_SECONDS = 0
    numbers = count(1)

    assert [lately.counted("a", lambda: next(numbers)) for _ in range(2)] == [1, 2]


def test_counted__very_many_names__forgets_instead_of_growing(settings, monkeypatch):
    settings.COUNT_SECONDS = 3
    monkeypatch.setattr(lately, "_kept", {})
    monkeypatch.setattr(lately, "_KEEP", 4)

    for name in range(20):
        lately.counted(name, lambda: 0)

    assert len(lately._kept) <= 4
