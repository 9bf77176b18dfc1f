"""Contracts of an agent: the versions, one of them, two side by side, and the draft of the next."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from agents.contracts import words
from agents.selectors import contract_pages
from agents.selectors.contract_pages import Draft, Shelf
from agents.services import contracts, deprecations, drafts
from agents.services.contracts import Examined
from reviewapp.core import clock
from reviewapp.core.accounts.models import User
from reviewapp.core.errors import Conflict, Invalid
from reviewapp.core.web import fragments
from reviewapp.core.web.people import person

# What a field of a reason is called: the path of the change follows.
_WHY = "why:"


@dataclass(slots=True)
class _Editor:
    """The draft as it is shown: what was typed, what is wrong with it, what it would change."""

    text: str
    revision: int
    errors: Mapping[str, str] = field(default_factory=dict)
    reasons: Mapping[str, str] = field(default_factory=dict)
    examined: Examined | None = None
    conflict: str = ""


@require_GET
def listing(request: HttpRequest, slug: str) -> HttpResponse:
    """Show every version, newest first."""
    return fragments.render_page(
        request, "agents/contracts.html", {"shelf": contract_pages.shelf(person(request), slug)}, fragment="versions"
    )


@require_GET
def detail(request: HttpRequest, slug: str, version: int) -> HttpResponse:
    """Show one version."""
    return _version(request, contract_pages.shelf(person(request), slug), version)


@require_GET
def document(request: HttpRequest, slug: str, version: int) -> HttpResponse:
    """Send a version's document as a file."""
    found = contract_pages.shelf(person(request), slug)
    found.version(version)
    content = _written(contract_pages.spec(found.agent_id, version).body)
    name = f"{slug}-contract-{version}.json"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(content + "\n", content_type="application/json", headers=headers)


@require_GET
def compare(request: HttpRequest, slug: str) -> HttpResponse:
    """Hold one version against another; without numbers the newest against the one before."""
    user = person(request)
    old, new = (_number(request.GET.get(name, "")) for name in ("old", "new"))
    context = {
        "shelf": contract_pages.shelf(user, slug),
        "found": contract_pages.compare(user, slug, old, new),
    }
    return fragments.render_page(request, "agents/contract_compare.html", context, fragment="changes")


@require_http_methods(["GET", "POST"])
def draft(request: HttpRequest, slug: str) -> HttpResponse:
    """Edit the next version: keep it, check it, publish it. Whatever is wrong, what was typed stays."""
    user = person(request)
    shelf, known = contract_pages.start(user, slug)
    if request.method == "GET":
        return _edited(request, shelf, known, _Editor(_written(known.body), known.revision))
    editor = _Editor(
        text=request.POST.get("body", ""),
        revision=_number(request.POST.get("revision", "")) or 0,
        reasons=_reasons(request.POST),
    )
    try:
        body = json.loads(editor.text)
    except ValueError as fault:
        editor.errors = {"body": f"This is not JSON: {fault}."}
        return _edited(request, shelf, known, editor, status=422)
    act = {"publish": _publish, "check": _check}.get(request.POST.get("act", ""), _save)
    return act(request, user, shelf, known, editor, body)


@require_POST
def discard(request: HttpRequest, slug: str) -> HttpResponse:
    """Throw the draft away."""
    user = person(request)
    drafts.discard(agent_id=contract_pages.shelf(user, slug).agent_id, by=user)
    messages.info(request, "Draft thrown away")
    return redirect("agents:contracts", slug=slug)


@require_POST
def deprecate(request: HttpRequest, slug: str, version: int) -> HttpResponse:
    """Say until when a version is good."""
    user = person(request)
    shelf = contract_pages.shelf(user, slug)
    shelf.version(version)
    given = {"sunset_at": request.POST.get("sunset_at", ""), "reason": request.POST.get("reason", "")}
    try:
        deprecations.deprecate(
            agent_id=shelf.agent_id,
            version=version,
            sunset_at=_day(given["sunset_at"]),
            reason=given["reason"],
            by=user,
        )
    except Invalid as fault:
        return _version(request, shelf, version, given=given, errors=fault.fields, status=422)
    messages.success(request, f"Contract {version} is deprecated")
    return redirect("agents:contract", slug=slug, version=version)


