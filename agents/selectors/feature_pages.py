"""Feature views as pages and the API show them: what there is, how fresh it is, who reads it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.db.models import OuterRef, Subquery

from agents.contracts import fields
from agents.contracts.views import Feature, ViewSpec
from agents.models import Contract, FeatureVersion, FeatureView
from agents.selectors import features, online, visible
from agents.selectors.features import Definition
from agents.selectors.online import Place, RedisError
from reviewapp.core.accounts import access
from reviewapp.core.accounts.api_auth import ServicePrincipal
from reviewapp.core.errors import Missing

_DAY = timedelta(hours=24)
STATES = {"fresh": "Fresh", "stale": "Old", "empty": "No values yet"}


@dataclass(frozen=True, slots=True)
class ViewRow:
    """One view at its newest version. `state` judges what arrived last against the view's freshness."""

    id: UUID
    version_id: UUID
    name: str
    title: str
    entity: str
    agent_slug: str
    agent_name: str
    version: int
    owner: str
    freshness_seconds: int
    features: int
    arrived_at: datetime | None
    event_time: datetime | None
    day: int
    state: str

    @property
    def label(self) -> str:
        """Return the state in words."""
        return STATES[self.state]


@dataclass(frozen=True, slots=True)
class VersionRow:
    """A version of a view, and what it changed in words."""

    version: int
    digest: str
    published_at: datetime
    published_by: str
    changes: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class ViewPage:
    """One view with its features, its versions, and its last 24 hours from the oldest hour to the newest.

    `arrivals` are rows an hour, `lags` the mean seconds between event and arrival (0 in an hour without rows).
    """

    row: ViewRow
    spec: ViewSpec
    versions: list[VersionRow]
    arrivals: list[int]
    lags: list[float]
    contracts: list[int]

    @property
    def lag(self) -> float:
        """Return the mean seconds between event and arrival over the day."""
        weighted = sum(count * lag for count, lag in zip(self.arrivals, self.lags, strict=True))
        return weighted / max(sum(self.arrivals), 1)


@dataclass(frozen=True, slots=True)
class ValueRow:
    """One feature of an entity. `hidden` when its class keeps it from people."""

    feature: Feature
    value: Any
    known: bool
    old: bool
    hidden: bool

    @property
    def text(self) -> str:
        """Return the value as a person reads it, with its unit."""
        return fields.human(self.value, self.feature.unit)


@dataclass(frozen=True, slots=True)
class EntityPage:
    """What is newest of one entity. `online` says whether decisions see it already; None while Redis is away."""

    view: str
    version: int
    entity: str
    event_time: datetime
    arrived_at: datetime
    age_seconds: float
    online: bool | None
    values: list[ValueRow]


def view(asker: Any, name: str) -> FeatureView:
    """Return a view. Raises `Missing` when there is none of this name, or none that the asker may see."""
    found = FeatureView.objects.filter(name=name).select_related("agent").first()
    if found is None or not visible.may_view(asker, found.agent):
        raise Missing(f"There is no feature view {name}.", code="feature_view_unknown")
    return found


def writable(asker: Any, name: str, version: int | None) -> Definition:
    """Return the version of a view that the asker may send values to (None: the newest).

    Raises `Missing` when the asker may not see it or it has no such version, and `NotAllowed` for a person who may not
    develop its agent. What a program may is said by its key's scopes.
    """
    found = view(asker, name)
    if not isinstance(asker, ServicePrincipal):
        access.require(asker, "agents.develop_agent", found.agent)
    return features.definition(name, version)


def rows(asker: Any, *, now: datetime) -> list[ViewRow]:
    """Return the views of the agents the asker may see, by name, each at its newest version."""
    found = _newest(FeatureVersion.objects.filter(view__agent__in=visible.agents(asker)))
    return _rows(found, now)


def page(asker: Any, name: str, *, now: datetime) -> ViewPage:
    """Return one view. Raises `Missing` when the asker may not see it."""
    found = view(asker, name)
    row = _rows(_newest(FeatureVersion.objects.filter(view=found)), now)[0]
    arrivals, lags = _hours(row.version_id, now)
    contracts = Contract.objects.filter(agent=found.agent_id, body__features__contains=[{"view": name}])
    return ViewPage(
        row=row,
        spec=features.by_id(row.version_id).spec,
        versions=[
            VersionRow(one.version, one.digest, one.published_at, one.published_by_label, one.changes)
            for one in found.versions.order_by("-version")
        ],
        arrivals=arrivals,
        lags=lags,
        contracts=list(contracts.order_by("-version").values_list("version", flat=True)[:5]),
    )


