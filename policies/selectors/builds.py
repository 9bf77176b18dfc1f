"""One build, for whoever waits for it."""

from typing import Any
from uuid import UUID

from policies.models import Build
from policies.selectors import rows, sources
from reviewapp.core.errors import Missing


def get(user: Any, build_id: UUID) -> rows.BuildRow:
    """Return a build. Raises `Missing` when `user` may not see its agent."""
    found = Build.objects.select_related("version", "requested_by").filter(pk=build_id).first()
    if found is None or not sources.may_view(user, found.agent_id):
        raise Missing("There is no such build.")
    return rows.build(found)
