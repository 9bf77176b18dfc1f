"""Feature views and their history, unscoped and light: the serving path reads here.

What is published never changes, so a parsed view may be kept for ever.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

import orjson
from django.db import connection

from agents.contracts.spec import ContractSpec
from agents.contracts.views import ViewSpec
from agents.models import FeatureValue, FeatureVersion
from agents.runtime.moments import Known
from reviewapp.core.errors import Missing


@dataclass(frozen=True, slots=True)
class Definition:
    """One version of a view, parsed."""

    id: UUID
    view_id: UUID
    agent_id: UUID
    version: int
    spec: ViewSpec


def definition(name: str, version: int | None = None) -> Definition:
    """Return a version of a view (None: the newest). Raises `Missing` when there is none."""
    found = FeatureVersion.objects.filter(view__name=name)
    if version is not None:
        found = found.filter(version=version)
    key = found.order_by("-version").values_list("pk", flat=True).first()
    if key is None:
        words = f"no version {version} of the feature view {name}" if version else f"no feature view {name}"
        raise Missing(f"There is {words}.", code="feature_view_unknown")
    return by_id(key)


@lru_cache(maxsize=256)
def by_id(version_id: UUID) -> Definition:
    """Return a version of a view by its id. Raises `Missing` for an unknown one."""
    row = FeatureVersion.objects.filter(pk=version_id).select_related("view").first()
    if row is None:
        raise Missing("There is no such feature view.", code="feature_view_unknown")
    return Definition(row.pk, row.view_id, row.view.agent_id, row.version, ViewSpec.parse(row.body))


def filled(spec: ContractSpec) -> frozenset[str]:
    """Return the input fields that come from the views a contract reads, not from the agent."""
    found: set[str] = set()
    for use in spec.features:
        try:
            known = definition(use.view, use.version)
        except Missing:
            # A contract that nobody has published yet may name what is not there.
            continue
        found |= {use.prefix + feature.name for feature in known.spec.features}
    return frozenset(found)


def as_of(version_id: UUID, asked: Sequence[tuple[str, datetime]]) -> list[Known | None]:
    """Return what was known of each (entity, moment), in order: the history as it stood at that moment.

    Only what had happened and had arrived by then counts, so a value that came late never leaks into the past. What a
    pure function of the same history says (`runtime.moments.as_of`) is what this query returns.
    """
    entities, moments = [entity for entity, _ in asked], [moment for _, moment in asked]
    with connection.cursor() as cursor:
        cursor.execute(_AS_OF, {"entities": entities, "moments": moments, "version": version_id})
        rows = {row[0]: row[1:] for row in cursor.fetchall()}
    return [_known(rows[index]) if index in rows else None for index in range(1, len(asked) + 1)]


# Both bounds stand inside, so that PostgreSQL walks the primary key backwards and reads no more than it returns.
_AS_OF = """
    SELECT asked.place, found.event_time, found.ingested_at, found.digest, found."values"::text
    FROM unnest(%(entities)s::text[], %(moments)s::timestamptz[]) WITH ORDINALITY AS asked (entity, moment, place)
    CROSS JOIN LATERAL (
        SELECT event_time, ingested_at, digest, "values" FROM agents_featurevalue
        WHERE version_id = %(version)s AND entity = asked.entity
          AND event_time <= asked.moment AND ingested_at <= asked.moment
        ORDER BY event_time DESC, ingested_at DESC, digest DESC LIMIT 1
    ) AS found
"""


def latest(version_id: UUID, entity: str) -> FeatureValue | None:
    """Return what is newest of an entity in the history, if anything is."""
    return (
        FeatureValue.objects.filter(version_id=version_id, entity=entity)
        .order_by("-event_time", "-ingested_at", "-digest")
        .first()
    )


def _known(row: tuple[Any, ...]) -> Known:
    event_time, ingested_at, digest, values = row
    return Known(event_time, ingested_at, digest, orjson.loads(values))
