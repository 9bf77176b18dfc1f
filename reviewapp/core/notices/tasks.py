"""Background work of notices. Every task may run twice and changes nothing the second time."""

from celery import shared_task

from reviewapp.core import clock
from reviewapp.core.notices.services import reading, sending


@shared_task(name="notices.send", acks_late=True)
def send(**_: object) -> int:
    """Send what is due by e-mail and to chats; return how many messages arrived."""
    return sending.send_due(now=clock.now())


@shared_task(name="notices.forget")
def forget(**_: object) -> int:
    """Delete old notices; return how many."""
    return reading.forget(now=clock.now())
