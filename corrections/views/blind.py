"""Step one of a blind case: a judgement of one's own, before the agent's decision is shown."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from corrections.selectors import workbench as reading
from corrections.services import blind
from corrections.views import entry, workbench
from reviewapp.core import clock
from reviewapp.core.errors import Conflict, Invalid
from reviewapp.core.web import fragments
from reviewapp.core.web.people import person

_WORDS = "Your judgement is kept. This is what the agent decided"


@require_POST
def judge(request: HttpRequest, task_id: UUID) -> HttpResponse:
    """Record the judgement and show the whole case; faults come back at their fields with everything typed kept."""
    user = person(request)
    case = reading.case(task_id, user, now=clock.now(), whole=False)
    entered = entry.body(request.POST, case)
    try:
        blind.record(
            task_id=task_id,
            token=entry.token(request.POST),
            output=None if "cannot_tell" in request.POST else entered["output"] or {},
            justification=entered["justification"],
            confidence=entered["confidence"],
            contract_version=entry.version(request.POST),
            by=user,
        )
    except Invalid as fault:
        return workbench.again(request, task_id, entered, status=422, errors=fault.fields)
    except Conflict as fault:
        workbench.keep(task_id, entry.draft(entered, case, request.POST), user)
        return workbench.again(request, task_id, entered, status=409, conflict=fault.detail)
    target = reverse("corrections:task", args=[task_id])
    if fragments.wants_fragment(request):
        return fragments.toast(fragments.move_to(target), _WORDS)
    messages.info(request, _WORDS)
    return redirect(target)
