"""My queues: where a reviewer's day starts."""

from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_POST

from corrections.selectors import queues, today
from corrections.services import tasks
from reviewapp.core import clock
from reviewapp.core.web import fragments
from reviewapp.core.web.people import person


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """Show the person's queues, what is back with them, and what became of their corrections."""
    user, now = person(request), clock.now()
    day_began = now.astimezone(ZoneInfo(user.time_zone)).replace(hour=0, minute=0, second=0, microsecond=0)
    rows = queues.queues_for(user, now=now)
    flows = today.flows([row.id for row in rows], now=now, day_began=day_began)
    working = [row for row in rows if row.can_work]
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
        "reviewed": queues.reviewed_since(user, day_began),
        "agreement": today.agreement(user, now=now),
    }
    context["reviewed_total"] = sum(context["reviewed"].values())
    return fragments.render_page(request, "corrections/home.html", context, fragment="queues")


@require_POST
def start(request: HttpRequest) -> HttpResponse:
    """Claim the most urgent task the person may take, wherever it waits, and open it."""
    user = person(request)
    queue_id = queues.next_queue(user, now=clock.now())
    lease = tasks.claim(queue_id=queue_id, by=user) if queue_id else None
    if lease is None:
        messages.info(request, "Nothing waits for you right now")
        return redirect("corrections:home")
    return redirect("corrections:task", task_id=lease.task_id)
