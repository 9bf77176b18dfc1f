"""Skills and who is certified in them."""

from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from agents.selectors import visible
from corrections.selectors import skills as reading
from corrections.services import skills
from reviewapp.core import clock
from reviewapp.core.errors import Conflict, Invalid, NotAllowed
from reviewapp.core.web.people import person


@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """Show one's own certificates, and the skills of the agents one sees."""
    return _shown(request)


@require_POST
def make(request: HttpRequest, slug: str) -> HttpResponse:
    """Name a skill."""
    user = person(request)
    agent = visible.agent(user, slug)
    try:
        skills.make(agent_id=agent.pk, name=request.POST.get("name", ""), about=request.POST.get("about", ""), by=user)
    except Invalid as fault:
        return _shown(request, at=f"new-{slug}", errors=fault.fields)
    messages.success(request, _("Skill made. Say in a queue's settings that it needs it"))
    return redirect("corrections:skills")


@require_POST
def grant(request: HttpRequest, skill_id: UUID) -> HttpResponse:
    """Certify somebody."""
    # Who may not certify learns that, and not what was wrong with what they sent.
    reading.grantable(person(request), skill_id)
    posted = request.POST
    zone = person(request).zone
    begins, ends = _day(posted.get("valid_from", ""), zone), _day(posted.get("valid_until", ""), zone)
    faults = {}
    if begins is None:
        faults["valid_from"] = _("Choose a day.")
    if ends is None:
        faults["valid_until"] = _("Choose a day.")
    if begins is not None and ends is not None:
        try:
            skills.grant(
                skill_id=skill_id,
                to=posted.get("to", ""),
                valid_from=begins,
                # The last day is one on which it holds.
                valid_until=ends + timedelta(days=1),
                basis=posted.get("basis", ""),
                by=person(request),
            )
        except Invalid as fault:
            faults = fault.fields
        except NotAllowed as refused:
            if refused.code != "four_eyes":
                raise
            faults = {"to": refused.detail}
    if faults:
        return _shown(request, at=str(skill_id), errors=faults)
    messages.success(request, _("Certified"))
    return redirect("corrections:skills")


@require_POST
def revoke(request: HttpRequest, certificate_id: UUID) -> HttpResponse:
    """End a certificate now."""
    try:
        skills.revoke(certificate_id=certificate_id, reason=request.POST.get("reason", ""), by=person(request))
    except Invalid as fault:
        return _shown(request, at=str(certificate_id), errors=fault.fields)
    except Conflict as fault:
        messages.warning(request, fault.detail)
    else:
        messages.info(request, _("Revoked. What they hold they may finish"))
    return redirect("corrections:skills")


def _shown(request: HttpRequest, *, at: str = "", errors: dict[str, str] | None = None) -> HttpResponse:
    user, now = person(request), clock.now()
    context: dict[str, Any] = {
        "mine": reading.mine(user, now=now),
        "boards": reading.boards(user, now=now),
        "at": at,
        "errors": errors or {},
        "entered": request.POST.dict() if errors else {},
        "today": now.astimezone(user.zone).date().isoformat(),
    }
    return render(request, "corrections/skills.html", context, status=422 if errors else 200)


def _day(text: str, zone: ZoneInfo) -> datetime | None:
    """Return when a day begins where the person is; None for what is no day of this age."""
    try:
        day = date.fromisoformat(text.strip())
    except ValueError:
        return None
    if not 2000 <= day.year <= 2200:
        return None
    return datetime.combine(day, time(), tzinfo=zone)
