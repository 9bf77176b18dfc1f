"""The workbench: a case, the agent's decision and why, and the review form."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from corrections.rules import releasing
from corrections.selectors import queues, taken, workbench
from corrections.services import corrections, drafts, tasks, undoing
from corrections.views import entry
from reviewapp.core import clock
from reviewapp.core.accounts.models import User
from reviewapp.core.errors import Conflict, Invalid
from reviewapp.core.web import fragments, lately, schema_rows
from reviewapp.core.web.people import person

_PAGE = "corrections/workbench.html"
_DONE = {
    "agree": "Agreement submitted",
    "correct": "Correction submitted",
    "cannot_tell": "Passed on to a senior reviewer",
    "escalate": "Escalated to a senior reviewer",
}


@require_GET
def task(request: HttpRequest, task_id: UUID) -> HttpResponse:
    """Show a case; whoever does not hold it reads along and may claim it."""
    case = workbench.case(task_id, person(request), now=clock.now())
    return fragments.render_page(
        request, _PAGE, _context(request, case, entry.form(case, case.draft)), fragment="review"
    )


@require_POST
def claim(request: HttpRequest, task_id: UUID) -> HttpResponse:
    """Claim this very case; the page says why when it cannot be had any more."""
    try:
        tasks.claim_one(task_id=task_id, by=person(request))
    except Conflict as fault:
        messages.warning(request, fault.detail)
    return redirect("corrections:task", task_id=task_id)


@require_POST
def form(request: HttpRequest, task_id: UUID) -> HttpResponse:
    """Redraw the form for another verdict or output; what was entered is kept, on the page and as the draft."""
    user = person(request)
    case = workbench.case(task_id, user, now=clock.now(), whole=False)
    posted, moved_to = schema_rows.arranged(request.POST)
    entered = entry.body(posted, case)
    drafts.save(task_id=task_id, token=case.token, body=entry.draft(entered, case, posted), by=user)
    if not fragments.wants_fragment(request):
        return redirect("corrections:task", task_id=task_id)
    shown = entry.form(case, entered, posted=posted)
    context = {**_context(request, case, shown), "redrawn": True, "moved_to": moved_to}
    return render(request, f"{_PAGE}#correction", context)


@require_http_methods(["PUT", "POST"])
def draft(request: HttpRequest, task_id: UUID) -> HttpResponse:
    """Keep what was typed, 800 ms after the last key; answers with a sentence for the status line."""
    user = person(request)
    posted = request.POST if request.method == "POST" else QueryDict(request.body)
    case = workbench.case(task_id, user, now=clock.now(), whole=False)
    body = entry.draft(entry.body(posted, case), case, posted)
    saved_at, holds = drafts.save(task_id=task_id, token=entry.token(posted), body=body, by=user)
    return render(request, f"{_PAGE}#draft", {"saved_at": saved_at, "holds": holds})


@require_POST
def submit(request: HttpRequest, task_id: UUID) -> HttpResponse:
    """Submit the correction and open the next case; faults come back at their fields with everything typed kept."""
    user = person(request)
    # A review needs its contract and draft only; what a senior settles is read like the page.
    case = taken.read(task_id, user_id=user.pk) or workbench.case(task_id, user, now=clock.now(), whole=False)
    entered = entry.body(request.POST, case)
    shown = {"explanation": True, "similar": request.POST.getlist("similar")[:20], "via": "workbench"}
    try:
        done = corrections.submit(
            task_id=task_id,
            token=entry.token(request.POST),
            shown=shown,
            client=request.headers.get("User-Agent", ""),
            contract_version=entry.version(request.POST),
            hold_seconds=settings.UNDO_SECONDS,
            by=user,
            **entered,
        )
    except Invalid as fault:
        return again(request, task_id, entered, status=422, errors=fault.fields)
    except Conflict as fault:
        keep(task_id, entry.draft(entered, case, request.POST), user)
        return again(request, task_id, entered, status=409, conflict=fault.detail)
    words = _DONE[entered["verdict"]]
    if done.why_escalated:
        words = f"{words}. A risk officer decides: {done.why_escalated[0]}"
    undo_at = reverse("corrections:undo", args=[done.correction_id]) if done.held_until else ""
    following, instead = _next(request, case.queue_id, user)
    if following is not None and fragments.wants_fragment(request):
        # The next case comes into the page that is open: its styles, scripts and notes stay, and nothing is loaded twice.
        answer = fragments.move_to(reverse("corrections:task", args=[following]))
        return fragments.toast(answer, words, undo=undo_at)
    messages.success(request, words, extra_tags=f"undo={undo_at}" if undo_at else "")
    target = reverse("corrections:task", args=[following]) if following else instead
    if fragments.wants_fragment(request):
        return HttpResponse(status=204, headers={"HX-Redirect": target})
    return redirect(target)


@require_POST
def undo(request: HttpRequest, correction_id: UUID) -> HttpResponse:
    """Take back a submission within its time, and open the case as it was."""
    try:
        task_id = undoing.undo(correction_id=correction_id, by=person(request))
    except Conflict as fault:
        messages.warning(request, fault.detail)
        return redirect("corrections:home")
    messages.info(request, "Undone: nothing had left, and everything you entered is here")
    return redirect("corrections:task", task_id=task_id)


@require_GET
def hold(request: HttpRequest, task_id: UUID) -> HttpResponse:
    """Say who holds the case; the page asks every half minute, which renews nothing."""
    found = workbench.hold(task_id, person(request), now=clock.now())
    # Told once: whoever held it asks with `held`, and the answer asks without when it is gone.
    return _hold(request, found, gone="held" in request.GET and not (found.mine and found.open))


@require_POST
def renew(request: HttpRequest, task_id: UUID) -> HttpResponse:
    """Hold the case longer: the page asks at most once a minute, while the person types, points or scrolls."""
    user = person(request)
    lost = ""
    try:
        tasks.renew(task_id=task_id, token=entry.token(request.POST), by=user)
    except Conflict as fault:
        lost = fault.detail
    return _hold(request, workbench.hold(task_id, user, now=clock.now()), gone=bool(lost), lost=lost)


@require_POST
def release(request: HttpRequest, task_id: UUID) -> HttpResponse:
    """Put the case back for others; the draft stays."""
    user = person(request)
    reason = request.POST.get("reason", "")
    tasks.release(task_id=task_id, token=entry.token(request.POST), reason=reason, by=user)
    messages.info(request, "Case put back, your draft is kept")
    return redirect("corrections:queue", queue_id=workbench.hold(task_id, user, now=clock.now()).queue_id)


def _hold(request: HttpRequest, found: workbench.Hold, *, gone: bool, lost: str = "") -> HttpResponse:
    # Told once: the page asks with `warned` from then on, and without once the hold is renewed.
    late = not gone and found.runs_out(now=clock.now())
    warned = "warned" in request.GET and late
    context = {"hold": found, "lost": lost, "gone": gone, "watching": found.mine and not gone, "late": late}
    context["tells"] = late and not warned
    context["settles"] = found.mine and not late and request.method == "POST"
    return render(request, f"{_PAGE}#hold", context)


def _next(request: HttpRequest, queue_id: UUID, user: User) -> tuple[UUID | None, str]:
    """Claim what comes next in the queue; return it, and where to go when there is nothing or the person may have no more."""
    try:
        lease = tasks.claim(queue_id=queue_id, by=user)
    except Conflict as fault:
        messages.info(request, fault.detail)
        return None, reverse("corrections:home")
    return lease.task_id if lease is not None else None, reverse("corrections:queue", args=[queue_id])


def keep(task_id: UUID, entered: dict[str, Any], user: User) -> None:
    """Keep what was entered as a draft, unless the task was submitted meanwhile."""
    try:
        drafts.save(task_id=task_id, body=entered, by=user)
    except Conflict:
        # They have submitted this very task already, from another window: there is nothing left to keep.
        return


def again(
    request: HttpRequest,
    task_id: UUID,
    entered: dict[str, Any],
    *,
    status: int,
    errors: dict[str, str] | None = None,
    conflict: str = "",
) -> HttpResponse:
    """Show the case with what was entered and what stands against it, at its fields."""
    # Read anew: a conflict means that the case is not what it was when it was opened.
    whole = not fragments.wants_fragment(request)
    case = workbench.case(task_id, person(request), now=clock.now(), whole=whole)
    shown = entry.form(case, entered, posted=request.POST, errors=errors)
    context = {**_context(request, case, shown), "conflict": conflict}
    return fragments.render_page(request, _PAGE, context, fragment="review", status=status)


def _context(request: HttpRequest, case: workbench.Case, shown: entry.Form) -> dict[str, Any]:
    listed: list[queues.TaskRow] = []
    if not fragments.wants_fragment(request):
        listed = queues.first_in(case.queue_id, person(request), now=clock.now(), limit=settings.PAGE_SIZE)
    at = next((place for place, row in enumerate(listed) if row.id == case.task_id), None)
    editable = case.mine and case.state == "open" and case.may_work
    return {
        "case": case,
        "form": shown,
        **entry.takes(case.spec),
        "hold": workbench.Hold(
            case.task_id,
            case.queue_id,
            open=case.state == "open",
            mine=case.mine,
            holder=case.holder,
            until=case.lease_until,
            token=case.token,
            lease_seconds=case.lease_seconds,
        ),
        "listed": listed,
        "waiting": lately.counted(("waiting", case.queue_id), lambda: queues.waiting(case.queue_id)) if listed else 0,
        "place": at + 1 if at is not None else None,
        "before": listed[at - 1] if at else None,
        "after": listed[at + 1] if at is not None and at + 1 < len(listed) else None,
        "verdicts": entry.VERDICTS,
        "sureness": entry.SURENESS,
        "release_reasons": releasing.REASONS,
        "editable": editable,
        "watching": editable,
    }
