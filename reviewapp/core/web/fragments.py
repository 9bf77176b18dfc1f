"""One page, one template, one view: htmx asks for a named part of the page and gets it."""

import json
from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers


def wants_fragment(request: HttpRequest) -> bool:
    """Say whether htmx asks for a part: a boosted link or a restored history entry wants the whole page."""
    htmx = getattr(request, "htmx", None)
    return htmx is not None and bool(htmx) and not htmx.boosted and not htmx.history_restore_request


def render_page(
    request: HttpRequest,
    template: str,
    context: Mapping[str, Any] | None = None,
    *,
    fragment: str | None = None,
    status: int = 200,
) -> HttpResponse:
    """Render `template`, or only its partial `fragment` when htmx asks for a part.

    Both answers vary by HX-Request, so that a cache never hands a fragment to a browser's back button.
    """
    name = f"{template}#{fragment}" if fragment and wants_fragment(request) else template
    response = render(request, name, dict(context or {}), status=status)
    patch_vary_headers(response, ["HX-Request"])
    return response


def toast(
    response: HttpResponse, title: str, *, text: str = "", tone: str = "positive", undo: str = ""
) -> HttpResponse:
    """Let the page confirm what was just done; with `undo`, for 30 s, a button that posts to that address.

    For answers to htmx only. A toast is never the only record of a fact; before a redirect use Django's messages.
    """
    shown = {"title": title, "text": text, "tone": tone, "undo": undo}
    held = json.loads(response.headers.get("HX-Trigger", "{}"))
    # Headers carry Latin-1; JSON escapes keep every other letter.
    response.headers["HX-Trigger"] = json.dumps({**held, "toast": shown})
    return response


def move_to(path: str) -> HttpResponse:
    """Let htmx fetch another page of ours and put it in the place of this one, as if a link had been followed.

    Faster than loading it: styles, scripts and the notes in the corner stay. What a page leaves outside `#app` stays too.
    """
    place = {"path": path, "target": "#app", "select": "#app", "swap": "outerHTML", "headers": {"HX-Boosted": "true"}}
    return HttpResponse(status=204, headers={"HX-Location": json.dumps(place)})


def as_problem(response: HttpResponse) -> HttpResponse:
    """Send a fragment to the place for problems at the top of the page, wherever the request had its target.

    So an unexpected refusal never replaces a form with what somebody typed.
    """
    response.headers["HX-Retarget"] = "#problem"
    response.headers["HX-Reswap"] = "innerHTML show:top"
    return response
