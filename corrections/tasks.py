"""Background work of the feedback plane. Every task may run twice and changes nothing the second time."""

from celery import shared_task

from corrections.services import tasks
from reviewapp.core import clock
from reviewapp.core.accounts import actors


@shared_task(name="corrections.expire_leases", acks_late=True)
def expire_leases(**_: object) -> int:
    """Put back what was left lying and open overdue returned tasks to others; return how many tasks moved."""
    return sum(tasks.sweep(now=clock.now(), by=actors.SYSTEM))
