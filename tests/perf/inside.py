"""The measurements' hand inside the product: sets up what is measured, by the services a person would use.

Run in the environment of a running stack; takes one JSON command a line, `{"do": name, …}`, and answers with one line.
"""

import json
import os
import sys
import time
from collections.abc import Callable
from typing import Any

import django
import orjson

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "reviewapp.settings.dev")
django.setup()

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection, transaction

from agents.contracts.spec import ContractSpec
from agents.models import Agent
from agents.runtime import artifact
from agents.runtime import decide as runtime
from agents.runtime.decide import Case
from agents.selectors import features as views
from agents.services import agents, artifacts, contracts, features, ingestion, slots
from corrections.services import queues
from reviewapp.core import clock, ids
from reviewapp.core.accounts import actors, services
from reviewapp.core.web import paging
from tests.perf import floor, terms

REVIEWERS = 8
_BACKEND = "reviewapp.core.accounts.backends.People"
_TOKEN = "m" * 32


def prepare() -> dict[str, Any]:
    """Register the measured agent, its view, contract and two policies, a queue, reviewers and keys."""
    agent = agents.register(
        slug=terms.AGENT, name="Measured loans", description="Made for measuring.", mode="decide", by=actors.SYSTEM
    )
    features.put(agent=agent, body=terms.VIEW_BODY, by=actors.SYSTEM)
    moment = clock.now().isoformat()
    rows = [
        {"entity": f"applicant-{number}", "event_time": moment, "values": terms.features(number)}
        for number in range(terms.ENTITIES)
    ]
    ingestion.ingest(view=views.definition(terms.VIEW), rows=rows, by=actors.SYSTEM)
    contract = contracts.publish(agent_id=agent.pk, body=terms.contract(), by=actors.SYSTEM)
    made = [
        artifacts.store(agent_id=agent.pk, body=terms.policy(contract.digest, intercept=point), by=actors.SYSTEM).pk
        for point in (4.0, 4.5)
    ]
    slots.switch(agent_id=agent.pk, stable=(made[0], 1), by=actors.SYSTEM)
    account = services.create_service_account(name="measured program", agent_id=agent.pk, by=None)
    _, key = services.issue_key(name="measured", scopes=["decide", "read"], service=account, by=None)
    queue = queues.configure(
        agent_id=agent.pk, agent_slug=agent.slug, code="review", name="Measured", lease_seconds=3600, by=actors.SYSTEM
    )
    with connection.cursor() as cursor:
        # Its work after bulk loads would be counted with whatever is measured at that moment.
        cursor.execute("ALTER SYSTEM SET autovacuum = off")
        cursor.execute("SELECT pg_reload_conf()")
        cursor.execute(f"CREATE TABLE {floor.TABLE} (id uuid PRIMARY KEY, document jsonb NOT NULL)")
    return {
        "key": key,
        "artifacts": made,
        "queue": str(queue.pk),
        "reviewers": [_reviewer(number, agent) for number in range(REVIEWERS)],
    }


def _reviewer(number: int, agent: Agent) -> dict[str, str]:
    user = services.create_user(
        username=f"measured-{number}",
        display_name=f"Measured {number}",
        password=f"measured horse battery {number}",
        by=actors.SYSTEM,
    )
    services.grant_role(user=user, role="reviewer", agent=agent, model=None, by=actors.SYSTEM)
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = _BACKEND
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    return {
        "key": services.issue_key(name="measured", scopes=["review", "read"], user=user, by=user)[1],
        "session": str(session.session_key),
        "token": _TOKEN,
    }


