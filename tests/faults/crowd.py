"""Hires a crowd of reviewers inside a running product, and lays out cases for them; prints what they need as JSON.

Run in the environment of a running stack with its demo: `python -m tests.faults.crowd REVIEWERS CASES`.
"""

import json
import os
import sys
import time
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "reviewapp.settings.dev")
django.setup()

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection, transaction

from agents.models import Agent, Decision
from corrections.models import Queue, Task
from corrections.services import seats
from reviewapp.core.accounts import actors, services
from reviewapp.core.events.models import OutboxEntry

AGENT, REF = "credit", "CROWD-"
_BACKEND = "reviewapp.core.accounts.backends.People"
_TOKEN = "m" * 32
# Below it no correction of the credit agent waits for a second person.
_SMALL = 7000


def hire(count: int, agent: Agent) -> list[dict[str, Any]]:
    """Create reviewers of an agent, each with a key and a session."""
    hired = []
    for number in range(count):
        user = services.create_user(
            username=f"crowd-{number}", display_name=f"Crowd {number}", password=None, by=actors.SYSTEM
        )
        services.grant_role(user=user, role="reviewer", agent=agent, model=None, by=actors.SYSTEM)
        session = SessionStore()
        session[SESSION_KEY] = str(user.pk)
        session[BACKEND_SESSION_KEY] = _BACKEND
        session[HASH_SESSION_KEY] = user.get_session_auth_hash()
        session.create()
        key = services.issue_key(name="crowd", scopes=["review", "read"], user=user, by=user)[1]
        hired.append({"id": user.pk, "key": key, "session": str(session.session_key), "token": _TOKEN})
    return hired


def lay_out(cases: int, queue: Queue) -> Decision:
    """Let copies of one flagged decision wait, each with all the seats of the queue; return the original."""
    flagged = Decision.objects.filter(agent_id=queue.agent_id).exclude(status="auto")
    template = flagged.filter(input__credit_amount__lt=_SMALL, output__isnull=False).earliest("decided_at")
    with transaction.atomic(), connection.cursor() as cursor:
        # Copies of a row that was checked need no checks again.
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("SELECT column_name FROM information_schema.columns WHERE table_name = 'agents_decision'")
        columns = sorted({name for (name,) in cursor.fetchall()} - {"id", "idempotency_key", "case_ref"})
        listed = ", ".join(f'"{name}"' for name in columns)
        cursor.execute(
            f"WITH made AS (INSERT INTO agents_decision (id, case_ref, {listed}) SELECT uuidv7(), %s || n, {listed}"  # noqa: S608 - names come from the catalogue
            " FROM agents_decision, generate_series(1, %s) n WHERE id = %s RETURNING id)"
            " INSERT INTO corrections_task (id, queue_id, decision_id, kind, seat, round, title, why, priority, due_at, state,"
            " lease_token, created_at) SELECT uuidv7(), %s, id, 'review', seat, 1, 'Case of the crowd',"
            ' \'[{"code": "low_confidence", "text": "Unsure."}]\', (random() * 6)::int,'
            " now() + random() * interval '5 hours', 'open', 0, now() FROM made, generate_series(1, %s) seat",
            [REF, cases, template.pk, queue.pk, queue.seats],
        )
    return template


def clear(queue: Queue) -> None:
    """Close what the demo left open in the queue, once all of it has been opened: the crowd's own cases are counted."""
    while OutboxEntry.objects.exists():
        time.sleep(0.2)
    for decision in Task.objects.filter(queue=queue, state=Task.State.OPEN).values_list("decision_id", flat=True):
        with transaction.atomic():
            seats.cancel_all(decision_id=decision, by=actors.SYSTEM)


def main() -> None:
    """Hire, lay out, and tell."""
    reviewers, cases = int(sys.argv[1]), int(sys.argv[2])
    agent = Agent.objects.get(slug=AGENT)
    queue = Queue.objects.get(agent=agent, is_default=True)
    clear(queue)
    template = lay_out(cases, queue)
    told = {
        "queue": str(queue.pk),
        "reviewers": hire(reviewers, agent),
        "decided": (template.output or {}).get("decision", ""),
        "amount": template.input["credit_amount"],
    }
    print(json.dumps(told))


if __name__ == "__main__":
    main()
