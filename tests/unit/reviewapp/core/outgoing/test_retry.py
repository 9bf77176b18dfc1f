"""When a receiver says to come back."""

from datetime import UTC, datetime

import pytest

from reviewapp.core.outgoing import retry

NOW = datetime(1994, 11, 6, 8, 39, 37, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("120", 120.0),
        (" 7 ", 7.0),
        ("0", 0.0),
        ("9" * 5000, 86_400.0),
        # The three forms of RFC 9110, 5.6.7, the last of which names no zone.
        ("Sun, 06 Nov 1994 08:49:37 GMT", 600.0),
        ("Sunday, 06-Nov-94 08:49:37 GMT", 600.0),
        ("Sun Nov  6 08:49:37 1994", 600.0),
        ("Sun, 06 Nov 1994 08:00:00 GMT", 0.0),
        ("Sun, 06 Nov 2094 08:49:37 GMT", 86_400.0),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("1.5", None),
        ("\u00b2", None),
        ("Sun, 06 Nov 99999 08:49:37 GMT", None),
    ],
)
def test_asked__any_header__seconds_or_nothing(text: str, seconds: float | None):
    assert retry.asked(text, now=NOW) == seconds
