"""Claim, read and submit for programs with a personal key: what is ordinary, by a statement or two each.

What takes more to tell goes the whole way, to `corrections.api.queues` and `corrections.api.tasks`.
"""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse

from corrections.api import inputs, people, present
from corrections.selectors import taken
from corrections.services import claiming, submitting
from reviewapp.core.web import light

_BY_POST, _BY_GET = "OPTIONS, POST", "GET, OPTIONS"


def claim(request: HttpRequest, queue_id: UUID) -> HttpResponse:
    """Claim the most urgent task of a queue."""
    holder = light.person(request, "POST", people.REVIEW)
    try:
        found = claiming.claim(queue_id=queue_id, key_id=holder.key_id, by=holder.actor)
    except claiming.Unsure:
        raise light.WholeWay from None
    return (
        light.answer(present.task(found.without_answer), allow=_BY_POST)
        if found is not None
        else light.nothing(allow=_BY_POST)
    )


def task(request: HttpRequest, task_id: UUID) -> HttpResponse:
    """Read a task."""
    holder = light.person(request, "GET", people.READ)
    found = taken.read(task_id, user_id=int(holder.actor.id), key_id=holder.key_id)
    # Of a sealed one it depends on their rights what they may read.
    if found is None or found.sealed:
        raise light.WholeWay
    return light.answer(present.task(found), allow=_BY_GET)


def correct(request: HttpRequest, task_id: UUID) -> HttpResponse:
    """Submit a judgement."""
    holder = light.person(request, "POST", people.REVIEW)
    entered = inputs.correction(light.content(request))
    if entered is None:
        raise light.WholeWay
    client = request.META.get("HTTP_USER_AGENT", "")
    done = submitting.submit(
        task_id=task_id, key_id=holder.key_id, client=client, shown={"via": "api"}, by=holder.actor, **entered
    )
    if done is None:
        raise light.WholeWay
    told: dict[str, Any] = {"id": done.correction_id, "escalation": None, "why_escalated": []}
    return light.answer(told, allow=_BY_POST, status=201)
