"""Two hundred people review at once, and the web process is killed among them: no case is given twice, nothing is lost.

What each of them was told is compared with tasks, drafts, corrections and the log.
"""

import asyncio
import itertools
import json
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest

from reviewapp.ops import places
from tests.faults.reviewers import Journal, Place, at_work
from tests.faults.test_under_load import hurt
from tests.stack import CHECKOUT, Stack, until

REVIEWERS, CASES, MOST = 200, 400, 5
OURS = "decision_id IN (SELECT id FROM agents_decision WHERE case_ref LIKE 'CROWD-%')"
EVENTS = """
    SELECT type, data->>'task', actor_id, data->>'correction' FROM events_event
    WHERE type IN ('task.claimed', 'task.released', 'task.handed_over', 'correction.submitted') AND subject_type = 'decision'
      AND subject_id IN (SELECT id::text FROM agents_decision WHERE case_ref LIKE 'CROWD-%')
"""


@pytest.fixture(scope="module")
def product() -> Iterator[Stack]:
    """A running product with its demo."""
    with Stack.started() as running:
        until(lambda: "worker" in running.groups(), 60, lambda: running.output)
        yield running


@pytest.fixture(scope="module")
def prepared(product: Stack) -> dict[str, Any]:
    """The crowd and its cases."""
    shared = places.read_environment(product.state / "stack.env")
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults.crowd", str(REVIEWERS), str(CASES)],
        cwd=CHECKOUT,
        env={**product.variables(), **shared, "DJANGO_SETTINGS_MODULE": "reviewapp.settings.dev"},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def test_crowd__web_killed_among_them__no_case_twice_no_draft_and_no_submission_lost(
    product: Stack, prepared: dict[str, Any]
) -> None:
    # In a thread of its own: a browser test before this one leaves its loop running in the main thread.
    with ThreadPoolExecutor(max_workers=1) as pool:
        journal = pool.submit(lambda: asyncio.run(_work(product, prepared))).result()
    print(dict(journal.told), len(journal.holds), "holds", len(journal.submitted), "submitted")

    assert journal.wrong == []
    assert any(name.endswith("Error") for name in journal.told), "nobody was interrupted"
    tasks, drafts, corrections, events = _stored(product)
    _no_case_twice(journal, tasks, events)
    _no_submission_lost(journal, tasks, corrections, events)
    _no_draft_lost(journal, drafts, corrections)
    # What followed is whole too: two judgements of a case became one consensus, or a senior's task.
    judged = Counter(decision for _, decision, *_ in corrections)
    assert set(judged.values()) <= {1, 2}
    both = sorted(decision for decision, count in judged.items() if count == 2)
    until(lambda: _followed(product) == both, 180, lambda: f"{len(_followed(product))} of {len(both)}")


async def _work(product: Stack, prepared: dict[str, Any]) -> Journal:
    place = Place(product.url, prepared["queue"], prepared["decided"], prepared["amount"])
    async with at_work(prepared["reviewers"], place, most=MOST) as journal:
        while len(journal.submitted) < REVIEWERS // 2:
            await asyncio.sleep(0.1)
        await asyncio.to_thread(hurt, product, "web", signal.SIGKILL)
    return journal


def _stored(product: Stack) -> tuple[list[Any], list[Any], list[Any], list[Any]]:
    with psycopg.connect(places.find(product.state).database_url) as connection:
        return (
            connection.execute(
                f"SELECT id::text, lease_token, lease_holder_id, state, decision_id FROM corrections_task WHERE {OURS}"  # noqa: S608
            ).fetchall(),
            connection.execute(
                "SELECT task_id::text, reviewer_id, body->>'justification', username FROM corrections_draft"
                " JOIN accounts_user who ON who.id = reviewer_id"
            ).fetchall(),
            connection.execute(
                "SELECT id::text, decision_id::text, task_id::text, author_id, justification, lease_token"  # noqa: S608
                f" FROM corrections_correction WHERE {OURS}"
            ).fetchall(),
            connection.execute(EVENTS).fetchall(),
        )


def _followed(product: Stack) -> list[str]:
    with psycopg.connect(places.find(product.state).database_url) as connection:
        found = connection.execute(
            f"SELECT decision_id::text FROM corrections_consensus WHERE authoritative AND {OURS} UNION ALL"  # noqa: S608
            f" SELECT decision_id::text FROM corrections_task WHERE kind = 'adjudication' AND {OURS}"
        ).fetchall()
    return sorted(decision for (decision,) in found)


def _no_case_twice(journal: Journal, tasks: list[Any], events: list[Any]) -> None:
    assert {key: people for key, people in journal.holds.items() if len(people) > 1} == {}
    # At the reviewers' end: nobody was told that a case is theirs before the one before them had begun to give it up.
    for task in {task for task, *_ in journal.spans}:
        spans = sorted((begun, ended) for of, _, begun, ended in journal.spans if of == task)
        assert all(before[1] < after[0] for before, after in itertools.pairwise(spans)), (task, spans)
    # Nobody holds two seats of one case.
    held = Counter((decision, holder) for _, _, holder, _, decision in tasks if holder is not None)
    assert [key for key, count in held.items() if count > 1] == []
    # In the log: each claim raised the token once, and all but the last were given up.
    counts = Counter((kind, task) for kind, task, *_ in events)
    for task, token, holder, *_ in tasks:
        claimed, handed, released, submitted = (
            counts[kind, task] for kind in ("task.claimed", "task.handed_over", "task.released", "correction.submitted")
        )
        assert claimed + handed == token, task
        assert claimed - released - submitted == (holder is not None), task


def _no_submission_lost(journal: Journal, tasks: list[Any], corrections: list[Any], events: list[Any]) -> None:
    stored = {(task, author): (text, token, own) for own, _, task, author, text, token in corrections}
    assert len(stored) == len(corrections)
    assert stored.keys() == journal.submitted.keys()
    for key, (text, token, told) in journal.submitted.items():
        assert stored[key][:2] == (text, token)
        assert told in {"page", stored[key][2]}, key
    logged = Counter(correction for kind, _, _, correction in events if kind == "correction.submitted")
    assert logged == Counter(own for own, *_ in corrections)
    assert sorted(task for task, _, _, state, _ in tasks if state == "done") == sorted(task for task, _ in stored)


def _no_draft_lost(journal: Journal, drafts: list[Any], corrections: list[Any]) -> None:
    kept = {(task, person): text for task, person, text, _ in drafts}
    became = {(task, author) for _, _, task, author, _, _ in corrections}
    for key, said in journal.drafts.items():
        confirmed = max((at for at, (_, sure) in enumerate(said) if sure), default=None)
        if confirmed is None or key in became:
            continue
        assert kept.get(key) in [text for text, _ in said[confirmed:]], key
    assert not became & kept.keys()
    # What was handed over lies with the colleague too, until they submit.
    assert journal.handed, "nobody handed a case over"
    named = {(task, name): text for task, _, text, name in drafts}
    done = {task for task, _ in became}
    for (task, giver), (colleague, copied) in journal.handed.items():
        if copied and task not in done:
            assert named[task, colleague] == journal.drafts[task, giver][-1][0], (task, colleague)
