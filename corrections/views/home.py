"""My queues: where a reviewer's day starts."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_POST

from corrections.selectors import queues
from corrections.services import tasks
from corrections.views.people import person
from reviewapp.core import clock
from reviewapp.core.web import fragments


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """Show the person's queues, what is back with them, and what became of their corrections."""
    user, now = person(request), clock.now()
    rows = queues.queues_for(user, now=now)
    working = [row for row in rows if row.can_work]
    context = {
        "queues": rows,
        "waiting": sum(row.waiting for row in working),
        "due_soon": sum(row.due_soon for row in working),
        "overdue": sum(row.overdue for row in working),
        "next_queue": queues.next_queue(user, now=now),
        "mine": queues.my_tasks(user, now=now),
        "corrections": queues.my_corrections(user),
        "reviewed_today": queues.reviewed_since(user, now.replace(hour=0, minute=0, second=0, microsecond=0)),
    }
    return fragments.render_page(request, "corrections/home.html", context, fragment="queues")


@require_POST
def start(request: HttpRequest) -> HttpResponse:
    """Claim the most urgent task the person may take, wherever it waits, and open it."""
    user = person(request)
    queue_id = queues.next_queue(user, now=clock.now())
    lease = tasks.claim(queue_id=queue_id, by=user) if queue_id else None
    if lease is None:
        messages.info(request, "Nothing waits for you right now.")
        return redirect("corrections:home")
    return redirect("corrections:task", task_id=lease.task_id)
