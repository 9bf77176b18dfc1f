"""Pages of the shell: search, preferences, shortcuts and the component gallery."""

from typing import Any
from zoneinfo import available_timezones

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_http_methods

from reviewapp.core.accounts import services
from reviewapp.core.accounts.models import User
from reviewapp.core.errors import Invalid
from reviewapp.core.web import fragments, gallery, palette
from reviewapp.core.web.people import person

# Preferences that are one word of a form.
_WORDS = ("theme", "density", "time_zone")


@require_http_methods(["GET", "POST"])
def preferences(request: HttpRequest) -> HttpResponse:
    """Show and change how the person sees the pages: theme, density, single-key shortcuts, time zone."""
    user = person(request)
    if request.method == "GET":
        return _preferences_page(request)
    # The last value counts: a form sends "off" from a hidden field, and "on" after it when the box is ticked.
    changes: dict[str, Any] = {name: request.POST[name] for name in _WORDS if name in request.POST}
    if "single_keys" in request.POST:
        changes["single_keys"] = request.POST["single_keys"] == "on"
    try:
        services.change_preferences(user=user, changes=changes)
    except Invalid as fault:
        return _preferences_page(request, errors=fault.fields, entered_zone=request.POST.get("time_zone", ""))
    if request.headers.get("X-Requested-With") == "fetch":
        return HttpResponse(status=204)
    if "time_zone" in changes:
        messages.success(request, "Preferences saved")
    return HttpResponseRedirect(_safe(request, request.POST.get("next", "/")))


@require_GET
def search(request: HttpRequest) -> HttpResponse:
    """Answer the command palette: options for htmx while somebody types, a page of links otherwise."""
    typed = request.GET.get("q", "")
    context = {"q": typed, "groups": palette.find(person(request), typed)}
    return fragments.render_page(request, "components/palette_page.html", context, fragment="options")


@require_GET
def shortcuts(request: HttpRequest) -> HttpResponse:
    """Show every keyboard shortcut."""
    return render(request, "components/shortcuts_page.html")


@require_GET
def components(request: HttpRequest) -> HttpResponse:
    """Show every component in each of its states."""
    return render(request, "components/gallery/page.html", gallery.samples())


def _preferences_page(
    request: HttpRequest, *, errors: dict[str, str] | None = None, entered_zone: str = ""
) -> HttpResponse:
    context = {
        "themes": User.Theme.choices,
        "densities": User.Density.choices,
        "zones": sorted(available_timezones()),
        "errors": errors or {},
        "entered_zone": entered_zone,
    }
    status = 422 if errors else 200
    return fragments.render_page(request, "components/preferences.html", context, fragment="form", status=status)


def _safe(request: HttpRequest, target: str) -> str:
    """Return an address of this site; anything else becomes the front page."""
    ours = url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return target if ours else "/"
