"""Putting a case back: which reasons there are, and what of them whoever comes next is told."""

from collections.abc import Sequence

REASONS = ("No time for it now", "Not my subject", "I know the person it is about", "Opened by mistake")
CODE = "put_back"


def noted(why: Sequence[dict[str, str]], reason: str) -> list[dict[str, str]]:
    """Return why a task is there with the reason for which it was put back last.

    Only a reason of the list is told: in words of their own people would tell what they think of the case, and reviewers
    judge independently. The event keeps every reason.
    """
    kept = [one for one in why if one["code"] != CODE]
    return [*kept, {"code": CODE, "text": reason}] if reason in REASONS else kept
