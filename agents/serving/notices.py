"""What the headers of an answer say beside it."""

from django.conf import settings
from django.utils.http import http_date

from agents.selectors.live import Live


def ending(live: Live) -> dict[str, str]:
    """Return the headers of answers under a deprecated contract; {} while it is good.

    Deprecation is a date of structured fields (RFC 9745), Sunset an HTTP date (RFC 8594), and the link says where the
    contracts of the agent are read.
    """
    if live.ending is None:
        return {}
    since, sunset = live.ending
    return {
        "Deprecation": f"@{int(since.timestamp())}",
        "Sunset": http_date(sunset.timestamp()),
        "Link": f'<{settings.WEB_ORIGIN}/agents/{live.slug}/contracts/>; rel="deprecation"; type="text/html"',
    }
