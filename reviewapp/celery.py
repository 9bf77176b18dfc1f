"""Celery: the queues and the whole beat table, in one place.

Importing this module also tells the event spine how to wake the relay after a commit.
"""

import os

from celery import Celery
from kombu import Queue

from reviewapp.core import wake

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "reviewapp.settings.dev")

# Beat only tells others what is due: it needs neither the apps nor their tasks, which are most of a process's memory.
_TELLS_ONLY = os.environ.get("COUNTERSIGN_ROLE") == "beat"

app = Celery("countersign", fixups=[] if _TELLS_ONLY else None)
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.update(
    task_queues=[Queue("default"), Queue("events"), Queue("learning")],
    task_default_queue="default",
    task_routes={"events.*": {"queue": "events"}, "policies.build": {"queue": "learning"}},
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    worker_prefetch_multiplier=1,
    task_ignore_result=True,
    task_time_limit=900,
    task_soft_time_limit=840,
    broker_connection_retry_on_startup=True,
    # A task whose worker died is handed out again after the visibility timeout: longer than the hard limit above, or it
    # would run twice. A broker that accepts no connection, or hangs, must not hold a web thread for long: a worker
    # waits for a message at most a second at a time, so three are enough for it too.
    broker_transport_options={"visibility_timeout": 1200, "socket_connect_timeout": 2, "socket_timeout": 3},
    # A web request that cannot reach the broker gives up at once: the beat sweep finds what it recorded.
    task_publish_retry=False,
    worker_hijack_root_logger=False,
    timezone="UTC",
    beat_schedule={
        "events.sweep": {"task": "events.relay", "schedule": 2.0, "options": {"queue": "events", "expires": 4}},
        # Each expires before the next is due: turns do not pile up behind a worker that is busy.
        "agents.drain_features": {"task": "agents.drain_features", "schedule": 2.0, "options": {"expires": 2}},
        "agents.follow_features": {"task": "agents.follow_features", "schedule": 15.0, "options": {"expires": 15}},
        "agents.months_ahead": {"task": "agents.months_ahead", "schedule": 3600.0, "options": {"expires": 3600}},
        "agents.retain": {"task": "agents.retain", "schedule": 3600.0, "options": {"expires": 3600}},
        "agents.forget_webhooks": {"task": "agents.forget_webhooks", "schedule": 3600.0, "options": {"expires": 3600}},
        "corrections.expire_leases": {
            "task": "corrections.expire_leases",
            "schedule": 60.0,
            "options": {"expires": 60},
        },
        "corrections.keep_deadlines": {
            "task": "corrections.keep_deadlines",
            "schedule": 15.0,
            "options": {"expires": 15},
        },
        "corrections.keep_priorities": {
            "task": "corrections.keep_priorities",
            "schedule": 120.0,
            "options": {"expires": 120},
        },
        "corrections.warn_of_certificates": {
            "task": "corrections.warn_of_certificates",
            "schedule": 3600.0,
            "options": {"expires": 3600},
        },
        # What came before there was a search, and what a restored copy of the tables lacks.
        "corrections.keep_searchable": {
            "task": "corrections.keep_searchable",
            "schedule": 300.0,
            "options": {"expires": 300},
        },
        "corrections.sweep_attachments": {
            "task": "corrections.sweep_attachments",
            "schedule": 3600.0,
            "options": {"expires": 3600},
        },
        "agents.renew_slots": {"task": "agents.renew_slots", "schedule": 60.0, "options": {"expires": 60}},
        "agents.fire_timeouts": {"task": "agents.fire_timeouts", "schedule": 5.0, "options": {"expires": 5}},
        "agents.watch_incidents": {"task": "agents.watch_incidents", "schedule": 15.0, "options": {"expires": 15}},
        "agents.send_webhooks": {"task": "agents.send_webhooks", "schedule": 2.0, "options": {"expires": 2}},
        "notices.send": {"task": "notices.send", "schedule": 5.0, "options": {"expires": 5}},
        "notices.forget": {"task": "notices.forget", "schedule": 3600.0, "options": {"expires": 3600}},
        "policies.sweep_builds": {"task": "policies.sweep_builds", "schedule": 10.0, "options": {"expires": 10}},
        "policies.guard_releases": {"task": "policies.guard_releases", "schedule": 5.0, "options": {"expires": 5}},
    },
)
if not _TELLS_ONLY:
    app.autodiscover_tasks(["reviewapp.core.events", "reviewapp.core.notices", "agents", "corrections", "policies"])


def _wake_relay() -> None:
    app.send_task("events.relay", queue="events", expires=30)


# Long enough to make one message of what a busy room commits, short enough that nobody sees a case settle late.
_GATHER_SECONDS = 0.1
wake.use(wake.Gathered(_wake_relay, _GATHER_SECONDS))
