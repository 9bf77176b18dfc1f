"""One thing the doctor looked at."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found about a subject, in one sentence each: the detail, and for a fault what to do about it."""

    area: str
    subject: str
    ok: bool
    detail: str
    mend: str = ""


def well(area: str, subject: str, detail: str) -> Finding:
    """Return a finding that needs nobody."""
    return Finding(area, subject, ok=True, detail=detail)


def fault(area: str, subject: str, detail: str, mend: str) -> Finding:
    """Return a finding that somebody must mend."""
    return Finding(area, subject, ok=False, detail=detail, mend=mend)
