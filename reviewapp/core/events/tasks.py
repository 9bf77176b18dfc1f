"""The relay as a Celery task: woken by commits, swept by beat."""

import time

from celery import shared_task

from reviewapp.core import clock
from reviewapp.core.events import relay

# A worker gives the line back after this many seconds, so that a long backlog does not starve its other tasks.
_BUDGET_SECONDS = 10.0


@shared_task(name="events.relay", acks_late=True)
def relay_events(**_: object) -> int:
    """Hand on events until none is due or the time budget is spent; return how many."""
    began = time.monotonic()
    handed = 0
    while time.monotonic() - began < _BUDGET_SECONDS and relay.relay_one(clock.now()):
        handed += 1
    return handed
