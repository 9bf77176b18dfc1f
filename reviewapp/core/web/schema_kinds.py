"""What a JSON Schema (2020-12) asks for: references followed, null set apart, a kind of control, choices, typed values."""

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from reviewapp.core import schemas
from reviewapp.core.schemas import Schema

# Objects within objects are drawn this far; what is deeper is JSON text.
MAX_DEPTH = 6

# Text longer than this gets a box of several lines.
LINE_LENGTH = 120

# More alternatives than this are entered as JSON.
_MOST_VARIANTS = 12

# Examples of a contract that are shown beside a field.
_MOST_EXAMPLES = 3

_NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][+-]?\d+)?")
_GROUPED = re.compile(r"-?\d{1,3}([, \u00a0\u202f]\d{3})+(\.\d+)?")
_DECIMAL_COMMA = re.compile(r"[-\u2212]?\d+,\d+")
_BOUNDS = {"exclusiveMinimum": "more than", "exclusiveMaximum": "less than", "multipleOf": "in steps of"}
_SCALARS = frozenset({"string", "number", "integer"})


@dataclass(frozen=True, slots=True)
class Choice:
    """One value to choose; `key` is how it travels in the form."""

    key: str
    value: Any
    title: str
    chosen: bool = False


def resolved(root: Schema, prop: Any) -> Schema:
    """Return a schema as one plain piece (`schemas.resolved`), marked `x-circular` when it comes back to itself."""
    found = schemas.resolved(root, prop)
    return {**found, "x-circular": True} if schemas.circular(root, prop) else found


def kind(root: Schema, prop: Schema, depth: int = 0) -> str:
    """Return the kind of control: text, textarea, number, checkbox, select, radios, checks, lines, rows, group, variants,
    fixed, json.

    `json` is the way out for everything that has no control of its own, so no contract is beyond the form.
    """
    given = types(prop)
    if "x-circular" in prop:
        return "json"
    if "const" in prop:
        return "fixed"
    if choices(prop):
        return "radios" if prop.get("x-control") == "radios" else "select"
    if found := _object_kind(root, prop, depth):
        return found
    if "array" in given:
        return _array_kind(root, resolved(root, prop.get("items")), depth)
    if given - {"null"} == {"boolean"}:
        return "checkbox"
    if given & {"integer", "number"} and not given - {"integer", "number", "null"}:
        return "number"
    if given - {"null"} == {"string"}:
        return "textarea" if int(prop.get("maxLength") or 0) > LINE_LENGTH else "text"
    return "json"


def choices(prop: Schema) -> list[Choice]:
    """Return the values of an enum, or of `oneOf`/`anyOf` made of constants with titles; none for anything else."""
    listed = prop.get("oneOf") or prop.get("anyOf") or ()
    if listed and all(isinstance(one, Mapping) and ("const" in one or _is_null(one)) for one in listed):
        pairs = [(one.get("const"), one.get("title")) for one in listed]
    else:
        pairs = [(one, None) for one in prop.get("enum", ())]
    if "const" in prop:
        pairs = [(prop["const"], None)]
    found = [(value, title) for value, title in pairs if value is not None]
    keys = _keys([value for value, _ in found])
    return [
        Choice(key, value, str(title) if title else words(value))
        for key, (value, title) in zip(keys, found, strict=True)
    ]


def variants(root: Schema, prop: Schema) -> list[Schema]:
    """Return the objects that `oneOf` or `anyOf` offers, each as one plain piece; none where it offers anything else."""
    listed = [one for one in prop.get("oneOf") or prop.get("anyOf") or () if not _is_null(one)]
    if "properties" in prop or not 1 < len(listed) <= _MOST_VARIANTS:
        return []
    found = [resolved(root, one) for one in listed]
    drawn = all(one.get("properties") and "x-circular" not in one and not schemas.is_open(root, one) for one in found)
    return found if drawn else []


def variant_title(variant: Schema, index: int) -> str:
    """Return what a variant is called: its title, else its constants, else its place."""
    constants = [
        words(one["const"]) for one in variant["properties"].values() if isinstance(one, Mapping) and "const" in one
    ]
    return str(variant.get("title") or ", ".join(constants) or f"Variant {index + 1}")


def variant_of(listed: Sequence[Schema], value: Any) -> str:
    """Return the place of the variant that a value most looks like, as text; nothing for what is no object."""
    if not isinstance(value, Mapping):
        return ""
    return str(max(range(len(listed)), key=lambda index: (_likeness(listed[index], value), -index)))


def _likeness(variant: Schema, value: Mapping[str, Any]) -> tuple[int, int, int]:
    members = variant["properties"]
    unlike = sum(
        "const" in one and value.get(name) != one["const"] for name, one in members.items() if isinstance(one, Mapping)
    )
    lacking = sum(name not in value for name in variant.get("required", ()))
    return -unlike, -lacking, sum(1 if name in members else -1 for name in value)


def key_of(value: Any, listed: Sequence[Choice]) -> str | None:
    """Return the key of the choice that has this value; True is not 1, and "1" is not 1."""
    same = (one for one in listed if isinstance(one.value, bool) is isinstance(value, bool) and one.value == value)
    return next((one.key for one in same), None)


