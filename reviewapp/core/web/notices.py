"""Pages of notices: what a person was told, and how they want to be told."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from reviewapp.core import clock
from reviewapp.core.errors import Invalid
from reviewapp.core.notices import selectors, topics
from reviewapp.core.notices.services import reading
from reviewapp.core.notices.services import wishes as wish_services
from reviewapp.core.web import fragments, paging
from reviewapp.core.web.people import person

_PAGE = 30
_SNOOZES = {"hour": "For an hour", "tomorrow": "Until the next digest in the morning", "week": "For a week"}


@require_GET
def notices(request: HttpRequest) -> HttpResponse:
    """Show a person's notices, newest first, all or only those not read."""
    user, only_unread = person(request), request.GET.get("show") == "unread"
    (before,) = paging.read(request.GET.get("after", ""), parts=1) or ("",)
    rows, more = selectors.page(user, only_unread=only_unread, before=before, size=_PAGE)
    shown: dict[str, Any] = {
        "rows": rows,
        "topics": topics.TOPICS,
        "only_unread": only_unread,
        "paged": bool(before),
        "next": paging.write(str(rows[-1].pk)) if more else "",
        "newest": rows[0].pk if rows and not before else None,
        "snoozed_until": _snoozed(user),
    }
    return fragments.render_page(request, "notices/notices.html", shown, fragment="rows")


@require_GET
def open_notice(request: HttpRequest, notice_id: UUID) -> HttpResponse:
    """Mark a notice as read and go where it leads."""
    return HttpResponseRedirect(reading.read(notice_id=notice_id, by=person(request)).path)


@require_GET
def bell(request: HttpRequest) -> HttpResponse:
    """Answer how much is unread, for the bell of an open page."""
    return render(request, "notices/bell.html", {"unread": selectors.unread(person(request))})


@require_POST
def read_all(request: HttpRequest) -> HttpResponse:
    """Mark as read what was shown."""
    try:
        newest = UUID(request.POST.get("up_to", ""))
    except ValueError:
        raise Invalid("Say up to which notice.", fields={"up_to": "Send the id of the newest one shown."}) from None
    count = reading.read_all(up_to=newest, by=person(request))
    messages.success(request, f"{count} notice{'' if count == 1 else 's'} marked as read")
    return redirect("notices")


@require_http_methods(["GET", "POST"])
def wishes(request: HttpRequest) -> HttpResponse:
    """Show and change how a person is told."""
    if request.method == "GET":
        return _wishes_page(request)
    entered = request.POST
    choices = {
        (topic, channel): entered[name]
        for topic in topics.TOPICS
        for channel in topics.CHANNELS
        if (name := f"mode.{topic}.{channel}") in entered
    }
    try:
        wish_services.save(
            choices=choices,
            digest_at=entered.get("digest_at", ""),
            quiet=(entered.get("quiet_from", ""), entered.get("quiet_to", "")),
            by=person(request),
        )
    except Invalid as fault:
        return _wishes_page(request, errors=fault.fields, entered=entered)
    messages.success(request, "Saved")
    return redirect("notices-wishes")


@require_POST
def snooze(request: HttpRequest) -> HttpResponse:
    """Hold back e-mails and chat messages for a while, or no longer."""
    user, chosen = person(request), request.POST.get("for", "")
    now = clock.now()
    if chosen not in {*_SNOOZES, "end"}:
        raise Invalid("Choose for how long.", fields={"for": f"Use one of {', '.join([*_SNOOZES, 'end'])}."})
    until: datetime | None = None
    if chosen == "tomorrow":
        until = wish_services.tomorrow(user)
    elif chosen != "end":
        until = now + (timedelta(hours=1) if chosen == "hour" else timedelta(days=7))
    wish_services.snooze(until=until, by=user)
    messages.success(request, "Snoozed" if until else "The snooze has ended")
    return redirect("notices-wishes")


@require_POST
def chat(request: HttpRequest) -> HttpResponse:
    """Enter or remove the address of a chat's incoming webhook."""
    user, url = person(request), request.POST.get("chat_url", "")
    if "remove" in request.POST:
        wish_services.remove_chat(by=user)
        messages.success(request, "Disconnected")
        return redirect("notices-wishes")
    try:
        wish_services.enter_chat(url=url, by=user)
    except Invalid as fault:
        return _wishes_page(request, errors=fault.fields, chat_url=url)
    messages.success(request, "Your chat is connected")
    return redirect("notices-wishes")


@require_POST
def test_chat(request: HttpRequest) -> HttpResponse:
    """Send a test to the person's chat."""
    wish_services.test_chat(by=person(request))
    messages.success(request, "A test is on its way; it takes some seconds")
    return redirect("notices-wishes")


def _wishes_page(
    request: HttpRequest, *, errors: dict[str, str] | None = None, entered: Any = None, chat_url: str = ""
) -> HttpResponse:
    user = person(request)
    wish = selectors.wish(user)
    rows = [
        (
            row.topic,
            [(channel, label, _typed(entered, row.topic.code, channel, mode)) for channel, label, mode in row.modes],
        )
        for row in selectors.rows(user)
    ]
    times = {name: _time(getattr(wish, name)) for name in ("digest_at", "quiet_from", "quiet_to")}
    shown = {
        "wish": wish,
        "rows": rows,
        "modes": topics.MODES,
        "channels": topics.CHANNELS,
        "times": {name: (entered or {}).get(name, value) for name, value in times.items()},
        "snoozes": _SNOOZES,
        "snoozed_until": _snoozed(user),
        "sends_email": selectors.sends_email(user),
        "troubles": selectors.troubles(user),
        "errors": errors or {},
        "chat_url": chat_url,
        "here": reverse("notices-wishes"),
    }
    return fragments.render_page(request, "notices/wishes.html", shown, fragment="form", status=422 if errors else 200)


def _typed(entered: Any, topic: str, channel: str, mode: str) -> str:
    return str((entered or {}).get(f"mode.{topic}.{channel}", mode))


def _time(value: Any) -> str:
    return f"{value:%H:%M}" if value is not None else ""


def _snoozed(user: Any) -> Any:
    until = selectors.wish(user).snoozed_until
    return until if until is not None and until > clock.now() else None
