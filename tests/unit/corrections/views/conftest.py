"""Signed-in browsers for the review pages."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from corrections.models import Task
from corrections.services import tasks
from reviewapp.core.accounts.models import User
from tests.factories.feedback import Room, room
from tests.factories.serving import person

Sign = Callable[..., Client]


@pytest.fixture
def made(db: Any) -> Room:
    """An agent with its queues."""
    return room()


@pytest.fixture
def sign() -> Sign:
    """Sign a new person in: `sign("reviewer")`, with `agent=` for one agent and `name=` for a second person."""

    def signed(*roles: str, agent: Any = None, name: str = "ada") -> Client:
        user = person(name, *roles, agent=agent)
        client = Client()
        client.force_login(user)
        client.user = user  # type: ignore[attr-defined]
        return client

    return signed


@pytest.fixture
def held() -> Callable[[Task, User], str]:
    """Let a person hold a task; return the token of their lease as the form carries it."""

    def hold(task: Task, by: User) -> str:
        return str(tasks.claim_one(task_id=task.pk, by=by).token)

    return hold
