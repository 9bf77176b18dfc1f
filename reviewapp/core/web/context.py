"""What every page knows: navigation with counts, the person's roles, where the live process is."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject

from reviewapp.core import statements
from reviewapp.core.web import lately, nav

_ROLES = "SELECT r.name FROM accounts_rolegrant g JOIN accounts_role r ON r.code = g.role_id WHERE g.user_id = %s"


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
    return {
        "live_origin": settings.LIVE_ORIGIN,
        "live_ws": settings.LIVE_WS_ORIGIN,
        "nav_groups": SimpleLazyObject(lambda: _groups(request)),
        "role_names": SimpleLazyObject(lambda: _roles(request)),
    }


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


def _roles(request: HttpRequest) -> str:
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return ""
    return ", ".join(sorted({name for (name,) in statements.run(_ROLES, [user.pk], again=True)}))


def _count(item: nav.Item, user: Any) -> int | None:
    return lately.counted((item.url_name, getattr(user, "pk", None)), lambda: item.count(user))
