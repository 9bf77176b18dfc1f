"""What these pages add to the navigation and to the command palette."""

from collections.abc import Iterator
from typing import Any

from django.urls import reverse

from agents.selectors import visible
from corrections.selectors import escalations, find, queues, rights
from reviewapp.core import clock
from reviewapp.core.web import nav, palette
from reviewapp.core.web.palette import Entry

nav.register(
    label="My queues",
    url_name="corrections:home",
    icon="inbox",
    group="Review",
    order=10,
    key="q",
    count=lambda user: queues.open_count(user, now=clock.now()),
)
nav.register(
    label="Escalations",
    url_name="corrections:escalations",
    icon="scale",
    group="Review",
    order=20,
    key="e",
    tone="caution",
    count=escalations.open_count,
    visible=visible.sees_any,
)
nav.register(
    label="Search",
    url_name="corrections:search",
    icon="search",
    group="Review",
    order=22,
    key="s",
    visible=visible.sees_any,
)
nav.register(
    label="Working hours",
    url_name="corrections:calendars",
    icon="hourglass",
    group="Review",
    order=25,
    visible=rights.keeps_any,
)


nav.register(
    label="Skills",
    url_name="corrections:skills",
    icon="user-check",
    group="Review",
    order=45,
    visible=visible.sees_any,
)
nav.register(
    label="Queues",
    url_name="corrections:queue-admin",
    icon="users",
    group="Review",
    order=40,
    visible=rights.keeps_any,
)


def find_queues(user: Any, typed: str) -> Iterator[Entry]:
    """Yield the queues of this name for the palette."""
    for one in find.queues(user, typed, limit=palette.GROUP_LIMIT):
        yield Entry(one.words, reverse("corrections:queue", args=[one.id]), "inbox", one.place)


def find_cases(user: Any, typed: str) -> Iterator[Entry]:
    """Yield the open cases of this title or reference for the palette."""
    for one in find.cases(user, typed, limit=palette.GROUP_LIMIT):
        yield Entry(one.words, reverse("corrections:task", args=[one.id]), "pen-line", one.place)


palette.register("Queues", find_queues)
palette.register("Cases in review", find_cases)
