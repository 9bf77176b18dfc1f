"""Background work of the feedback plane. Every task may run twice and changes nothing the second time."""

from celery import shared_task

from corrections.services import attachments, deadlines, searching, skills, tasks, weighing
from reviewapp.core import clock
from reviewapp.core.accounts import actors


@shared_task(name="corrections.expire_leases", acks_late=True)
def expire_leases(**_: object) -> int:
    """Put back what was left lying and open overdue returned tasks to others; return how many tasks moved."""
    return sum(tasks.sweep(now=clock.now(), by=actors.SYSTEM))


@shared_task(name="corrections.keep_deadlines", acks_late=True)
def keep_deadlines(**_: object) -> int:
    """Do what queues say about deadlines that come near or are missed; return how many things were done."""
    return deadlines.run_due(now=clock.now(), by=actors.SYSTEM)


@shared_task(name="corrections.sweep_attachments", acks_late=True)
def sweep_attachments(**_: object) -> int:
    """Forget files that became part of no judgement; return how many files and contents went."""
    return sum(attachments.sweep(now=clock.now()))


@shared_task(name="corrections.keep_priorities", acks_late=True)
def keep_priorities(**_: object) -> int:
    """Weigh waiting cases again whose queue's weights changed, and add what age brings; return how many changed."""
    return weighing.sweep(now=clock.now(), by=actors.SYSTEM)


@shared_task(name="corrections.keep_searchable", acks_late=True)
def keep_searchable(**_: object) -> int:
    """Keep the words of cases and corrections that search does not find yet; return how many."""
    return searching.catch_up()


@shared_task(name="corrections.warn_of_certificates", acks_late=True)
def warn_of_certificates(**_: object) -> int:
    """Have everybody told, once, whose certificate ends soon; return how many certificates."""
    return skills.warn(now=clock.now(), by=actors.SYSTEM)
