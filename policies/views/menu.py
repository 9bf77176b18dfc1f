"""What these pages add to the navigation and to the command palette."""

from collections.abc import Iterable
from typing import Any

from django.urls import reverse

from policies.selectors import deciders, finding
from reviewapp.core.web import nav, palette


def find_versions(user: Any, typed: str) -> Iterable[palette.Entry]:
    """Return the policy versions whose agent, number or state hold what was typed."""
    for found in finding.versions(user):
        if palette.matches(typed, f"{found.label} {found.note}"):
            page = reverse("policies:version", args=[found.id])
            yield palette.Entry(found.label, page, "git-branch", note=f"Policy version, {found.note.lower()}")


nav.register(
    label="Releases",
    url_name="policies:releases",
    icon="git-branch",
    group="Policies",
    order=40,
    key="r",
    tone="caution",
    count=deciders.open_count,
    visible=deciders.sees_any,
)
palette.register("Policy versions", find_versions)
