"""Features for a decision: read online in one round trip, put into the case, judged by age.

What the views bring goes into the input fields their contract names, so rules, models, reviewers and replays see them as
they see what the agent sent. Values that are old or missing are told in the decision's trace, and the contract says what
is answered then.
"""

import logging
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.conf import settings

from agents.contracts.features import FeatureUse
from agents.contracts.spec import ContractSpec
from agents.contracts.views import Feature
from agents.selectors import features, online
from agents.selectors.online import Place, RedisError, Value
from reviewapp.core.breaker import Breaker, Terms
from reviewapp.core.errors import Invalid

log = logging.getLogger(__name__)
breaker = Breaker()
# Seconds: what an answer keeps back for the policy, and what a store must be given before its silence counts against it.
_RESERVE, _FAIR = 0.005, 0.005


@dataclass(frozen=True, slots=True)
class Fed:
    """A case's input with its features. `read` tells view by view what was found, `faults` says in sentences what is
    old or missing of what the contract requires: empty when all of that is fresh. `late` says that reading was cut short for the contract's latency bound."""

    input: Mapping[str, Any]
    read: tuple[Mapping[str, Any], ...]
    faults: tuple[str, ...]
    late: bool = False


@dataclass(frozen=True, slots=True)
class _Fill:
    """A view the contract reads: `fills` are its features with the input fields they go to."""

    id: UUID
    use: FeatureUse
    fills: tuple[tuple[Feature, str], ...]


def refuse_sent(spec: ContractSpec, document: Mapping[str, Any]) -> None:
    """Raise `Invalid` when an agent sends itself what a feature view says: nobody vouches for such a value."""
    sent = {
        f"input.{field}": f"This comes from the feature view {fill.use.view}. Leave it out."
        for fill in _plan(spec)
        for _, field in fill.fills
        if field in document
    }
    if sent:
        raise Invalid("Some fields are not the agent's to send.", fields=sent)


def feed(
    spec: ContractSpec,
    document: Mapping[str, Any],
    *,
    now: datetime,
    done_at: datetime | None = None,
    left: float | None = None,
) -> Fed:
    """Return a case's input with the features its contract reads; see `feed_many`."""
    if done_at is not None:
        return feed_many(spec, [document], now=now, done_at=[done_at], left=left)[0]
    # One case of now, which most are: the same without sorting cases and moments.
    plan = _plan(spec)
    entities = [fill.use.entity_of(document) for fill in plan]
    found, late = _read([_place(fill, entity) for fill, entity in zip(plan, entities, strict=True) if entity], left)
    following = iter(found or ())
    values = [next(following, None) if entity else None for entity in entities]
    return _fed(spec, plan, document, entities, values, away=found is None, late=late, now=now)


def feed_many(
    spec: ContractSpec,
    documents: Sequence[Mapping[str, Any]],
    *,
    now: datetime,
    done_at: Sequence[datetime | None] | None = None,
    left: float | None = None,
) -> list[Fed]:
    """Return the inputs of many cases with their features, in order and in one round trip for all.

    `done_at` says of each case when it was decided, where that was before now: such a case gets what was known then,
    from the history in PostgreSQL, never what came later. `left` are the seconds that the contract leaves for the whole
    answer: reading takes less than that.
    """
    plan, moments = _plan(spec), done_at or [None] * len(documents)
    entities = [[fill.use.entity_of(document) for fill in plan] for document in documents]
    current = [
        (at, view)
        for at, moment in enumerate(moments)
        for view, entity in enumerate(entities[at])
        if moment is None and entity
    ]
    places = [_place(plan[view], entities[at][view]) for at, view in current]
    found, late = _read(places, left)
    values = dict(zip(current, found or (), strict=False)) | _past(plan, entities, moments)
    return [
        _fed(
            spec,
            plan,
            document,
            entities[at],
            [values.get((at, view)) for view in range(len(plan))],
            away=found is None and moment is None,
            late=late and moment is None and any(fill.use.required for fill in plan),
            now=moment or now,
        )
        for at, (document, moment) in enumerate(zip(documents, moments, strict=True))
    ]


def _place(fill: _Fill, entity: str) -> Place:
    return Place(fill.use.view, fill.use.version, entity)


def _past(
    plan: Sequence[_Fill], entities: Sequence[Sequence[str]], moments: Sequence[datetime | None]
) -> dict[tuple[int, int], Value | None]:
    """Return by case and view what was known of the cases that were decided earlier: a query a view, for all of them."""
    past: dict[tuple[int, int], Value | None] = {}
    for view, fill in enumerate(plan):
        asked = {
            (at, view): (entities[at][view], moment)
            for at, moment in enumerate(moments)
            if moment is not None and entities[at][view]
        }
        if asked:
            known = features.as_of(fill.id, list(asked.values()))
            past |= dict(zip(asked, (Value(one.event_time, one.values) if one else None for one in known), strict=True))
    return past