def entity(asker: Any, name: str, entity_id: str, *, version: int | None = None, now: datetime) -> EntityPage:
    """Return what is newest of an entity. Raises `Missing` when the asker may not see the view or nothing is known."""
    view(asker, name)
    known = features.definition(name, version)
    # PostgreSQL does not even compare text with a null character in it.
    newest = features.latest(known.id, entity_id) if "\x00" not in entity_id else None
    if newest is None:
        raise Missing(f"Nothing is known of {known.spec.entity} {entity_id}.", code="entity_unknown")
    age = max(0.0, (now - newest.event_time).total_seconds())
    # People see what they need to judge; a program of the agent reads what it works with.
    masked = not isinstance(asker, ServicePrincipal)
    return EntityPage(
        view=name,
        version=known.version,
        entity=entity_id,
        event_time=newest.event_time,
        arrived_at=newest.ingested_at,
        age_seconds=round(age, 3),
        online=_is_online(Place(name, known.version, entity_id), newest.event_time),
        values=[_value(one, newest.values, age, masked=masked) for one in known.spec.features],
    )


def _value(feature: Feature, values: Mapping[str, Any], age: float, *, masked: bool) -> ValueRow:
    hidden = masked and feature.sensitivity == "sensitive"
    value = None if hidden else values.get(feature.name)
    return ValueRow(feature, value, feature.name in values, age > feature.freshness_seconds, hidden)


def _is_online(place: Place, event_time: datetime) -> bool | None:
    try:
        found = online.newest([place], timeout=settings.FEATURE_WRITE_SECONDS)[0]
    except (RedisError, OSError):
        return None
    return found is not None and found.event_time >= event_time


def _newest(versions: Any) -> list[FeatureVersion]:
    last = FeatureVersion.objects.filter(view=OuterRef("view")).order_by("-version").values("pk")[:1]
    return list(versions.filter(pk=Subquery(last)).select_related("view__agent").order_by("view__name"))


_LAST = """
    SELECT asked.id, last.ingested_at, last.event_time, day.arrived
    FROM unnest(%s::uuid[]) AS asked (id)
    LEFT JOIN LATERAL (SELECT ingested_at, event_time FROM agents_featurevalue WHERE version_id = asked.id
                       ORDER BY ingested_at DESC LIMIT 1) AS last ON true
    CROSS JOIN LATERAL (SELECT count(*) AS arrived FROM agents_featurevalue
                        WHERE version_id = asked.id AND ingested_at >= %s) AS day
"""


def _rows(versions: Iterable[FeatureVersion], now: datetime) -> list[ViewRow]:
    found = list(versions)
    with connection.cursor() as cursor:
        cursor.execute(_LAST, [[one.pk for one in found], now - _DAY])
        last = {row[0]: row[1:] for row in cursor.fetchall()}
    made = []
    for one in found:
        spec = ViewSpec.parse(one.body)
        arrived, event_time, day = last[one.pk]
        fresh = event_time is not None and (now - event_time).total_seconds() <= spec.freshness_seconds
        made.append(
            ViewRow(
                id=one.view_id,
                version_id=one.pk,
                name=spec.name,
                title=spec.title or spec.name.replace("-", " ").capitalize(),
                entity=spec.entity,
                agent_slug=one.view.agent.slug,
                agent_name=one.view.agent.name,
                version=one.version,
                owner=spec.owner,
                freshness_seconds=spec.freshness_seconds,
                features=len(spec.features),
                arrived_at=arrived,
                event_time=event_time,
                day=day,
                state="empty" if event_time is None else "fresh" if fresh else "stale",
            )
        )
    return made


_HOURS = """
    SELECT floor(extract(epoch FROM %(now)s - ingested_at) / 3600)::int AS ago, count(*),
           avg(extract(epoch FROM ingested_at - event_time))::float8
    FROM agents_featurevalue
    WHERE version_id = %(version)s AND ingested_at > %(now)s - interval '24 hours' AND ingested_at <= %(now)s
    GROUP BY ago
"""


def _hours(version_id: UUID, now: datetime) -> tuple[list[int], list[float]]:
    arrivals, lags = [0] * 24, [0.0] * 24
    with connection.cursor() as cursor:
        cursor.execute(_HOURS, {"now": now, "version": version_id})
        for ago, count, lag in cursor.fetchall():
            arrivals[23 - ago], lags[23 - ago] = count, max(0.0, lag)
    return arrivals, lags
