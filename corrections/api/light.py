"""Claim, read and submit for programs with a personal key: what is ordinary, by a statement or two each.

None is for `corrections.api.tasks` and `corrections.api.queues` to answer: everything that takes more to tell.
"""

from io import BytesIO
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from rest_framework.exceptions import APIException

from corrections.api import inputs, people, present
from corrections.selectors import taken
from corrections.services import claiming, submitting
from reviewapp.core.web import light
from reviewapp.core.web.parsers import JSONParser


@csrf_exempt
def claim(request: HttpRequest, queue_id: UUID) -> HttpResponse | None:
    """Claim the most urgent task of a queue."""
    if request.method != "POST" or (holder := light.person(request, people.REVIEW)) is None:
        return None
    try:
        found = claiming.claim(queue_id=queue_id, key_id=holder.key_id, by=holder.actor)
    except claiming.Unsure:
        return None
    if found is None:
        return light.nothing(allow="OPTIONS, POST")
    return light.answer(present.task(found), allow="OPTIONS, POST")


def task(request: HttpRequest, task_id: UUID) -> HttpResponse | None:
    """Read a task."""
    if request.method != "GET" or (holder := light.person(request, people.READ)) is None:
        return None
    found = taken.read(task_id, user_id=int(holder.actor.id), key_id=holder.key_id)
    return light.answer(present.task(found), allow="GET, OPTIONS") if found is not None else None


@csrf_exempt
def correct(request: HttpRequest, task_id: UUID) -> HttpResponse | None:
    """Submit a judgement."""
    if request.method != "POST" or (holder := light.person(request, people.REVIEW)) is None:
        return None
    raw = light.content(request)
    try:
        entered = inputs.correction(JSONParser().parse(BytesIO(raw))) if raw is not None else None
    except APIException:
        return None
    if entered is None:
        return None
    client = request.META.get("HTTP_USER_AGENT", "")
    done = submitting.submit(
        task_id=task_id, key_id=holder.key_id, client=client, shown={"via": "api"}, by=holder.actor, **entered
    )
    if done is None:
        return None
    told = {"id": done.correction_id, "escalation": None, "why_escalated": []}
    return light.answer(told, allow="OPTIONS, POST", status=201)
