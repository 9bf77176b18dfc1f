"""An example document of a schema, for a first request that works."""

from collections.abc import Mapping
from typing import Any

from agents.contracts import fields
from reviewapp.core import schemas


def document(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return an example with every required field, taken from examples, defaults, choices or limits, in this order."""
    return _object(schema, fields.resolved(schema, schema))


def _object(root: Mapping[str, Any], schema: Mapping[str, Any]) -> dict[str, Any]:
    required = set(schema.get("required", ()))
    return {name: _value(root, prop) for name, prop in fields.ordered(schema) if name in required}


def _value(root: Mapping[str, Any], raw: Any) -> Any:
    prop = fields.resolved(root, raw)
    stated = [*prop.get("examples", ()), prop.get("default"), *fields.constants(prop)]
    for one in stated:
        if one is not None:
            return one
    match fields.kind_of(prop):
        case "integer":
            return int(_number(prop))
        case "number":
            return float(_number(prop))
        case "boolean":
            return True
        case "array":
            return [_value(root, prop.get("items", {}))] * int(prop.get("minItems", 0))
        case "object":
            return _object(root, prop)
        case _:
            return _text(prop)


def _number(prop: Mapping[str, Any]) -> float:
    if "minimum" in prop:
        return float(prop["minimum"])
    if "exclusiveMinimum" in prop:
        return float(prop["exclusiveMinimum"]) + 1
    return min(1.0, float(prop.get("maximum", 1)))


def _text(prop: Mapping[str, Any]) -> str:
    text = schemas.EXAMPLES.get(str(prop.get("format")), "text")
    longest = prop.get("maxLength")
    text = text.ljust(int(prop.get("minLength", 0)), ".")
    return text[: int(longest)] if longest is not None else text
