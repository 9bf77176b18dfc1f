"""A feature view as a document: what is known of one kind of entity, and what a new version changes, in words."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from agents.contracts import features, fields
from agents.contracts.faults import Fault, SpecError
from agents.contracts.schema import unstorable
from reviewapp.core import ids

TYPES = ("number", "integer", "string", "boolean")
_WORDS = {"number": "a number", "integer": "a whole number", "string": "text", "boolean": "true or false"}
_FEATURE = re.compile(r"^[A-Za-z_][A-Za-z0-9_]{0,59}$")
_HEADS = ("name", "entity", "title", "owner", "freshness_seconds", "features")
_MEMBERS = ("name", "title", "type", "unit", "class", "owner", "freshness_seconds")
_MOST = 200
_TEN_YEARS = 315_576_000
_LONGEST_TEXT = 2_000


@dataclass(frozen=True, slots=True)
class Feature:
    """One value of a view: its JSON type, unit and class, who answers for it, and for how long it counts as fresh."""

    name: str
    title: str
    kind: str
    unit: str
    sensitivity: str
    owner: str
    freshness_seconds: int


@dataclass(frozen=True, slots=True)
class Change:
    """What a version changes; `breaking` when whoever reads the old one may be wrong with the new one."""

    breaking: bool
    text: str


@dataclass(frozen=True)
class ViewSpec:
    """One version of a feature view. Equal digests mean equal views."""

    name: str
    entity: str
    title: str
    owner: str
    freshness_seconds: int
    features: tuple[Feature, ...]
    body: Mapping[str, Any]
    digest: str

    @classmethod
    def parse(cls, body: Any) -> "ViewSpec":
        """Read a view's document; raises `SpecError` with every fault by dotted path."""
        faults = list(_faults(body))
        if faults:
            raise SpecError(faults)
        listed = tuple(_feature(one, body) for one in body["features"])
        complete = {
            **{key: body[key] for key in ("name", "entity", "owner", "freshness_seconds")},
            "title": body.get("title", ""),
            "features": [
                {
                    "name": one.name,
                    "title": one.title,
                    "type": one.kind,
                    "unit": one.unit,
                    "class": one.sensitivity,
                    "owner": one.owner,
                    "freshness_seconds": one.freshness_seconds,
                }
                for one in listed
            ],
        }
        return cls(
            name=body["name"],
            entity=body["entity"],
            title=complete["title"],
            owner=body["owner"],
            freshness_seconds=body["freshness_seconds"],
            features=listed,
            body=complete,
            digest=ids.digest(complete),
        )

    def check(self, values: Any) -> dict[str, str]:
        """Return what is wrong with an entity's values, by dotted path below `values`; {} when they fit the view."""
        if not isinstance(values, Mapping) or not values:
            return {"values": "Send an object with the value of at least one feature."}
        kinds = {feature.name: feature.kind for feature in self.features}
        found: dict[str, str] = {}
        for name, value in values.items():
            if name not in kinds:
                found[f"values.{name}"] = f"The view has no such feature. It has {', '.join(list(kinds)[:12])}."
            elif value is not None and not _fits(kinds[name], value):
                found[f"values.{name}"] = f"Send {_WORDS[kinds[name]]}, or null when it is not known."
        return found or {f"values.{path}": message for path, message in unstorable(values)}


def changes(old: ViewSpec, new: ViewSpec) -> tuple[Change, ...]:
    """Say in sentences what `new` changes against `old`, the breaking changes first; () when nothing a reader sees."""
    found = [Change(False, f"{new.owner} answers for it instead of {old.owner}.")] if old.owner != new.owner else []
    before = {feature.name: feature for feature in old.features}
    after = {feature.name: feature for feature in new.features}
    found += [Change(True, f"{name} is no longer part of the view.") for name in before if name not in after]
    found += [Change(False, f"{name} is new.") for name in after if name not in before]
    for name, was in before.items():
        if name in after:
            found += _feature_changes(was, after[name])
    return tuple(sorted(found, key=lambda change: not change.breaking))


