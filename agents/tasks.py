"""Background work of the execution plane. Every task may run twice and changes nothing the second time."""

from celery import shared_task

from agents.services import slots
from reviewapp.core.accounts import actors


@shared_task(name="agents.renew_slots", acks_late=True)
def renew_slots(**_: object) -> int:
    """Renew what slots signed before it runs out; return how many statements were renewed."""
    return slots.renew_due(by=actors.SYSTEM)
