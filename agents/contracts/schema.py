"""JSON Schema 2020-12 for contracts: compiling, validating in words people understand, applying defaults."""

import copy
import json
import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import jsonschema_rs
import orjson

from agents.contracts import closing, defaults, fields
from agents.contracts.faults import Fault
from reviewapp.core.schemas import EXAMPLES

# Integers beyond this have no canonical JSON form (RFC 8785 follows IEEE 754 doubles).
LARGEST = 2**53 - 1
DEEPEST = 32
_STRICT = (
    orjson.OPT_STRICT_INTEGER
    | orjson.OPT_PASSTHROUGH_DATETIME
    | orjson.OPT_PASSTHROUGH_DATACLASS
    | orjson.OPT_PASSTHROUGH_SUBCLASS
)
_NAME = re.compile(r"^[A-Za-z_][A-Za-z0-9_]*$")
# Words the rule language (CEL) keeps for itself: a field of that name could not be used in a rule.
_RESERVED = frozenset(
    [
        "as",
        "break",
        "const",
        "continue",
        "else",
        "false",
        "for",
        "function",
        "if",
        "import",
        "in",
        "let",
        "loop",
        "namespace",
        "null",
        "package",
        "return",
        "true",
        "var",
        "void",
        "while",
    ]
)
# How a value of a format looks (RFC 3339 and others), for those whose form is not known by heart.
_LIKE = {name: f": write it like {text}" for name, text in EXAMPLES.items()}
_KINDS = {
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "an object",
    "null": "null",
}


