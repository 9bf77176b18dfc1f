"""Doing one thing with many cases: chosen in a list, looked at once more, done one after the other."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.views.decorators.http import require_POST

from corrections.selectors import arranging as reading
from corrections.selectors import rights
from corrections.services import arranging
from reviewapp.core.errors import Invalid, NotAllowed
from reviewapp.core.web.people import person


@require_POST
def arrange(request: HttpRequest) -> HttpResponse:
    """Show what was chosen and what can be done with it; with `sure` do it, and say what became of each."""
    user, posted = person(request), request.POST
    if not rights.keeps_any(user):
        raise NotAllowed("Arranging cases is for policy admins and operators.")
    chosen = _ids(posted)
    context: dict[str, Any] = {"entered": posted.dict(), "errors": {}}
    status = 200
    if posted.get("sure") == "1":
        try:
            done = arranging.many(
                task_ids=chosen,
                action=posted.get("action", ""),
                queue_id=_id(posted.get("queue", "")),
                priority=_number(posted.get("priority", "")),
                by=user,
            )
        except Invalid as fault:
            context["errors"], status = fault.fields, 422
        else:
            failed = [one for one in done if one.fault]
            context |= {"done": done, "failed": failed, "good": len(done) - len(failed)}
            return render(request, "corrections/arrange.html", context)
    context["plan"] = reading.plan(user, chosen)
    return render(request, "corrections/arrange.html", context, status=status)


def _ids(posted: QueryDict) -> list[UUID]:
    return [one for text in posted.getlist("task")[: arranging.MOST + 1] if (one := _id(text)) is not None]


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _number(text: str) -> int | None:
    plain = text.strip().replace("−", "-")
    try:
        return int(plain) if len(plain) < 6 else None
    except ValueError:
        return None
