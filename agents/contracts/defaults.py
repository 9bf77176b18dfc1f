"""What a schema adds to itself and to documents: the order of its fields, and values for fields that are left out."""

import copy
from collections.abc import Iterator, Mapping
from typing import Any

from agents.contracts import fields

# Keywords whose value is a map of schemas, and those whose value is a schema or a list of them.
_MAPS = frozenset({"properties", "$defs", "definitions"})
_INNER = frozenset({"items", "prefixItems", "allOf", "anyOf", "oneOf", "then", "else", "additionalProperties"})


def stated(schema: Any) -> bool:
    """Say whether a schema states a default anywhere; a field that is itself called "default" counts as one."""
    if isinstance(schema, Mapping):
        return "default" in schema or any(stated(one) for one in schema.values())
    return isinstance(schema, list) and any(stated(one) for one in schema)


def filled(root: Mapping[str, Any], schema: Any, value: Any) -> Any:
    """Return a value with the defaults of its schema where fields are absent, also within lists; it is not changed."""
    plain = fields.resolved(root, schema)
    if isinstance(value, list) and isinstance(plain.get("items"), Mapping):
        return [filled(root, plain["items"], one) for one in value]
    if not isinstance(value, Mapping) or "properties" not in plain:
        return value
    made = dict(value)
    for name, raw in plain["properties"].items():
        if name in made:
            if isinstance(made[name], Mapping | list):
                made[name] = filled(root, raw, made[name])
        elif "default" in (prop := fields.resolved(root, raw)):
            made[name] = copy.deepcopy(prop["default"])
    return made


def number(schema: Any) -> None:
    """Give every property at every depth an `x-order`, in the order given; the schema is changed in place."""
    for one in _parts(schema):
        number(one)
    properties = schema.get("properties") if isinstance(schema, dict) else None
    if isinstance(properties, dict):
        for index, prop in enumerate(properties.values()):
            if isinstance(prop, dict):
                prop.setdefault("x-order", index)
        schema["properties"] = dict(fields.ordered(schema))


def _parts(schema: Any) -> Iterator[Any]:
    if isinstance(schema, list):
        yield from schema
    if not isinstance(schema, dict):
        return
    for key in _MAPS & set(schema):
        if isinstance(schema[key], dict):
            yield from schema[key].values()
    yield from (schema[key] for key in _INNER & set(schema))
