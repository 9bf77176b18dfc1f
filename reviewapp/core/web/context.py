"""What every page knows: navigation with counts, the person's roles, where the live process is."""

from dataclasses import dataclass
from functools import cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject

from reviewapp.core import statements
from reviewapp.core.notices import selectors as notices
from reviewapp.core.web import help as help_pages
from reviewapp.core.web import lately, nav

# Both in one statement: every page shows them.
_ABOUT = f"""
    SELECT (SELECT string_agg(DISTINCT r.name, ', ' ORDER BY r.name)
            FROM accounts_rolegrant g JOIN accounts_role r ON r.code = g.role_id WHERE g.user_id = %s),
           ({notices.UNREAD})
"""  # noqa: S608 - a constant


@dataclass(frozen=True, slots=True)
class Link:
    """One link of the navigation as rendered."""

    label: str
    href: str
    icon: str
    count: int | None
    tone: str
    current: bool
    key: str


@dataclass(frozen=True, slots=True)
class Group:
    """Links under one heading."""

    title: str
    items: list[Link]


def shell(request: HttpRequest) -> dict[str, Any]:
    """Return the shell's context. Navigation is only worked out when a whole page shows it, never for a fragment."""
    told = cache(lambda: about(request))
    return {
        "live_origin": settings.LIVE_ORIGIN,
        "live_ws": settings.LIVE_WS_ORIGIN,
        "nav_groups": SimpleLazyObject(lambda: _groups(request)),
        "role_names": lambda: told()[0],
        "tour": lambda: help_pages.step_of(request.user),
        "unread": lambda: told()[1],
    }


def about(request: HttpRequest) -> tuple[str, int]:
    """Return the names of the person's roles and how many notices they have not read."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return "", 0
    ((roles, unread),) = statements.run(_ABOUT, [user.pk, user.pk], again=True)
    return roles or "", int(unread)


def _groups(request: HttpRequest) -> list[Group]:
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return []
    groups: dict[str, list[Link]] = {}
    for item in nav.items():
        if not item.visible(user):
            continue
        href = reverse(item.url_name)
        here = request.path == href or (href != "/" and request.path.startswith(href))
        groups.setdefault(item.group, []).append(
            Link(item.label, href, item.icon, _count(item, user), item.tone, here, item.key)
        )
    return [Group(title, items) for title, items in groups.items()]


def _count(item: nav.Item, user: Any) -> int | None:
    return lately.counted((item.url_name, getattr(user, "pk", None)), lambda: item.count(user))
