"""Whether serving processes can believe what every slot says, and for how long still."""

from datetime import timedelta

from django.conf import settings
from django.db import DatabaseError

from agents.selectors import live
from reviewapp.core import clock
from reviewapp.ops.checks.finding import Finding, fault, well

SIGN = "Look who changed it in the event log, then release again; the page of the agent says the same."
RENEW = "See that worker and beat run, and that the worker holds SIGNING_KEY."


def slots() -> list[Finding]:
    """Check the signed statement of every slot as a serving process does; nothing while the database is not there."""
    try:
        found = [(slug, signed) for slug in sorted(live.stamps()) if (signed := live.signed(slug)) is not None]
    except DatabaseError:
        return []
    return [_finding(slug, signed) for slug, signed in found]


def _finding(slug: str, signed: live.Signed) -> Finding:
    if signed.fault:
        return fault("slots", slug, signed.fault, SIGN if "ran out" not in signed.fault else RENEW)
    if signed.not_after is None:
        return well("slots", slug, "serves nothing")
    left = signed.not_after - clock.now()
    detail = f"signed until {signed.not_after:%Y-%m-%d %H:%M} UTC"
    # Renewed at half of the time: with a third left, the task has failed for hours.
    if left < timedelta(seconds=settings.SLOT_STATEMENT_SECONDS / 3):
        return fault("slots", slug, f"{detail} and not renewed", RENEW)
    return well("slots", slug, detail)
