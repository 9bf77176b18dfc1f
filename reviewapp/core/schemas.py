"""What a JSON Schema (2020-12) says at one place: references followed, plain `allOf` joined, null set apart."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

Schema = Mapping[str, Any]

# One value of every format that is not plain words.
EXAMPLES: Mapping[str, str] = {
    "date": "2027-01-31",
    "date-time": "2027-01-31T09:30:00Z",
    "time": "09:30:00Z",
    "duration": "P3D",
    "email": "someone@example.org",
    "uri": "https://example.org/case/7",
    "uuid": "0190c1f0-7d3a-7cc4-9a5e-1b2c3d4e5f60",
    "ipv4": "192.0.2.7",
    "ipv6": "2001:db8::7",
    "hostname": "example.org",
}

# References and parts in a row: a schema that points at itself ends there.
_FARTHEST = 16
# Beside these a part says something that cannot be told by joining it with its neighbours.
_CONDITIONAL = frozenset({"allOf", "if", "dependentSchemas", "patternProperties", "$ref", "$dynamicRef"})
_GREATEST = frozenset({"minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties"})
_SMALLEST = frozenset({"maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties"})
_DATA = frozenset({"enum", "const", "default", "examples"})


def resolved(root: Schema, prop: Any) -> Schema:
    """Return a schema as one plain piece: local references (`#/$defs/…`) followed, the plain parts of `allOf` joined.

    Members beside a reference win. One alternative beside null (`anyOf` of two) becomes that alternative with null
    among its types, or `x-nullable` where it names no type. What cannot be joined stays under `allOf`. A reference
    that leads nowhere, or in a circle, asks for nothing: what stands beside it is returned. The given one is not changed.
    """
    return _resolved(root, prop, 0)


def circular(root: Schema, prop: Any) -> bool:
    """Say whether a schema, followed along its references, comes back to itself: its documents may nest without end."""
    return any(ref in _reached(root, target(root, ref)) for ref in _names(root, prop, 0))


def target(root: Schema, reference: str) -> Schema:
    """Return what a JSON Pointer fragment (RFC 6901) points at in the root, {} for nothing."""
    found: Any = root
    for step in reference.removeprefix("#").strip("/").split("/"):
        if step == "":
            continue
        name = step.replace("~1", "/").replace("~0", "~")
        if isinstance(found, list):
            found = found[int(name)] if name.isdecimal() and int(name) < len(found) else None
        else:
            found = found.get(name) if isinstance(found, Mapping) else None
    return found if isinstance(found, Mapping) and reference.startswith("#") else {}


def is_open(root: Schema, schema: Schema) -> bool:
    """Say whether an object may hold members besides those that it lists: by rule, by pattern or by an alternative."""
    said = [schema[name] for name in ("additionalProperties", "unevaluatedProperties") if name in schema]
    if any(one is not False for one in said) or "patternProperties" in schema:
        return True
    listed = set(schema.get("properties", ()))
    return any(_adds(root, one, listed) for one in _alternatives(schema))


def _alternatives(schema: Schema) -> Iterator[Any]:
    for name in ("allOf", "anyOf", "oneOf"):
        yield from schema.get(name) or ()
    yield from (schema[name] for name in ("then", "else") if name in schema)
    yield from (schema.get("dependentSchemas") or {}).values()


def _adds(root: Schema, raw: Any, listed: set[str]) -> bool:
    part = resolved(root, raw)
    if set(part.get("properties", ())) - listed or "patternProperties" in part:
        return True
    # What is nested in an alternative is not looked into: it counts as more.
    return any(isinstance(one, Mapping) and one.get("properties") for one in _alternatives(part))


def _resolved(root: Schema, prop: Any, depth: int) -> Schema:
    found: Schema = prop if isinstance(prop, Mapping) else {}
    for _ in range(_FARTHEST):
        if isinstance(found.get("$ref"), str):
            beside = {name: one for name, one in found.items() if name != "$ref"}
            found = {**target(root, found["$ref"]), **beside}
        elif (inner := _beside_null(found)) is not None:
            found = inner
        else:
            break
    if "allOf" in found and depth < _FARTHEST and isinstance(found["allOf"], list):
        found = _joined(root, found, depth)
    return _with_null(found) if "x-nullable" in found else found


def _joined(root: Schema, schema: Schema, depth: int) -> Schema:
    made: dict[str, Any] = {}
    left: list[Any] = []
    for part in schema["allOf"]:
        piece = _resolved(root, part, depth + 1)
        if not isinstance(part, Mapping) or _CONDITIONAL & set(piece):
            left.append(part)
        else:
            _join(made, piece)
    _join(made, {name: one for name, one in schema.items() if name != "allOf"})
    if isinstance(made.get("properties"), Mapping):
        # Every part counts its own fields from nought: together they follow part by part.
        made["properties"] = {
            name: {**one, "x-order": place} if isinstance(one, Mapping) else one
            for place, (name, one) in enumerate(made["properties"].items())
        }
    return {**made, "allOf": left} if left else made


def _join(made: dict[str, Any], piece: Schema) -> None:
    for name, one in piece.items():
        if name not in made:
            made[name] = _in_order(one) if name == "properties" else one
        elif name == "properties":
            for field, inner in _in_order(one).items():
                made[name] = {**made[name], field: _both(made[name].get(field), inner)}
        elif name == "required":
            made[name] = list(dict.fromkeys([*made[name], *one]))
        elif name in _GREATEST:
            made[name] = max(made[name], one)
        elif name in _SMALLEST:
            made[name] = min(made[name], one)
        elif name == "type":
            made[name] = _types(made[name], one)
        elif name == "enum":
            made[name] = [value for value in one if value in made[name]] or one
        else:
            made[name] = one


def _in_order(properties: Any) -> dict[str, Any]:
    def place(pair: tuple[str, Any]) -> int:
        return int(pair[1].get("x-order", len(properties))) if isinstance(pair[1], Mapping) else len(properties)

    return dict(sorted(properties.items(), key=place))


def _both(one: Any, other: Any) -> Any:
    if not isinstance(one, Mapping) or not isinstance(other, Mapping):
        return other if one is None else one
    return {"allOf": [one, other]}


def _types(one: Any, other: Any) -> Any:
    first, second = ({each} if isinstance(each, str) else set(each) for each in (one, other))
    common = first & second
    if "integer" in first ^ second and "number" in first ^ second:
        common |= {"integer"}
    return (common.pop() if len(common) == 1 else sorted(common)) if common else other


def _beside_null(prop: Schema) -> Schema | None:
    for name in ("anyOf", "oneOf"):
        listed = prop.get(name)
        if isinstance(listed, Sequence) and len(listed) == 2 and sum(_is_null(one) for one in listed) == 1:
            other = next(one for one in listed if not _is_null(one))
            if isinstance(other, Mapping) and "const" not in other:
                return {**other, **{key: one for key, one in prop.items() if key != name}, "x-nullable": True}
    return None


def _with_null(schema: Schema) -> Schema:
    made = dict(schema)
    given = made.get("type")
    if given is not None:
        made["type"] = list(dict.fromkeys([*([given] if isinstance(given, str) else given), "null"]))
        del made["x-nullable"]
    if "enum" in made and None not in made["enum"]:
        made["enum"] = [*made["enum"], None]
    return made


def _is_null(schema: Any) -> bool:
    return isinstance(schema, Mapping) and schema.get("type") == "null"


def _names(root: Schema, prop: Any, depth: int) -> Iterator[str]:
    """Yield the references that apply in the place of a schema itself."""
    if not isinstance(prop, Mapping) or depth > _FARTHEST:
        return
    if isinstance(prop.get("$ref"), str):
        yield prop["$ref"]
        yield from _names(root, target(root, prop["$ref"]), depth + 1)
    for name in ("allOf", "anyOf", "oneOf"):
        for one in prop.get(name) or ():
            yield from _names(root, one, depth + 1)


def _reached(root: Schema, start: Any) -> set[str]:
    """Return every reference that can be come to from a schema."""
    found: set[str] = set()
    left: list[Any] = [start]
    while left:
        node = left.pop()
        if isinstance(node, list):
            left.extend(node)
        elif isinstance(node, Mapping):
            ref = node.get("$ref")
            if isinstance(ref, str) and ref not in found:
                found.add(ref)
                left.append(target(root, ref))
            left.extend(one for name, one in node.items() if name not in _DATA | {"$ref", "$defs", "definitions"})
    return found
