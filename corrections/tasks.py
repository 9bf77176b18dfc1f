"""Background work of the feedback plane. Every task may run twice and changes nothing the second time."""

from celery import shared_task

from corrections.services import tasks as leases
from reviewapp.core import clock


@shared_task(name="corrections.expire_leases", queue="default", acks_late=True)
def expire_leases(**_: object) -> int:
    """Clear leases that ran out; return how many."""
    return leases.expire_leases(now=clock.now())
