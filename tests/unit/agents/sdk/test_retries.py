"""What a server's Retry-After asks of the SDK."""

import httpx
import pytest

from agents.sdk.retries import retry_after

DATE = "Sun, 06 Nov 1994 08:39:37 GMT"


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("120", 120.0),
        ("Sun, 06 Nov 1994 08:49:37 GMT", 600.0),
        ("Sunday, 06-Nov-94 08:49:37 GMT", 600.0),
        ("Sun Nov  6 08:49:37 1994", 600.0),
        ("Sun, 06 Nov 1994 08:00:00 GMT", 0.0),
        ("soon", None),
        (b"\xb2", None),
        ("", None),
    ],
)
def test_retry_after__seconds_or_a_date__is_counted_by_the_servers_clock(
    text: str | bytes, seconds: float | None
) -> None:
    answer = httpx.Response(503, headers=[("Retry-After", text), ("Date", DATE)])

    assert retry_after(answer) == seconds


def test_retry_after__none__is_none() -> None:
    assert retry_after(httpx.Response(503)) is None
