"""How long a submission is held back, so that its author can undo it."""

from datetime import datetime, timedelta

# The relay looks every two seconds, and the agent's answer takes its way: what is held closer than this to the moment
# at which the contract answers for people would come too late.
MARGIN = timedelta(seconds=10)


def until(now: datetime, seconds: int, *, agent_waits_until: datetime | None) -> datetime | None:
    """Return until when a submission made at `now` is held; None when it takes effect at once.

    An agent that waits for the answer comes first: nothing is held past the moment at which the contract would answer
    it, less a margin.
    """
    if seconds <= 0:
        return None
    end = now + timedelta(seconds=seconds)
    if agent_waits_until is not None and agent_waits_until > now and end + MARGIN > agent_waits_until:
        return None
    return end
