"""A form from a JSON Schema (2020-12): typed controls, values from what was posted, errors at the field.

Every control is named by the dotted path that the API uses, so an error of the validator lands at its field. What was
entered is kept as typed, also when it is no valid number.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.http import QueryDict

MAX_DEPTH = 6


@dataclass(frozen=True, slots=True)
class Choice:
    """One value to choose; `key` is how it travels in the form."""

    key: str
    value: Any
    title: str
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class Control:
    """One control. `kind` is text, textarea, number, checkbox, select, checks, lines or group (see `controls`)."""

    name: str
    path: str
    kind: str
    title: str
    hint: str
    unit: str
    required: bool
    text: str = ""
    checked: bool = False
    step: str = ""
    low: str = ""
    high: str = ""
    input_type: str = "text"
    max_length: int | None = None
    choices: tuple[Choice, ...] = ()
    error: str = ""
    controls: tuple["Control", ...] = field(default=())

    @property
    def ident(self) -> str:
        """Return the element id."""
        return "f-" + self.name.replace(".", "-")


def build(
    schema: Mapping[str, Any],
    *,
    value: Mapping[str, Any] | None = None,
    posted: QueryDict | None = None,
    errors: Mapping[str, str] | None = None,
    prefix: str = "output",
) -> tuple[Control, ...]:
    """Return the controls of an object schema, filled from what was posted, else from `value`, else from defaults."""
    return tuple(_controls(schema, schema, value or {}, posted, errors or {}, prefix, 0))


def parse(schema: Mapping[str, Any], posted: QueryDict, *, prefix: str = "output") -> dict[str, Any]:
    """Return the document that was entered, with its types; what is no number stays text, so the validator names it.

    Controls left empty are left out, or null where the schema allows null.
    """
    return _parse_object(schema, schema, posted, prefix, 0)


def _controls(
    root: Mapping[str, Any],
    schema: Mapping[str, Any],
    value: Mapping[str, Any],
    posted: QueryDict | None,
    errors: Mapping[str, str],
    prefix: str,
    depth: int,
) -> Iterator[Control]:
    required = set(schema.get("required", ()))
    for name, raw in _ordered(schema):
        prop = _resolved(root, raw)
        path = f"{prefix}.{name}"
        kind = _kind(root, prop)
        common: dict[str, Any] = {
            "name": path,
            "path": path,
            "kind": kind,
            "title": str(prop.get("title") or name.replace("_", " ").capitalize()),
            "hint": str(prop.get("description", "")),
            "unit": str(prop.get("x-unit", "")),
            "required": name in required,
            "error": errors.get(path, ""),
        }
        current = value.get(name, prop.get("default"))
        if kind == "group" and depth < MAX_DEPTH:
            inner = current if isinstance(current, Mapping) else {}
            yield Control(**common, controls=tuple(_controls(root, prop, inner, posted, errors, path, depth + 1)))
            continue
        yield Control(**common, **_state(root, prop, kind, current, posted, path))


def _state(
    root: Mapping[str, Any], prop: Mapping[str, Any], kind: str, current: Any, posted: QueryDict | None, path: str
) -> dict[str, Any]:
    entered = posted.getlist(path) if posted is not None else None
    if kind == "checkbox":
        return {"checked": bool(entered) if entered is not None else current is True}
    if kind in {"select", "checks"}:
        options = _choices(_resolved(root, prop.get("items", {})) if kind == "checks" else prop)
        picked = entered if entered is not None else [_key(one) for one in _listed(current, kind)]
        return {"choices": tuple(Choice(one.key, one.value, one.title, one.key in picked) for one in options)}
    if entered is not None:
        text = entered[0] if entered else ""
    elif kind == "lines":
        text = "\n".join(str(one) for one in current or [])
    else:
        text = "" if current is None else str(current)
    made: dict[str, Any] = {"text": text, "max_length": prop.get("maxLength")}
    if kind == "number":
        made["step"] = str(prop.get("multipleOf") or ("1" if "integer" in _types(prop) else "any"))
        made["low"], made["high"] = str(prop.get("minimum", "")), str(prop.get("maximum", ""))
    else:
        made["input_type"] = {"date": "date", "email": "email", "uri": "url", "date-time": "text"}.get(
            str(prop.get("format", "")), "text"
        )
    return made


def _parse_object(
    root: Mapping[str, Any], schema: Mapping[str, Any], posted: QueryDict, prefix: str, depth: int
) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for name, raw in _ordered(schema):
        prop = _resolved(root, raw)
        path = f"{prefix}.{name}"
        kind = _kind(root, prop)
        if kind == "group" and depth < MAX_DEPTH:
            inner = _parse_object(root, prop, posted, path, depth + 1)
            if inner or name in schema.get("required", ()):
                made[name] = inner
            continue
        if kind == "checkbox":
            made[name] = path in posted
            continue
        if kind in {"checks", "lines"}:
            found = _parse_list(root, prop, kind, posted, path)
            if found or path in posted or f"{path}.present" in posted:
                made[name] = found
            continue
        entered = posted.get(path, "").strip()
        if entered == "":
            if path in posted and "null" in _types(prop):
                made[name] = None
            continue
        made[name] = _typed(prop, kind, entered)
    return made


def _parse_list(root: Mapping[str, Any], prop: Mapping[str, Any], kind: str, posted: QueryDict, path: str) -> list[Any]:
    items = _resolved(root, prop.get("items", {}))
    if kind == "checks":
        known = {one.key: one.value for one in _choices(items)}
        return [known.get(key, key) for key in posted.getlist(path)]
    lines = [line.strip() for line in posted.get(path, "").splitlines()]
    return [
        _typed(items, "number" if {"number", "integer"} & set(_types(items)) else "text", line)
        for line in lines
        if line
    ]


def _typed(prop: Mapping[str, Any], kind: str, entered: str) -> Any:
    if kind == "select":
        return next((one.value for one in _choices(prop) if one.key == entered), entered)
    if kind == "number":
        plain = entered.replace(" ", "").replace("\u202f", "").replace(",", "")
        try:
            return int(plain) if plain.lstrip("-").isdigit() else float(plain)
        except ValueError:
            return entered
    return entered


def _kind(root: Mapping[str, Any], prop: Mapping[str, Any]) -> str:
    types = _types(prop)
    if _choices(prop):
        return "select"
    if "object" in types or "properties" in prop:
        return "group"
    if "array" in types:
        return "checks" if _choices(_resolved(root, prop.get("items", {}))) else "lines"
    if "boolean" in types:
        return "checkbox"
    if {"integer", "number"} & set(types):
        return "number"
    return "textarea" if int(prop.get("maxLength", 0) or 0) > 120 else "text"


def _choices(prop: Mapping[str, Any]) -> list[Choice]:
    listed = prop.get("oneOf") or prop.get("anyOf") or ()
    if listed and all("const" in one for one in listed):
        return [
            Choice(_key(one["const"]), one["const"], str(one.get("title", one["const"])))
            for one in listed
            if one["const"] is not None
        ]
    return [
        Choice(_key(one), one, str(one).replace("_", " ").capitalize())
        for one in prop.get("enum", ())
        if one is not None
    ]


def _key(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _listed(current: Any, kind: str) -> list[Any]:
    if kind == "checks":
        return list(current) if isinstance(current, list) else []
    return [] if current is None else [current]


def _types(prop: Mapping[str, Any]) -> tuple[str, ...]:
    given = prop.get("type", ())
    return (given,) if isinstance(given, str) else tuple(given)


def _ordered(schema: Mapping[str, Any]) -> list[tuple[str, Mapping[str, Any]]]:
    properties = schema.get("properties", {})
    return sorted(properties.items(), key=lambda pair: pair[1].get("x-order", len(properties)))


def _resolved(root: Mapping[str, Any], prop: Mapping[str, Any]) -> Mapping[str, Any]:
    """Follow local references (`#/$defs/…`); members beside the reference win, as 2020-12 has it."""
    for _ in range(MAX_DEPTH):
        ref = prop.get("$ref")
        if not isinstance(ref, str) or not ref.startswith("#/"):
            return prop
        place: Any = root
        for step in ref[2:].split("/"):
            place = place.get(step.replace("~1", "/").replace("~0", "~"), {}) if isinstance(place, Mapping) else {}
        prop = {**place, **{name: one for name, one in prop.items() if name != "$ref"}}
    return prop