def _save(request: HttpRequest, user: User, shelf: Shelf, known: Draft, editor: _Editor, body: Any) -> HttpResponse:
    try:
        drafts.save(agent_id=shelf.agent_id, body=body, revision=editor.revision, by=user)
    except Invalid as fault:
        editor.errors = fault.fields
        return _edited(request, shelf, known, editor, status=422)
    except Conflict as fault:
        editor.conflict = fault.detail
        return _edited(request, shelf, known, editor, status=409)
    messages.success(request, "Draft saved")
    return _on(request, reverse("agents:contract-draft", args=[shelf.slug]))


def _check(request: HttpRequest, user: User, shelf: Shelf, known: Draft, editor: _Editor, body: Any) -> HttpResponse:
    if isinstance(body, Mapping):
        editor.examined = contracts.examine(agent_id=shelf.agent_id, body=body)
        editor.errors = editor.examined.errors
    else:
        editor.errors = {"body": "A contract is a JSON object."}
    return _edited(request, shelf, known, editor, status=422 if editor.errors else 200)


def _publish(request: HttpRequest, user: User, shelf: Shelf, known: Draft, editor: _Editor, body: Any) -> HttpResponse:
    if not isinstance(body, Mapping):
        return _check(request, user, shelf, known, editor, body)
    try:
        made = contracts.publish_by(agent_id=shelf.agent_id, body=body, acknowledged=editor.reasons, by=user)
    except Invalid as fault:
        editor.examined = contracts.examine(agent_id=shelf.agent_id, body=body)
        editor.errors = fault.fields
        return _edited(request, shelf, known, editor, status=422)
    messages.success(request, f"Contract {made.version} is published. It governs from the first policy released for it")
    return _on(request, reverse("agents:contract", args=[shelf.slug, made.version]))


def _on(request: HttpRequest, address: str) -> HttpResponse:
    """Lead to another page, also where the answer would only replace the form."""
    if fragments.wants_fragment(request):
        return HttpResponse(status=204, headers={"HX-Redirect": address})
    return redirect(address)


def _edited(request: HttpRequest, shelf: Shelf, known: Draft, editor: _Editor, *, status: int = 200) -> HttpResponse:
    examined = editor.examined
    context = {
        "shelf": shelf,
        "draft": known,
        "editor": editor,
        "examined": examined,
        "breaking": [
            {
                "path": path,
                "name": _WHY + path,
                "texts": texts,
                "reason": editor.reasons.get(path, ""),
                "error": editor.errors.get(f"acknowledged.{path}", ""),
            }
            for path, texts in (examined.breaking if examined else {}).items()
        ],
        "faults": [(path, text) for path, text in editor.errors.items() if not path.startswith("acknowledged.")],
    }
    return fragments.render_page(request, "agents/contract_draft.html", context, fragment="editor", status=status)


def _version(
    request: HttpRequest,
    shelf: Shelf,
    number: int,
    *,
    given: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
    status: int = 200,
) -> HttpResponse:
    spec = contract_pages.spec(shelf.agent_id, number)
    context = {
        "shelf": shelf,
        "row": shelf.version(number),
        "spec": spec,
        "today": clock.now().date(),
        "failures": words.failures(spec),
        "text": _written(spec.body),
        "given": given or {},
        "errors": errors or {},
    }
    return fragments.render_page(request, "agents/contract_version.html", context, fragment="end", status=status)


def _written(body: Mapping[str, Any]) -> str:
    return json.dumps(body, indent=2, ensure_ascii=False)


def _reasons(posted: QueryDict) -> dict[str, str]:
    return {name.removeprefix(_WHY): str(value) for name, value in posted.items() if name.startswith(_WHY)}


def _number(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) < 10 else None


def _day(text: str) -> datetime:
    """Return the beginning of a day in the person's zone. Raises `Invalid` for what is no day."""
    try:
        return timezone.make_aware(datetime.combine(date.fromisoformat(text), time.min))
    except ValueError:
        fields = {"sunset_at": "Give the day, as 2027-01-31."}
        raise Invalid("The contract cannot be deprecated.", fields=fields) from None