def _read(places: Sequence[Place], left: float | None) -> tuple[list[Value | None] | None, bool]:
    """Return what is online, None while the store is away, and whether there was no time to wait for it."""
    if not places:
        return [], False
    limit = own = settings.FEATURE_READ_SECONDS
    if left is not None:
        # The policy needs time as well; of a bound that is shorter still, half.
        limit = min(own, left - min(_RESERVE, left / 2))
        if limit <= 0:
            return None, True
    terms = Terms(settings.FEATURE_BREAKER_FAILURES, settings.FEATURE_BREAKER_SECONDS)
    if not breaker.ask(terms, time.monotonic()):
        return None, False
    try:
        found = online.newest(places, timeout=limit)
    except (RedisError, OSError, ValueError) as fault:
        # Nobody can say that a store is down which was given next to no time.
        if limit >= min(own, _FAIR) and breaker.failed(terms, time.monotonic()):
            log.warning("features are not read for %s s: %s", terms.seconds, fault)
        return None, limit < own and isinstance(fault, online.RedisTimeout | TimeoutError)
    breaker.succeeded()
    return found, False


def _fed(
    spec: ContractSpec,
    plan: Sequence[_Fill],
    document: Mapping[str, Any],
    entities: Sequence[str],
    values: Sequence[Value | None],
    *,
    away: bool,
    late: bool,
    now: datetime,
) -> Fed:
    filled = dict(document)
    read: list[dict[str, Any]] = []
    faults: list[str] = []
    for fill, entity, value in zip(plan, entities, values, strict=True):
        line: dict[str, Any] = {"view": fill.use.view, "version": fill.use.version, "entity": fill.use.path}
        read.append(line)
        if value is None:
            line["status"] = "unavailable" if away and entity else "missing"
            if fill.use.required:
                faults.append(_absent(fill, entity, away=away))
            continue
        age = max(0.0, (now - value.event_time).total_seconds())
        line |= {"status": "fresh", "event_time": value.event_time.isoformat(), "age_s": round(age, 3)}
        found = list(_take(fill, value, age, filled, line))
        faults += found if fill.use.required else []
    faults += _unfit(spec, plan, filled, read)
    return Fed(filled, tuple(read), tuple(faults), late)


def _take(fill: _Fill, value: Value, age: float, filled: dict[str, Any], line: dict[str, Any]) -> Iterator[str]:
    """Put a view's values into the input and yield what is old or missing among them."""
    present = [(feature, field) for feature, field in fill.fills if feature.name in value.values]
    for feature, field in present:
        filled[field] = value.values[feature.name]
    line["filled"] = [field for _, field in present]
    absent = [feature.name for feature, _ in fill.fills if feature.name not in value.values]
    old = [feature for feature, _ in present if age > feature.freshness_seconds]
    if absent:
        line |= {"status": "missing", "missing": absent}
        yield f"The view {fill.use.view} does not know {', '.join(absent)} of this case."
    if old:
        line |= {"status": "stale", "stale": [feature.name for feature in old]}
        limit = min(feature.freshness_seconds for feature in old)
        names = ", ".join(feature.name for feature in old)
        yield f"{names} of the view {fill.use.view} is {age:,.0f} s old; it counts as fresh for {limit:,} s."


def _unfit(
    spec: ContractSpec, plan: Sequence[_Fill], filled: dict[str, Any], read: Sequence[dict[str, Any]]
) -> list[str]:
    """Take out again what the contract's schema refuses; return what was taken out in words."""
    if not any("filled" in line for line in read):
        return []
    bad = {path.removeprefix("input.").split(".")[0].split("[")[0]: words for path, words in _faults(spec, filled)}
    told = []
    for fill, line in zip(plan, read, strict=True):
        for feature, field in fill.fills:
            if field not in bad or field not in line.get("filled", ()):
                continue
            line["filled"] = [other for other in line["filled"] if other != field]
            # Nothing is what a view says when it is known that there is no value: the field is then left out.
            if filled.pop(field) is not None:
                line["status"] = "missing"
                if fill.use.required:
                    told.append(f"{feature.name} of the view {fill.use.view} does not fit the contract: {bad[field]}")
    return told


def _faults(spec: ContractSpec, filled: Mapping[str, Any]) -> list[tuple[str, str]]:
    return spec.input.validate(filled, prefix="input")


def _absent(fill: _Fill, entity: str, *, away: bool) -> str:
    if not entity:
        return f"The case does not say whose features to read: {fill.use.path} is empty."
    if away:
        return f"The view {fill.use.view} could not be read."
    return f"The view {fill.use.view} knows nothing of this case."


@lru_cache(maxsize=256)
def _plan(spec: ContractSpec) -> list[_Fill]:
    """Return what a contract reads; looked up once, for neither contracts nor views ever change."""
    properties = spec.input_schema["properties"]
    made = []
    for use in spec.features:
        known = features.definition(use.view, use.version)
        fields = [(feature, use.prefix + feature.name) for feature in known.spec.features]
        made.append(_Fill(known.id, use, tuple((feature, field) for feature, field in fields if field in properties)))
    return made
