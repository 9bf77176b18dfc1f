"""The workbench: a case, the agent's decision and why, and the review form."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from corrections.selectors import queues, workbench
from corrections.services import corrections, drafts, tasks
from corrections.views import entry
from corrections.views.people import person
from reviewapp.core import clock
from reviewapp.core.errors import Conflict, Invalid
from reviewapp.core.web import fragments

_LISTED = 14


@require_GET
def task(request: HttpRequest, task_id: UUID) -> HttpResponse:
    """Show a case; whoever does not hold it reads along and may claim it."""
    user = person(request)
    case = workbench.case(task_id, user, now=clock.now())
    return render(request, "corrections/workbench.html", _context(request, case, entry.form(case, case.draft)))


@require_POST
def claim(request: HttpRequest, task_id: UUID) -> HttpResponse:
    """Claim this very case."""
    tasks.claim_one(task_id=task_id, by=person(request))
    return redirect("corrections:task", task_id=task_id)


@require_POST
def form(request: HttpRequest, task_id: UUID) -> HttpResponse:
    """Return the form again for another verdict or output; keeps what was entered, and saves it as the draft."""
    user = person(request)
    case = workbench.case(task_id, user, now=clock.now())
    entered = entry.body(request.POST, case)
    drafts.save(task_id=task_id, token=case.token, body=entered, by=user)
    shown = entry.form(case, entered, posted=request.POST)
    if not fragments.wants_fragment(request):
        return redirect("corrections:task", task_id=task_id)
    return render(request, "corrections/workbench.html#review", _context(request, case, shown))


@require_http_methods(["PUT", "POST"])
def draft(request: HttpRequest, task_id: UUID) -> HttpResponse:
    """Keep what was typed, 800 ms after the last key; answers with a sentence for the status line."""
    user = person(request)
    posted = request.POST if request.method == "POST" else QueryDict(request.body)
    case = workbench.case(task_id, user, now=clock.now())
    saved_at, holds = drafts.save(task_id=task_id, token=case.token, body=entry.body(posted, case), by=user)
    return render(request, "corrections/workbench.html#draft", {"saved_at": saved_at, "holds": holds, "case": case})


@require_POST
def submit(request: HttpRequest, task_id: UUID) -> HttpResponse:
    """Submit the correction and open the next case; faults come back at their fields with everything typed kept."""
    user = person(request)
    case = workbench.case(task_id, user, now=clock.now())
    entered = entry.body(request.POST, case)
    token = request.POST.get("token", "")
    try:
        done = corrections.submit(
            task_id=task_id,
            token=int(token) if token.lstrip("-").isdigit() else -1,
            shown={"trace": True, "similar": [str(one.decision_id) for one in case.similar], "via": "workbench"},
            client=request.headers.get("User-Agent", ""),
            by=user,
            **entered,
        )
    except Invalid as fault:
        shown = entry.form(case, entered, posted=request.POST, errors=fault.fields)
        return _again(request, case, shown, status=422)
    except Conflict as fault:
        if fault.code != "task_closed":
            drafts.save(task_id=task_id, token=case.token, body=entered, by=user)
        shown = entry.form(case, entered, posted=request.POST)
        return _again(request, case, shown, status=409, conflict=fault.detail)
    words = (
        f"Submitted. {done.why_escalated[0]} A risk officer decides." if done.escalation_id else "Submitted. Thank you."
    )
    messages.success(request, words)
    target = _next(case, user)
    if fragments.wants_fragment(request):
        return HttpResponse(status=204, headers={"HX-Redirect": target.url})
    return target


@require_POST
def renew(request: HttpRequest, task_id: UUID) -> HttpResponse:
    """Hold the case longer, as long as the person works on it."""
    token = request.POST.get("token", "")
    try:
        lease = tasks.renew(task_id=task_id, token=int(token) if token.isdigit() else -1, by=person(request))
    except Conflict as fault:
        return render(request, "corrections/workbench.html#hold", {"lost": fault.detail}, status=200)
    return render(request, "corrections/workbench.html#hold", {"until": lease.until})


@require_POST
def release(request: HttpRequest, task_id: UUID) -> HttpResponse:
    """Put the case back for others; the draft stays."""
    user = person(request)
    case = workbench.case(task_id, user, now=clock.now())
    tasks.release(task_id=task_id, token=case.token, reason=request.POST.get("reason", ""), by=user)
    messages.info(request, "Put back. Your draft is kept.")
    return redirect("corrections:queue", queue_id=case.queue_id)


def _next(case: workbench.Case, user: Any) -> Any:
    try:
        lease = tasks.claim(queue_id=case.queue_id, by=user)
    except Conflict:
        return redirect("corrections:home")
    if lease is None:
        return redirect("corrections:queue", queue_id=case.queue_id)
    return redirect("corrections:task", task_id=lease.task_id)


def _again(
    request: HttpRequest, case: workbench.Case, shown: entry.Form, *, status: int, conflict: str = ""
) -> HttpResponse:
    context = {**_context(request, case, shown), "conflict": conflict}
    return fragments.render_page(request, "corrections/workbench.html", context, fragment="review", status=status)


def _context(request: HttpRequest, case: workbench.Case, shown: entry.Form) -> dict[str, Any]:
    whole = not fragments.wants_fragment(request)
    listed = []
    if whole:
        user = person(request)
        listed = queues.tasks_in(queues.queue_for(user, case.queue_id), user, now=clock.now(), limit=_LISTED)
    index = next((at for at, row in enumerate(listed) if row.id == case.task_id), None)
    return {
        "case": case,
        "form": shown,
        "listed": listed,
        "before": listed[index - 1] if index else None,
        "after": listed[index + 1] if index is not None and index + 1 < len(listed) else None,
        "verdicts": entry.VERDICTS,
        "sureness": entry.SURENESS,
        "editable": case.mine and case.state == "open" and case.may_work,
    }
