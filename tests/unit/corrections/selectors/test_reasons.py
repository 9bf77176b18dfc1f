"""Verdicts and reasons are counted."""

from datetime import timedelta

import pytest

from corrections.models import Task
from corrections.selectors import reasons
from corrections.services import corrections, tasks
from reviewapp.core import clock
from tests.factories.feedback import WORDS, flagged, room
from tests.factories.serving import person

pytestmark = pytest.mark.django_db


def test_counted__by_verdict_and_reason__with_titles():
    made = room()
    ada = person("ada", "reviewer")
    for said in (
        {"verdict": "cannot_tell", "reason_code": "information_missing", "justification": WORDS},
        {"verdict": "agree"},
    ):
        flagged(made)
        task = Task.objects.get(state="open", queue=made.standard)
        token = tasks.claim_one(task_id=task.pk, by=ada).token
        corrections.submit(task_id=task.pk, token=token, by=ada, **said)
    found = reasons.counted(made.world.agent.pk, since=clock.now() - timedelta(days=1))
    assert [(one.verdict, one.code, one.title, one.count) for one in found] == [
        ("agree", "", "", 1),
        ("cannot_tell", "information_missing", "Information is missing", 1),
    ]
    assert reasons.counted(made.world.agent.pk, since=clock.now() + timedelta(days=1)) == []
