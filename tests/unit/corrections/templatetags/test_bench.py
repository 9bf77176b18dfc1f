"""The list beside a case."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from corrections.selectors.queues import TaskRow
from corrections.templatetags import bench
from reviewapp.core import clock
from reviewapp.core.web.templatetags import ui

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
ONE = UUID("01a207ab-f279-7e8a-8b09-3df7c2f60acf")


@pytest.fixture(autouse=True)
def _noon(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOW)


def _row(**changes) -> TaskRow:
    plain = {
        "id": ONE,
        "queue_id": UUID(int=1),
        "title": "A loan",
        "why": "Unsure.",
        "kind": "review",
        "seat": 1,
        "priority": 1,
        "created_at": NOW - timedelta(hours=1),
        "due_at": NOW + timedelta(hours=1),
        "case_ref": "",
        "held_by": "",
        "mine": False,
    }
    return TaskRow(**{**plain, **changes})


def test_queue_items__what_people_typed__is_escaped():
    drawn = bench.queue_items([_row(case_ref="<i>1", why="<b>x", held_by="<u>")], UUID(int=2))

    assert "<i>" not in drawn
    assert "<b>" not in drawn
    assert "With &lt;u&gt;. &lt;b&gt;x" in drawn
    assert f'href="/tasks/{ONE}/"' in drawn


@pytest.mark.parametrize(
    ("changes", "current", "words"),
    [
        ({"mine": True}, UUID(int=2), ">Held by you. Unsure.<"),
        ({"mine": True}, ONE, ">Unsure.<"),
        ({"seat": 2}, UUID(int=2), ">Second opinion. Unsure.<"),
        ({"why": "long " * 30}, UUID(int=2), "…<"),
        ({"case_ref": "R-" + "1" * 40}, UUID(int=2), "R-111111111111111111111…"),
    ],
)
def test_queue_items__standing__is_said(changes, current, words):
    drawn = bench.queue_items([_row(**changes)], current)

    assert words in drawn
    assert ('aria-current="true"' in drawn) == (current == ONE)


def test_deadline_ring__any_deadline__is_the_small_tag():
    for minutes in (-30, 5, 50, 600):
        due, since = NOW + timedelta(minutes=minutes), NOW - timedelta(hours=1)

        assert ui.deadline_ring(due, since, NOW) == ui.sla({}, due, since, small=True)
        assert ui.deadline_ring(due, None, NOW) == ui.sla({}, due, None, small=True)
