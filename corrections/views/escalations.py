"""Escalations: the inbox, and one with its evidence."""

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from agents.selectors import story
from corrections.selectors import alike
from corrections.selectors import escalations as reading
from corrections.services import escalations as deciding
from reviewapp.core import clock
from reviewapp.core.errors import Conflict, Invalid
from reviewapp.core.web import fragments, paging
from reviewapp.core.web.people import person

# Verdict, word, what it means, key, icon.
VERDICTS = (
    ("approved", "Approve", "The correction counts from now on", "a", "circle-check"),
    ("rejected", "Reject", "It does not count, someone else judges the case", "x", "circle-x"),
    ("returned", "Return with a question", "Its author judges again, with your words", "r", "undo-2"),
)
_DONE = {
    "approved": "Approved, the correction counts now",
    "rejected": "Rejected, someone else judges the case",
    "returned": "Returned to its author with your words",
}


@require_GET
def inbox(request: HttpRequest) -> HttpResponse:
    """Show the escalations that wait, those returned, or those decided."""
    user, asked = person(request), request.GET
    state = asked.get("state", "pending")
    state = state if state in reading.STATES else "pending"
    query, for_me = asked.get("q", "").strip()[:100], asked.get("mine") == "1" and state == "pending"
    agent, overdue = asked.get("agent", "")[:80], asked.get("overdue") == "1" and state == "pending"
    now = clock.now()
    after = paging.read(asked.get("after", ""), parts=2)
    size = settings.PAGE_SIZE
    rows = reading.inbox(
        user,
        state=state,
        agent=agent,
        query=query,
        for_me=for_me,
        overdue=now if overdue else None,
        after=after,
        limit=size + 1,
    )
    last = rows[size - 1] if len(rows) > size else None
    moment = (last.due_at if state == "pending" else last.decided_at) if last else None
    context = {
        "rows": rows[:size],
        "next": paging.write(moment.isoformat(), str(last.id)) if last and moment else "",
        "paged": bool(after),
        "state": state,
        "query": query,
        "for_me": for_me,
        "agent": agent,
        "agents": reading.agents_of(user),
        "overdue": overdue,
        "tally": reading.tally(user, now=now),
    }
    return fragments.render_page(request, "corrections/escalations.html", context, fragment="rows")


@require_http_methods(["GET", "POST"])
def escalation(request: HttpRequest, escalation_id: UUID) -> HttpResponse:
    """Show an escalation, or decide it."""
    user, posted = person(request), request.POST
    errors: dict[str, str] = {}
    conflict, status = "", 200
    if request.method == "POST":
        try:
            done = deciding.decide(
                escalation_id=escalation_id,
                verdict=posted.get("verdict", ""),
                rationale=posted.get("rationale", ""),
                by=user,
            )
        except Invalid as fault:
            errors, status = fault.fields, fault.status
        except Conflict as fault:
            conflict, status = fault.detail, fault.status
        else:
            messages.success(request, _DONE[done.approval.state])
            if fragments.wants_fragment(request):
                return HttpResponse(status=204, headers={"HX-Redirect": reverse("corrections:escalations")})
            return redirect("corrections:escalations")
    one = reading.detail(escalation_id, user, now=clock.now())
    context = {
        "one": one,
        "beside": one.may_decide and alike.wait_beside(escalation_id, user),
        "story": story.of_decision(user, one.decision.id),
        "verdicts": VERDICTS,
        "errors": errors,
        "conflict": conflict,
        "rationale": posted.get("rationale", ""),
        "chosen": posted.get("verdict", ""),
    }
    return fragments.render_page(request, "corrections/escalation.html", context, fragment="decide", status=status)
