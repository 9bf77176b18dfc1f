"""My queues: where a reviewer's day starts."""

from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_POST

from corrections.selectors import queues, sway, today
from corrections.services import tasks
from reviewapp.core import clock
from reviewapp.core.errors import Conflict
from reviewapp.core.web import fragments, lately
from reviewapp.core.web.people import person


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """Show the person's queues, what is back with them, and what became of their corrections."""
    user, now = person(request), clock.now()
    day_began = now.astimezone(ZoneInfo(user.time_zone)).replace(hour=0, minute=0, second=0, microsecond=0)
    rows = queues.queues_for(user, now=now)
    shown = tuple(row.id for row in rows)
    flows = lately.counted(("flows", day_began, shown), lambda: today.flows(shown, now=now, day_began=day_began))
    working = [row for row in rows if row.can_work]
    reviewed = queues.reviewed_since(user, day_began)
    context = {
        "rows": [(row, flows[row.id]) for row in rows],
        "queues": rows,
        "working": working,
        "waiting": sum(row.waiting for row in working),
        "due_soon": sum(row.due_soon for row in working),
        "overdue": sum(row.overdue for row in working),
        "next_up": today.next_up(user, now=now),
        "mine": queues.my_tasks(user, now=now),
        "corrections": queues.my_corrections(user),
        "reviewed": reviewed,
        "reviewed_total": sum(reviewed.values()),
        "sway": sway.of(user, now=now),
        "agreement": today.agreement(user, now=now),
    }
    return fragments.render_page(request, "corrections/home.html", context, fragment="queues")


@require_POST
def start(request: HttpRequest) -> HttpResponse:
    """Open a task the person holds; else claim the most urgent one they may take, wherever it waits."""
    user = person(request)
    found = today.next_up(user, now=clock.now())
    if found is not None and found.held:
        return redirect("corrections:task", task_id=found.task_id)
    try:
        lease = tasks.claim(queue_id=found.queue_id, by=user) if found else None
    except Conflict as fault:
        messages.warning(request, fault.detail)
        return redirect("corrections:home")
    if lease is None:
        messages.info(request, "Nothing waits for you right now")
        return redirect("corrections:home")
    return redirect("corrections:task", task_id=lease.task_id)