def words(value: Any) -> str:
    """Return a constant as words: "approve_with_limit" is "Approve with limit"."""
    return value.replace("_", " ").capitalize() if isinstance(value, str) else as_text(value)


def limits(prop: Schema) -> str:
    """Return what a value is held to, in words: bounds, steps, lengths, a pattern, what a format looks like."""
    low, high = (_bound(prop.get(name)) for name in ("minimum", "maximum"))
    told = [f"{low} to {high}"] if low and high else [f"at least {low}"] * bool(low) + [f"at most {high}"] * bool(high)
    told += [f"{words} {_bound(prop[name])}" for name, words in _BOUNDS.items() if name in prop]
    if int(prop.get("minLength") or 0) > 1:
        told.append(f"at least {prop['minLength']} characters")
    if prop.get("pattern"):
        told.append(f"in the pattern {prop['pattern']}")
    if examples := [as_text(one) for one in prop.get("examples", ()) if not isinstance(one, Mapping | list | None)]:
        told.append(f"for example {' or '.join(examples[:_MOST_EXAMPLES])}")
    elif example := schemas.EXAMPLES.get(str(prop.get("format", ""))):
        told.append(f"like {example}")
    return ", ".join(told)


def _bound(limit: Any) -> str:
    return f"{limit:,}" if isinstance(limit, int) else as_text(limit)


def types(prop: Schema) -> set[str]:
    """Return the types a schema names."""
    given = prop.get("type", ())
    return {given} if isinstance(given, str) else set(given)


def nullable(prop: Schema) -> bool:
    """Say whether null is a value of the schema."""
    listed = prop.get("oneOf") or prop.get("anyOf") or ()
    return (
        "null" in types(prop)
        or None in prop.get("enum", ())
        or bool(prop.get("x-nullable"))
        or any(_is_null(one) for one in listed)
    )


def empties(prop: Schema, kind: str, *, required: bool) -> list[str]:
    """Return what an empty control may mean in a valid document: "absent", "null", "empty" (text, list or object)."""
    if kind in {"fixed", "checkbox"}:
        return []
    found = ["absent"] * (not required) + ["null"] * nullable(prop)
    if kind in {"text", "textarea"} and not {"pattern", "format"} & set(prop) and not prop.get("minLength"):
        found.append("empty")
    if kind in {"lines", "checks", "rows"} and not prop.get("minItems"):
        found.append("empty")
    if kind == "group" and not prop.get("required"):
        found.append("empty")
    return found


def emptiness(value: Any, *, given: bool) -> str:
    """Return how a member is empty: "absent", "null", "empty", or nothing when it holds something."""
    if not given:
        return "absent"
    if value is None:
        return "null"
    return "empty" if isinstance(value, str | list | Mapping) and not value else ""


def as_text(value: Any) -> str:
    """Return a value as a control shows it: text as it is, everything else as JSON, nothing as nothing."""
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def as_json(value: Any) -> str:
    """Return a value as JSON over several lines."""
    return json.dumps(value, ensure_ascii=False, indent=2)


def number(entered: str) -> int | float | str:
    """Return the number that was entered, or the text itself when it is none, so that the validator can name it.

    Thousands may be grouped by commas or spaces ("6,500"); a comma that groups nothing ("6,5") is not guessed at.
    """
    plain = entered.replace("\u2212", "-")
    if _GROUPED.fullmatch(plain):
        plain = re.sub(r"[, \u00a0\u202f]", "", plain)
    if not _NUMBER.fullmatch(plain):
        return entered
    if plain.lstrip("-").isdigit():
        return int(plain)
    found = float(plain)
    return found if math.isfinite(found) else entered


def comma_words(entered: str) -> str:
    """Return how to write a number whose decimals were set off by a comma; nothing for any other entry."""
    plain = entered.strip()
    if isinstance(number(plain), str) and _DECIMAL_COMMA.fullmatch(plain):
        return f"Write decimals with a point: {plain.replace(',', '.')}."
    return ""


def from_json(entered: str) -> Any:
    """Return the JSON value that was entered, or the text itself when it is none."""
    try:
        return json.loads(entered, parse_constant=_refuse)
    except ValueError:
        return entered


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is not JSON")


def _object_kind(root: Schema, prop: Schema, depth: int) -> str:
    given = types(prop)
    if depth < MAX_DEPTH and variants(root, prop):
        return "variants"
    if "object" not in given and "properties" not in prop:
        return ""
    drawn = depth < MAX_DEPTH and prop.get("properties") and not schemas.is_open(root, prop)
    return "group" if drawn and not given - {"object", "null"} else "json"


def _array_kind(root: Schema, items: Schema, depth: int) -> str:
    if choices(items):
        return "checks"
    inner = kind(root, items, depth + 1) if depth < MAX_DEPTH else "json"
    if inner == "group":
        return "rows"
    return "lines" if inner in {"text", "number"} and types(items) <= _SCALARS else "json"


def _is_null(schema: Any) -> bool:
    return isinstance(schema, Mapping) and schema.get("type") == "null"


def _keys(values: Sequence[Any]) -> list[str]:
    plain = [as_text(value) for value in values]
    return plain if len(set(plain)) == len(plain) else [json.dumps(value) for value in values]
