"""Background work of the execution plane. Every task may run twice and changes nothing the second time."""

from celery import shared_task

from agents.services import delivered, deliveries, feature_stream, incidents, months, online, retention, slots, timeouts
from reviewapp.core import clock
from reviewapp.core.accounts import actors


@shared_task(name="agents.renew_slots", acks_late=True)
def renew_slots(**_: object) -> int:
    """Renew what slots signed before it runs out; return how many statements were renewed."""
    return slots.renew_due(by=actors.SYSTEM)


@shared_task(name="agents.drain_features")
def drain_features(**_: object) -> int:
    """Take in what waits in the feature stream; return how many entries."""
    done = feature_stream.drain()
    return done.taken if done else 0


@shared_task(name="agents.follow_features")
def follow_features(**_: object) -> int:
    """Bring to Redis what it missed of the features; return how many values."""
    return online.follow() or 0


@shared_task(name="agents.months_ahead")
def months_ahead(**_: object) -> int:
    """Make the coming months' partitions of decisions and of the feature history; return how many."""
    return months.ahead(now=clock.now())


@shared_task(name="agents.retain")
def retain(**_: object) -> int:
    """Detach the months of decisions and features whose time is over; return how many."""
    return len(retention.detach_due(now=clock.now(), by=actors.SYSTEM))


@shared_task(name="agents.forget_webhooks")
def forget_webhooks(**_: object) -> int:
    """Delete messages to webhooks that arrived long ago; return how many."""
    return delivered.forget_due(now=clock.now(), by=actors.SYSTEM)


@shared_task(name="agents.fire_timeouts", acks_late=True)
def fire_timeouts(**_: object) -> int:
    """Give agents whose reviews are overdue what their contracts promised; return how many."""
    return timeouts.fire_due(now=clock.now(), by=actors.SYSTEM)


@shared_task(name="agents.send_webhooks", acks_late=True)
def send_webhooks(**_: object) -> int:
    """Send what is due to webhooks; return how many messages."""
    return deliveries.send_due(now=clock.now(), by=actors.SYSTEM)


@shared_task(name="agents.watch_incidents", acks_late=True)
def watch_incidents(**_: object) -> int:
    """Begin and end incidents by what no event tells of; return how many go on."""
    return incidents.look(now=clock.now(), by=actors.SYSTEM)