def _feature_changes(was: Feature, now: Feature) -> Iterator[Change]:
    if was.kind != now.kind:
        # Every whole number is a number, so only this widening breaks nobody.
        widened = (was.kind, now.kind) == ("integer", "number")
        yield Change(not widened, f"{was.name} is {_WORDS[now.kind]} instead of {_WORDS[was.kind]}.")
    if was.unit != now.unit:
        yield Change(True, f"{was.name} is in {now.unit or 'no unit'} instead of {was.unit or 'no unit'}.")
    if was.sensitivity != now.sensitivity:
        looser = fields.CLASSES.index(now.sensitivity) < fields.CLASSES.index(was.sensitivity)
        yield Change(looser, f"{was.name} is {now.sensitivity} instead of {was.sensitivity}.")
    if was.freshness_seconds != now.freshness_seconds:
        stricter = now.freshness_seconds < was.freshness_seconds
        text = f"{was.name} is fresh for {now.freshness_seconds:,} s instead of {was.freshness_seconds:,} s."
        yield Change(stricter, text)


def _feature(one: Mapping[str, Any], body: Mapping[str, Any]) -> Feature:
    return Feature(
        name=one["name"],
        title=one.get("title") or one["name"].replace("_", " ").capitalize(),
        kind=one["type"],
        unit=one.get("unit", ""),
        sensitivity=one.get("class", "internal"),
        owner=one.get("owner") or body["owner"],
        freshness_seconds=one.get("freshness_seconds", body["freshness_seconds"]),
    )


def _fits(kind: str, value: Any) -> bool:
    match kind:
        case "boolean":
            return isinstance(value, bool)
        case "string":
            return isinstance(value, str) and len(value) <= _LONGEST_TEXT
        case "integer":
            return isinstance(value, int) and not isinstance(value, bool)
        case _:
            return isinstance(value, int | float) and not isinstance(value, bool)


def _faults(body: Any) -> Iterator[Fault]:
    if not isinstance(body, Mapping):
        yield "", "A feature view is a JSON object."
        return
    for extra in set(body) - set(_HEADS):
        yield str(extra), f"Known are {', '.join(_HEADS)}."
    if not _name(body.get("name"), features.NAME):
        yield "name", "Name the view by small letters, digits and hyphens, at most 60."
    if not _name(body.get("entity"), _FEATURE):
        yield "entity", "Name the kind of entity by letters, digits and _, for example applicant."
    if not _text(body.get("owner"), least=1):
        yield "owner", "Say in at most 120 characters who answers for these values."
    if not _text(body.get("title", "")):
        yield "title", "Give a title of at most 120 characters, or leave it out."
    if not _seconds(body.get("freshness_seconds")):
        yield "freshness_seconds", f"Give a whole number of seconds from 1 to {_TEN_YEARS:,}."
    listed = body.get("features")
    if not isinstance(listed, list) or not 0 < len(listed) <= _MOST:
        yield "features", f"Give a list of 1 to {_MOST} features."
        return
    seen: set[str] = set()
    for index, one in enumerate(listed):
        yield from _feature_faults(one, f"features[{index}]", seen)


def _feature_faults(one: Any, path: str, seen: set[str]) -> Iterator[Fault]:
    if not isinstance(one, Mapping):
        yield path, "A feature is an object with name and type."
        return
    for extra in set(one) - set(_MEMBERS):
        yield f"{path}.{extra}", f"Known are {', '.join(_MEMBERS)}."
    name = one.get("name")
    if not isinstance(name, str) or not _FEATURE.match(name):
        yield f"{path}.name", "Name features by letters, digits and _, not starting with a digit."
    elif name in seen:
        yield f"{path}.name", f"The name {name} is used twice."
    else:
        seen.add(name)
    if one.get("type") not in TYPES:
        yield f"{path}.type", f"Choose one of {', '.join(TYPES)}."
    if one.get("class", "internal") not in fields.CLASSES:
        yield f"{path}.class", f"Choose one of {', '.join(fields.CLASSES)}."
    for key in ("title", "unit", "owner"):
        if not _text(one.get(key, "")):
            yield f"{path}.{key}", "Give text of at most 120 characters, or leave it out."
    if "freshness_seconds" in one and not _seconds(one["freshness_seconds"]):
        yield f"{path}.freshness_seconds", f"Give a whole number of seconds from 1 to {_TEN_YEARS:,}."


def _name(value: Any, form: re.Pattern[str]) -> bool:
    return isinstance(value, str) and len(value) <= 60 and form.match(value) is not None


def _text(value: Any, *, least: int = 0) -> bool:
    return isinstance(value, str) and least <= len(value.strip()) and len(value) <= 120 and "\x00" not in value


def _seconds(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= _TEN_YEARS
