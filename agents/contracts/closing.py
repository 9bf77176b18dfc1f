"""Objects know their fields: closing schemas against others, and leaving unknown fields out where a contract says so."""

from collections.abc import Iterator, Mapping
from typing import Any

from agents.contracts import fields

# Keywords whose value is a map of schemas, a list of schemas, or one schema (JSON Schema 2020-12, core 10).
_MAPS = frozenset({"properties", "patternProperties", "$defs", "definitions"})
_IN_PLACE_LISTS = frozenset({"allOf", "anyOf", "oneOf"})
_IN_PLACE = frozenset({"if", "then", "else", "not"})
_ONE = frozenset({"items", "contains", "additionalProperties", "unevaluatedProperties", "unevaluatedItems"})
# What is nested deeper is left to the validator, which refuses it.
_DEEPEST = 32
_SAID = frozenset({"additionalProperties", "unevaluatedProperties"})
# Beside these a field may be known by another part of the schema, which "additionalProperties" would not see.
_SPREAD = _IN_PLACE_LISTS | {"$ref", "$dynamicRef", "if", "dependentSchemas"}


def closed(schema: Any, *, in_place: bool = False) -> Any:
    """Return the schema with every object that lists its fields refusing others, unless it says otherwise.

    A schema that applies in the place of another (`allOf`, `oneOf`, `if` and the like: `in_place`) is one part of what
    is known there, so only the whole is closed.
    """
    if not isinstance(schema, Mapping):
        return schema
    made = {key: _member(key, value) for key, value in schema.items()}
    if not in_place and isinstance(made.get("properties"), dict) and not _SAID & set(made):
        made["unevaluatedProperties" if _SPREAD & set(made) else "additionalProperties"] = False
    return made


def pruned(schema: Mapping[str, Any], document: Any) -> tuple[Any, tuple[str, ...]]:
    """Return the document without the fields its schema does not know, and their dotted paths.

    Only objects that list their fields in one place are looked into; the rest is left to the validator. The document
    that was given is not changed, and is returned itself when nothing is dropped.
    """
    dropped: list[str] = []
    made = _prune(schema, schema, document, "", dropped)
    return (made, tuple(dropped)) if dropped else (document, ())


def _member(key: str, value: Any) -> Any:
    if key in _MAPS and isinstance(value, Mapping):
        return {name: closed(one) for name, one in value.items()}
    if key == "dependentSchemas" and isinstance(value, Mapping):
        return {name: closed(one, in_place=True) for name, one in value.items()}
    if key in _IN_PLACE_LISTS and isinstance(value, list):
        return [closed(one, in_place=True) for one in value]
    if key == "prefixItems" and isinstance(value, list):
        return [closed(one) for one in value]
    if key in _IN_PLACE:
        return closed(value, in_place=True)
    return closed(value) if key in _ONE else value


def _prune(root: Mapping[str, Any], schema: Mapping[str, Any], value: Any, path: str, dropped: list[str]) -> Any:
    if path.count(".") + path.count("[") > _DEEPEST:
        return value
    plain = fields.resolved(root, schema)
    if isinstance(value, list):
        items = plain.get("items")
        if not isinstance(items, Mapping):
            return value
        return [_prune(root, items, one, f"{path}[{index}]", dropped) for index, one in enumerate(value)]
    if not isinstance(value, Mapping) or not isinstance(plain.get("properties"), Mapping):
        return value
    return dict(_kept(root, plain, value, path, dropped))


def _kept(
    root: Mapping[str, Any], plain: Mapping[str, Any], value: Mapping[str, Any], path: str, dropped: list[str]
) -> Iterator[tuple[str, Any]]:
    whole = not _SPREAD & set(plain) and "patternProperties" not in plain
    shut = whole and plain.get("additionalProperties", False) is False and "unevaluatedProperties" not in plain
    for name, one in value.items():
        at = f"{path}.{name}" if path else str(name)
        prop = plain["properties"].get(name)
        if prop is None and shut:
            dropped.append(at)
        else:
            yield name, _prune(root, prop, one, at, dropped) if isinstance(prop, Mapping) else one
