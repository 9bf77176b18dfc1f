"""The fields of a JSON Schema as people see them: in display order, with title, unit, group, source and class."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from reviewapp.core.schemas import resolved

__all__ = ["CLASSES", "FieldInfo", "at", "constants", "describe", "fill", "human", "kind_of", "ordered", "resolved"]

CLASSES = ("public", "internal", "personal", "sensitive")
# Objects within objects: a schema that points at itself ends there.
_DEEPEST = 8


@dataclass(frozen=True, slots=True)
class FieldInfo:
    """One property of a schema. `path` is dotted from the schema's root; `kind` is the JSON type without null."""

    name: str
    path: str
    title: str
    description: str
    unit: str
    group: str
    source: str
    sensitivity: str
    kind: str
    required: bool
    choices: tuple[Any, ...]
    default: Any

    def show(self, value: Any) -> str:
        """Return `value` as a person reads it, with its unit."""
        return human(value, self.unit)


def describe(schema: Mapping[str, Any]) -> tuple[FieldInfo, ...]:
    """Return the leaf fields of an object schema in display order; nested objects are flattened by dotted path."""
    return tuple(_walk(schema, resolved(schema, schema), "", "", 0))


def constants(prop: Mapping[str, Any]) -> tuple[Any, ...]:
    """Return the values a property is limited to: by `enum`, by `const`, or by `oneOf`/`anyOf` made of constants."""
    if "const" in prop:
        return (prop["const"],)
    if "enum" in prop:
        return tuple(prop["enum"])
    listed = prop.get("oneOf") or prop.get("anyOf") or ()
    if listed and all(isinstance(one, Mapping) and ("const" in one or one.get("type") == "null") for one in listed):
        return tuple(one.get("const") for one in listed)
    return ()


def _walk(
    root: Mapping[str, Any], schema: Mapping[str, Any], prefix: str, group: str, depth: int
) -> Iterator[FieldInfo]:
    required = set(schema.get("required", ()))
    for name, raw in ordered(schema):
        prop = resolved(root, raw)
        path = f"{prefix}{name}"
        title = str(prop.get("title") or name.replace("_", " ").capitalize())
        if kind_of(prop) == "object" and prop.get("properties") and depth < _DEEPEST:
            yield from _walk(root, prop, f"{path}.", str(prop.get("x-group") or title), depth + 1)
            continue
        yield FieldInfo(
            name=name,
            path=path,
            title=title,
            description=str(prop.get("description", "")),
            unit=str(prop.get("x-unit", "")),
            group=str(prop.get("x-group", group)),
            source=str(prop.get("x-source", "")),
            sensitivity=str(prop.get("x-class", "internal")),
            kind=kind_of(prop),
            required=name in required,
            choices=tuple(value for value in constants(prop) if value is not None),
            default=prop.get("default"),
        )


def ordered(schema: Mapping[str, Any]) -> list[tuple[str, Mapping[str, Any]]]:
    """Return (name, schema) of the properties by their `x-order`, which PostgreSQL's jsonb would otherwise lose."""
    properties = schema.get("properties", {})
    last = len(properties)
    return sorted(
        properties.items(), key=lambda item: item[1].get("x-order", last) if isinstance(item[1], Mapping) else last
    )


def kind_of(prop: Mapping[str, Any]) -> str:
    """Return the JSON type of a property without null: string, integer, number, boolean, array, object, or any."""
    given = prop.get("type")
    names = [given] if isinstance(given, str) else [name for name in given or () if name != "null"]
    if len(names) == 1:
        return str(names[0])
    if set(names) == {"integer", "number"}:
        return "number"
    values = [value for value in constants(prop) if value is not None]
    if values and all(isinstance(value, str) for value in values):
        return "string"
    return "any"


def at(document: Any, path: str) -> Any:
    """Return the value at a dotted path of nested objects, or None when any step is absent."""
    for step in path.split("."):
        if not isinstance(document, Mapping):
            return None
        document = document.get(step)
    return document


def human(value: Any, unit: str = "") -> str:
    """Return a JSON value as text: thousands apart, yes and no, lists joined, absent as "not given"."""
    match value:
        case None:
            return "not given"
        case bool():
            text = "yes" if value else "no"
        case int():
            text = f"{value:,}"
        case float():
            text = f"{value:,.0f}" if value.is_integer() and abs(value) < 1e15 else f"{value:,.6g}"
        case list() | tuple():
            text = ", ".join(human(item) for item in value) or "none"
        case Mapping():
            text = ", ".join(f"{key}: {human(item)}" for key, item in value.items()) or "none"
        case _:
            text = str(value)
    return f"{text} {unit}" if unit else text


def fill(template: str, document: Mapping[str, Any]) -> str:
    """Replace every `{field}` of a title template by the document's value as a person reads it."""
    return PLACEHOLDER.sub(lambda match: human(at(document, match.group(1))), template)


PLACEHOLDER = re.compile(r"\{([A-Za-z_][\w.]*)\}")