def backlog(template: str, queue: str, upto: int) -> dict[str, Any]:
    """Let tasks wait until the queue holds `upto` open ones: copies of one decision, each with an id of its own."""
    with transaction.atomic(), connection.cursor() as cursor:
        # Copies of a row that was checked need no checks again; a hundred thousand of them take a while.
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("SELECT count(*) FROM corrections_task WHERE queue_id = %s AND state = 'open'", [queue])
        more = max(0, upto - cursor.fetchone()[0])
        # What the round before left in somebody's hands: five such cases, and they would get no more.
        cursor.execute(
            "UPDATE corrections_task SET lease_holder_id = NULL, lease_until = NULL WHERE lease_holder_id > 0"
        )
        cursor.execute("SELECT column_name FROM information_schema.columns WHERE table_name = 'agents_decision'")
        columns = sorted(name for (name,) in cursor.fetchall() if name not in {"id", "idempotency_key"})
        listed = ", ".join(f'"{name}"' for name in columns)
        cursor.execute(
            f"WITH made AS (INSERT INTO agents_decision (id, {listed}) SELECT uuidv7(), {listed}"  # noqa: S608 - names come from the catalogue
            " FROM agents_decision, generate_series(1, %s) WHERE id = %s RETURNING id)"
            " INSERT INTO corrections_task (id, queue_id, decision_id, kind, seat, round, title, why, priority, due_at, state,"
            " lease_token, created_at) SELECT uuidv7(), %s, id, 'review', 1, 1, 'Measured case',"
            ' \'[{"code": "low_confidence", "text": "Unsure."}]\', (random() * 6)::int,'
            " now() + random() * interval '5 hours', 'open', 0, now() FROM made",
            [more, template, queue],
        )
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE agents_decision, corrections_task, corrections_draft, corrections_correction")
        cursor.execute("CHECKPOINT")
    return {"made": more}


def middle(queue: str) -> dict[str, Any]:
    """Return the cursor of the page in the middle of a queue."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT priority, due_at, id FROM corrections_task WHERE queue_id = %s AND state = 'open'"
            " ORDER BY priority DESC, due_at, id OFFSET (SELECT count(*) / 2 FROM corrections_task WHERE state = 'open') LIMIT 1",
            [queue],
        )
        priority, due_at, key = cursor.fetchone()
    return {"after": paging.write(str(priority), due_at.isoformat(), str(key))}


def pure(count: int) -> dict[str, Any]:
    """Return microseconds of CPU of one policy decision (20 rules, 20 features, autonomy) and of one schema check."""
    contract = ContractSpec.parse(terms.contract())
    sealed = artifact.seal(terms.policy(contract.digest))
    policy = artifact.load(sealed.content, sealed.digest)
    inputs = [{**terms.document(at), **terms.features(at)} for at in range(200)]
    cases = [Case(one, None, f"unit-{at}", ids.digest(one)) for at, one in enumerate(inputs)]
    assert runtime.decide(policy, contract, case=cases[0]).status == "auto"

    def decide(at: int) -> object:
        return runtime.decide(policy, contract, case=cases[at % 200])

    def check(at: int) -> object:
        return contract.input.validate(inputs[at % 200], prefix="input")

    return {
        "runtime_us": _micros(decide, count),
        "schema_us": _micros(check, count),
        "document_bytes": round(sum(len(orjson.dumps(terms.document(at))) for at in range(200)) / 200),
    }


def _micros(work: Callable[[int], object], count: int) -> list[float]:
    rounds = []
    for _ in range(5):
        began = time.process_time()
        for at in range(count):
            work(at)
        rounds.append((time.process_time() - began) / count * 1e6)
    return rounds


def switch(digest: str, version: int) -> dict[str, Any]:
    """Put a policy into the slot; return when the switch was committed (`time.monotonic()`)."""
    agent = Agent.objects.get(slug=terms.AGENT)
    slots.switch(agent_id=agent.pk, stable=(digest, version), by=actors.SYSTEM)
    return {"at": time.monotonic()}


def counts() -> dict[str, Any]:
    """Return how many rows the measurements left, and what still waits in the outbox."""
    found = {}
    with connection.cursor() as cursor:
        for name, table in (("decisions", "agents_decision"), ("corrections", "corrections_correction")):
            cursor.execute(f"SELECT count(*) FROM {table}")  # noqa: S608 - our own names
            found[name] = cursor.fetchone()[0]
        cursor.execute("SELECT count(*) FROM events_outboxentry")
        found["outbox"] = cursor.fetchone()[0]
    return found


COMMANDS: dict[str, Callable[..., dict[str, Any]]] = {
    "prepare": prepare,
    "backlog": backlog,
    "middle": middle,
    "pure": pure,
    "switch": switch,
    "counts": counts,
}


def main() -> None:
    """Answer commands until the other end closes."""
    for line in sys.stdin:
        asked = json.loads(line)
        answer = COMMANDS[asked.pop("do")](**asked)
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