class Schema:
    """A compiled schema that knows the fields of a document and says what is wrong with one."""

    def __init__(self, body: Mapping[str, Any]) -> None:
        """Compile `body`, which `faults_of` has accepted. Objects refuse unknown fields unless they say otherwise."""
        self.body = dict(body)
        self.fields = fields.describe(body)
        self._units = {field.path: field.unit for field in self.fields}
        self._choices = {field.path: field.choices for field in self.fields}
        self._validator = jsonschema_rs.Draft202012Validator(closing.closed(body), validate_formats=True)
        self._has_defaults = defaults.stated(body)

    def validate(self, document: Any, *, prefix: str = "") -> list[Fault]:
        """Return every fault of `document` as (dotted path below `prefix`, message that names the mend); [] if valid."""
        valid = self._validator.is_valid(document)
        if valid and plainly_storable(document):
            return []
        found = {join(prefix, path): message for path, message in unstorable(document)}
        if not valid:
            for error in self._validator.iter_errors(document):
                for steps, message in self._explain(error):
                    found.setdefault(join(prefix, *steps), message)
        return list(found.items())

    def with_defaults(self, document: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the document with the schema's defaults where a field is absent; the given one is not changed."""
        return defaults.filled(self.body, self.body, document) if self._has_defaults else document

    def without_unknown(self, document: Any) -> tuple[Any, tuple[str, ...]]:
        """Return the document without fields the schema does not know, and the dotted paths that were left out."""
        return closing.pruned(self.body, document)

    def _explain(self, error: Any) -> Iterator[tuple[Sequence[Any], str]]:
        at = list(error.instance_path)
        detail = error.kind.as_dict()
        match error.kind.name:
            case "required":
                yield [*at, detail["property"]], "This field is required."
            case "additionalProperties" | "unevaluatedProperties":
                for name in detail["unexpected"]:
                    yield [*at, name], self._unknown(at, name)
            case "oneOf" | "anyOf" if options := self._options(at) or _constants(detail):
                yield at, f"Choose one of {', '.join(fields.human(option) for option in options)}."
            case "oneOf" | "anyOf":
                for inner in _nearest(detail, len(at)):
                    yield from self._explain(inner)
            case kind:
                unit = self._units.get(".".join(str(step) for step in at), "")
                yield at, _SENTENCES.get(kind, _other)(detail, unit, error.message)

    def _options(self, at: Sequence[Any]) -> tuple[Any, ...]:
        return self._choices.get(".".join(str(step) for step in at), ())

    def _unknown(self, at: Sequence[Any], name: str) -> str:
        known = [field.path for field in self.fields]
        near = [path for path in known if path.replace("_", "").lower() == name.replace("_", "").lower()]
        if near:
            return f"The contract has no such field. Did you mean {near[0]}?"
        if at or len(known) > 12:
            return "The contract has no such field. Leave it out, or publish a contract that has it."
        return f"The contract has no such field. It knows {', '.join(known)}."


def faults_of(body: Any, path: str) -> list[Fault]:
    """Return what keeps `body` from being an object schema that contracts can use, by dotted path below `path`."""
    if not isinstance(body, dict) or body.get("type") != "object" or not isinstance(body.get("properties"), dict):
        return [(path, 'Give a JSON Schema with "type": "object" and "properties".')]
    try:
        jsonschema_rs.meta.validate({"$schema": "https://json-schema.org/draft/2020-12/schema", **body})
    except (jsonschema_rs.ValidationError, ValueError) as fault:
        where = join(path, *getattr(fault, "instance_path", ()))
        return [(where, f"Not valid JSON Schema: {getattr(fault, 'message', fault)}.")]
    found = list(_name_faults(body, path))
    found += [(where, "Only references inside the schema (#/…) are possible.") for where in _remote_refs(body, path)]
    if found:
        return found
    try:
        jsonschema_rs.Draft202012Validator(body)
    except (jsonschema_rs.ValidationError, ValueError) as fault:
        return [(path, f"Not valid JSON Schema: {getattr(fault, 'message', fault)}.")]
    return []


def ordered_copy(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return the schema with an `x-order` on every property, in the order given, so that storing cannot shuffle them."""
    made = copy.deepcopy(dict(body))
    defaults.number(made)
    return made


def plainly_storable(value: Any) -> bool:
    """Say whether `unstorable` finds nothing, at a tenth of its cost; False means only that it has to be asked.

    The encoder refuses integers beyond 2**53 - 1 and what is no JSON, but writes NaN as null: a second one tells them
    apart.
    """
    try:
        content = orjson.dumps(value, option=_STRICT)
        if b"null" in content:
            json.dumps(value, allow_nan=False)
    except (TypeError, ValueError):
        return False
    if b"\\u0000" in content:
        return False
    return content.count(b"{") + content.count(b"[") <= DEEPEST


def unstorable(value: Any, path: str = "", depth: int = 0) -> Iterator[Fault]:
    """Yield what PostgreSQL or canonical JSON could not hold: NUL characters, huge integers, numbers that are none.

    Deep nesting counts too: whatever reads the value later recurses.
    """
    if depth > DEEPEST:
        yield path, f"This is nested more than {DEEPEST} levels deep."
    elif isinstance(value, Mapping):
        for key, item in value.items():
            if "\x00" in key:
                yield path, "Names must not contain the NUL character."
            yield from unstorable(item, f"{path}.{key}" if path else str(key), depth + 1)
    elif isinstance(value, list | tuple):
        for index, item in enumerate(value):
            yield from unstorable(item, f"{path}[{index}]", depth + 1)
    elif fault := _scalar_fault(value):
        yield path, fault


def _scalar_fault(value: Any) -> str:
    match value:
        case bool() | None:
            return ""
        case str():
            return "Text must not contain the NUL character." if "\x00" in value else ""
        case int():
            return f"Whole numbers go up to {LARGEST:,}; send larger ones as text." if abs(value) > LARGEST else ""
        case float():
            return "" if math.isfinite(value) else "This is not a finite number."
        case _:
            return "This is not a JSON value."


def join(prefix: str, *steps: Any) -> str:
    """Return a dotted path: names by dots, list positions in brackets ("input.items[2].name")."""
    path = prefix
    for step in steps:
        if isinstance(step, int):
            path += f"[{step}]"
        elif step != "":
            path += f".{step}" if path else str(step)
    return path


def _name_faults(body: Mapping[str, Any], path: str) -> Iterator[Fault]:
    for name, prop in body["properties"].items():
        where = join(path, "properties", name)
        if not _NAME.match(name) or name in _RESERVED:
            yield (
                where,
                "Name fields by letters, digits and _, not starting with a digit, and not by a word of the rules.",
            )
        if not isinstance(prop, dict):
            yield where, "Describe the field by a schema object, so that people see its title and type."
            continue
        if prop.get("x-class", "internal") not in fields.CLASSES:
            yield join(where, "x-class"), f"Choose one of {', '.join(fields.CLASSES)}."
        if isinstance(prop.get("properties"), dict):
            yield from _name_faults(prop, where)


def _remote_refs(node: Any, path: str) -> Iterator[str]:
    # A remote reference would make this process fetch an address that somebody else chose.
    if isinstance(node, Mapping):
        for key, value in node.items():
            if key in {"$ref", "$dynamicRef"} and not str(value).startswith("#"):
                yield join(path, key)
            elif key not in {"enum", "const", "default", "examples"}:
                yield from _remote_refs(value, join(path, key))
    elif isinstance(node, list):
        for index, item in enumerate(node):
            yield from _remote_refs(item, join(path, index))


def _constants(detail: Mapping[str, Any]) -> tuple[Any, ...]:
    """Return the values to choose from when every alternative is a constant, which a list of choices is made of."""
    found = []
    for errors in detail.get("context", ()):
        if len(errors) != 1 or errors[0].kind.name not in {"const", "type"}:
            return ()
        if errors[0].kind.name == "const":
            found.append(errors[0].kind.as_dict()["expected_value"])
    return tuple(found)


def _nearest(detail: Mapping[str, Any], depth: int) -> Sequence[Any]:
    """Return what is wrong by the alternative that the document comes nearest to.

    Nearest is the one whose type and constants fit (they tell alternatives apart), then the one with the fewest faults.
    """

    def distance(errors: Sequence[Any]) -> tuple[bool, bool, int]:
        names = {(error.kind.name, len(list(error.instance_path)) - depth) for error in errors}
        return ("type", 0) in names, bool({("const", 1), ("enum", 1)} & names), len(errors)

    return min((errors for errors in detail.get("context", ()) if errors), key=distance, default=())


def _amount(value: Any, unit: str) -> str:
    return fields.human(value, unit)


def _other(_detail: Mapping[str, Any], _unit: str, message: str) -> str:
    return f"{message[:200]}."


_SENTENCES: dict[str, Callable[[Mapping[str, Any], str, str], str]] = {
    "type": lambda d, u, m: (
        f"Send {' or '.join(_KINDS.get(kind, kind) for kind in d['types'])}{f' ({u})' if u else ''}."
    ),
    "enum": lambda d, u, m: f"Choose one of {', '.join(fields.human(option) for option in d['options'])}.",
    "const": lambda d, u, m: f"This must be {fields.human(d['expected_value'])}.",
    "minimum": lambda d, u, m: f"This must be at least {_amount(d['limit'], u)}.",
    "maximum": lambda d, u, m: f"This must be at most {_amount(d['limit'], u)}.",
    "exclusiveMinimum": lambda d, u, m: f"This must be more than {_amount(d['limit'], u)}.",
    "exclusiveMaximum": lambda d, u, m: f"This must be less than {_amount(d['limit'], u)}.",
    "multipleOf": lambda d, u, m: f"This must be a multiple of {_amount(d['multiple_of'], u)}.",
    "minLength": lambda d, u, m: f"Write at least {d['limit']} characters.",
    "maxLength": lambda d, u, m: f"Write at most {d['limit']} characters.",
    "minItems": lambda d, u, m: f"Give at least {d['limit']} items.",
    "maxItems": lambda d, u, m: f"Give at most {d['limit']} items.",
    "uniqueItems": lambda d, u, m: "Every item may occur once.",
    "pattern": lambda d, u, m: f"This must match the pattern {d['pattern']}.",
    "format": lambda d, u, m: f"This is not a valid {d['format']}{_LIKE.get(d['format'], '')}.",
    "oneOfMultipleValid": lambda d, u, m: "This fits more than one of the alternatives. Make it fit exactly one.",
    "not": lambda d, u, m: "The contract does not allow this value here.",
    "minProperties": lambda d, u, m: f"Give at least {d['limit']} fields.",
    "maxProperties": lambda d, u, m: f"Give at most {d['limit']} fields.",
}
