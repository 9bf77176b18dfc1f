"""One queue: what waits in it."""

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_POST

from corrections.selectors import queues, rights
from corrections.services import tasks
from reviewapp.core import clock
from reviewapp.core.errors import Conflict
from reviewapp.core.web import fragments, paging
from reviewapp.core.web.people import person


@require_GET
def queue(request: HttpRequest, queue_id: UUID) -> HttpResponse:
    """Show the open tasks of a queue, most urgent first, a page at a time."""
    user, now = person(request), clock.now()
    found = queues.queue_for(user, queue_id)
    after = paging.read(request.GET.get("after", ""), parts=3)
    rows = queues.tasks_in(found, user, now=now, limit=settings.PAGE_SIZE + 1, after=after)
    shown = rows[: settings.PAGE_SIZE]
    last = shown[-1] if len(rows) > settings.PAGE_SIZE else None
    context = {
        "queue": found,
        "rows": shown,
        "next": paging.write(str(last.priority), last.due_at.isoformat(), str(last.id)) if last else "",
        "paged": bool(after),
        "can_work": rights.can_work(user, found),
        "may_keep": rights.may_configure(user, found.agent),
        "waiting": queues.waiting(found.pk),
        "elsewhere": queues.next_queue(user, now=now) if not rows else None,
    }
    return fragments.render_page(request, "corrections/queue.html", context, fragment="rows")


@require_POST
def claim_next(request: HttpRequest, queue_id: UUID) -> HttpResponse:
    """Claim the most urgent task of a queue and open it; who holds too many is shown what they hold."""
    try:
        lease = tasks.claim(queue_id=queue_id, by=person(request))
    except Conflict as fault:
        messages.warning(request, fault.detail)
        return redirect("corrections:home")
    if lease is None:
        messages.info(request, "Nothing in this queue is for you right now")
        return redirect("corrections:queue", queue_id=queue_id)
    return redirect("corrections:task", task_id=lease.task_id)
