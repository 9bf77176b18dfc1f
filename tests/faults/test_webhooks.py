"""kill -9 of the worker and of PostgreSQL while webhooks go out: every answer arrives, repeats under the same id."""

import os
import signal
from collections import defaultdict
from collections.abc import Iterator

import psycopg
import pytest

from reviewapp.ops import places
from tests.factories.receivers import Receiver
from tests.stack import Stack, until

ADD = """
from agents.models import Agent
from agents.services import webhooks
from reviewapp.core.accounts.models import User
webhooks.add(agent_id=Agent.objects.get(slug="credit").pk, url="{url}", by=User.objects.get(username="{name}"))
"""
ANSWER = """
from agents.models import Decision
from agents.services import resolutions
from reviewapp.core.accounts import actors
waiting = Decision.objects.filter(agent__slug="credit", status="review", resolution__isnull=True)
for decision in list(waiting[:40]):
    resolutions.resolve(decision_id=decision.pk, output=decision.output, source="review", by=actors.SYSTEM)
    print("answered", decision.pk)
"""

PENDING = """
    SELECT count(*) FROM agents_webhookdelivery message JOIN agents_webhookendpoint address ON address.id = message.endpoint_id
    JOIN agents_agent agent ON agent.id = address.agent_id WHERE agent.slug = 'credit' AND message.state <> 'delivered'
"""


@pytest.fixture(scope="module")
def product() -> Iterator[Stack]:
    """A running product with decisions that wait for people."""
    with Stack.started() as running:
        yield running


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    yield made
    made.server.shutdown()
    made.server.server_close()


def shell(stack: Stack, code: str) -> str:
    """Run code as an operator would, and return what it printed."""
    done = stack.manage("shell", "--command", code)
    assert done.returncode == 0, done.stderr
    return done.stdout


def pending(stack: Stack) -> int:
    """Count the credit agent's messages on their way; what waits for an address that is paused is another's."""
    with psycopg.connect(places.find(stack.state).database_url) as connection:
        row = connection.execute(PENDING).fetchone()
    assert row
    return int(row[0])


def test_kill__worker_and_database_while_sending__every_answer_arrives(product: Stack, receiver: Receiver) -> None:
    receiver.sleeps = 0.5
    shell(product, ADD.format(url=receiver.url, name=product.people["agent_developer"]["username"]))
    lines = shell(product, ANSWER).splitlines()
    answered = {line.split()[1] for line in lines if line.startswith("answered ")}
    assert len(answered) >= 10

    for name, sent in (("worker", 3), ("postgres", 9)):
        until(lambda sent=sent: len(receiver.got) >= sent, 90, lambda: product.output)
        group = product.groups()[name]
        os.kill(group, signal.SIGKILL) if name == "postgres" else os.killpg(group, signal.SIGKILL)
    until(product.healthy, 90, lambda: product.output)

    # What the dead sender held is free again after a minute: it cannot know that the receiver has it.
    until(lambda: not pending(product), 180, lambda: product.output)
    assert len(receiver.got) > len(answered), "nothing was killed in the middle"
    bodies: dict[str, set[bytes]] = defaultdict(set)
    for _, headers, body in receiver.got:
        bodies[headers["webhook-id"]].add(body)
    assert len(bodies) == len(answered)
    assert all(len(variants) == 1 for variants in bodies.values())
    told = b"".join(body for variants in bodies.values() for body in variants).decode()
    assert all(f'"subject":"{decision}"' in told for decision in answered)
