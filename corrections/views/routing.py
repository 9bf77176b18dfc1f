"""Where flagged decisions go: the rules in their order, changed one at a time."""

from dataclasses import dataclass, field
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from corrections.selectors import routing as reading
from corrections.services import routing
from corrections.services.routing import Terms
from reviewapp.core.errors import Conflict, Invalid
from reviewapp.core.web.people import person

_FIELDS = ("name", "when", "queue")
_NEW = "new"


@dataclass
class _Asked:
    """What a form asks for: the rules as they shall be, the default, which rule is being written (its place, or "new")."""

    rules: list[Terms]
    default: str
    place: str = ""
    entered: dict[str, str] = field(default_factory=dict)


@require_http_methods(["GET", "POST"])
def book(request: HttpRequest, slug: str) -> HttpResponse:
    """Show an agent's routing; change one rule, their order or the default; or try a rule before it is saved."""
    user = person(request)
    page = reading.book(user, slug)
    if request.method == "GET":
        return render(request, "corrections/routing.html", {"page": page, "place": request.GET.get("edit", "")})
    asked = _asked(request, page)
    try:
        if request.POST.get("op") == "try":
            tried = reading.try_rule(user, slug, when=asked.entered["when"])
            words = ngettext(
                "It holds for %(held)d of the newest %(tried)d flagged decision",
                "It holds for %(held)d of the newest %(tried)d flagged decisions",
                tried.tried,
            ) % {"held": tried.held, "tried": tried.tried}
            return _again(request, page, asked, trial=tried, words=words)
        routing.replace(
            agent_id=page.agent.pk,
            rules=asked.rules,
            default=asked.default,
            mark=request.POST.get("seen", ""),
            by=user,
        )
    except Invalid as fault:
        return _again(request, page, asked, fault=fault)
    except Conflict as fault:
        return _again(request, page, asked, stale=fault.detail)
    messages.success(request, _("Saved. It holds for decisions flagged from now on"))
    return redirect("corrections:routing", slug=slug)


def _asked(request: HttpRequest, page: reading.Book) -> _Asked:
    """Return the rules as the form wants them. A place that is not there changes nothing."""
    posted = request.POST
    rules = [Terms(rule.name, rule.when, rule.queue) for rule in page.rules]
    asked = _Asked(rules, posted.get("default") or page.default)
    asked.entered = {name: posted.get(name, "") for name in _FIELDS}
    operation, given = posted.get("op", ""), posted.get("place", "")
    place = int(given) if given.isascii() and given.isdigit() and int(given[:6]) < len(rules) else None
    if operation in {"add", "try"} and place is None:
        asked.place = _NEW
        if operation == "add":
            rules.append(Terms(**asked.entered))
    elif operation in {"save", "try"} and place is not None:
        asked.place = str(place)
        rules[place] = Terms(**asked.entered)
    elif place is not None and operation == "remove":
        del rules[place]
    elif place is not None and operation in {"up", "down"}:
        target = max(0, min(len(rules) - 1, place + (1 if operation == "down" else -1)))
        rules.insert(target, rules.pop(place))
    return asked


def _again(
    request: HttpRequest,
    page: reading.Book,
    asked: _Asked,
    *,
    fault: Invalid | None = None,
    stale: str = "",
    **told: Any,
) -> HttpResponse:
    """Show the page with what was entered still there."""
    faults = fault.fields if fault else {}
    at = len(asked.rules) - 1 if asked.place == _NEW else asked.place
    own = {name: faults[f"rules[{at}].{name}"] for name in _FIELDS if f"rules[{at}].{name}" in faults}
    own |= {name: faults[name] for name in _FIELDS if name in faults}
    others = [text for path, text in faults.items() if text not in own.values()]
    context = {"page": page, "place": asked.place, "entered": asked.entered, "errors": own, "others": others}
    status = 409 if stale else 422 if fault else 200
    return render(request, "corrections/routing.html", {**context, "stale": stale, **told}, status=status)
