"""A form from a JSON Schema (2020-12): typed controls, values from what was posted, errors at the field.

Every control is named by the dotted path that the API uses ("output.items.0.amount"), so an error of the validator
lands at its field. What was entered is kept as typed, also when it is no valid number.

`build` makes the controls, `parse` reads a posted form, `read` does that and validates. Validation is the caller's: the
same function that judges the API's body.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.http import QueryDict

from reviewapp.core.schemas import Schema
from reviewapp.core.web import schema_kinds as kinds
from reviewapp.core.web import schema_reader
from reviewapp.core.web.schema_kinds import Choice

# A value that is left out on purpose, apart from a new form's: no default fills it.
_ABSENT: Any = object()

Validate = Callable[[dict[str, Any]], Mapping[str, str]]

# These say by themselves what may be entered.
_DRAWN_APART = frozenset({"group", "rows", "variants", "fixed", "checkbox", "select", "radios", "checks"})

# An empty row after the filled ones is how a list grows without script.
_SPARE_ROWS = 1

# Rows beyond this are not offered: such a list is entered through the API.
MAX_ROWS = 50

# What an empty control means, as it is offered where there is more than one meaning.
_EMPTIES = {"absent": "not given", "null": "no value (null)", "empty": "given, but empty"}

_POSITION = re.compile(r"\[(\d+)\]")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_INPUT_TYPES = {"date": "date", "email": "email", "uri": "url"}


@dataclass(frozen=True, slots=True)
class Control:
    """One control; `kind` is one of `schema_kinds.kind`. A group holds controls, rows hold one group each.

    Variants hold the controls of the one that `text` names, and in `kept` what was typed into the others.
    `empty` is what the control means while it is empty, `empties` what a person may choose that it means. A group that is
    an entry of a list has its place in `row`, from 1, and how many entries there are in `rows`; the spare one has neither.
    """

    name: str
    path: str
    kind: str
    title: str
    hint: str
    unit: str
    required: bool
    text: str = ""
    checked: bool = False
    limits: str = ""
    input_type: str = "text"
    max_length: int | None = None
    choices: tuple[Choice, ...] = ()
    error: str = ""
    controls: tuple["Control", ...] = field(default=())
    empty: str = ""
    empties: tuple[Choice, ...] = ()
    kept: tuple[tuple[str, str], ...] = ()
    row: int = 0
    rows: int = 0

    @property
    def ident(self) -> str:
        """Return the element id."""
        return "f-" + self.name.replace(".", "-")

    @property
    def described(self) -> str:
        """Return the ids of the hint and the error, as aria-describedby wants them."""
        named = [f"{self.ident}-h"] if self.hint or self.limits else []
        return " ".join([*named, f"{self.ident}-e"] if self.error else named)


@dataclass(frozen=True, slots=True)
class Entered:
    """What was entered: the document, and what is wrong with it by dotted path."""

    value: dict[str, Any]
    errors: dict[str, str]


def build(
    schema: Schema,
    *,
    value: Mapping[str, Any] | None = None,
    posted: QueryDict | None = None,
    errors: Mapping[str, str] | None = None,
    prefix: str = "output",
) -> tuple[Control, ...]:
    """Return the controls of an object schema, filled from what was posted, else from `value`, else from defaults."""
    maker = _Maker(schema, posted, errors or {})
    return tuple(maker.controls(kinds.resolved(schema, schema), value, prefix, 0))


def parse(schema: Schema, posted: QueryDict, *, prefix: str = "output") -> dict[str, Any]:
    """Return the document that was entered, with its types; what is no number stays text, so the validator names it.

    Controls left empty are left out, or null where the schema allows null. Rows without any entry are dropped.
    """
    return schema_reader.Reader(schema, posted).document(kinds.resolved(schema, schema), prefix, 0)


def read(schema: Schema, posted: QueryDict, *, validate: Validate, prefix: str = "output") -> Entered:
    """Return the document that was entered and its errors; `validate` maps a document to messages by dotted path.

    The paths that `validate` returns begin inside the document; here they get the prefix that the controls have.
    """
    value = parse(schema, posted, prefix=prefix)
    faults = validate(value)
    return Entered(value, {dotted(f"{prefix}.{path}" if path else prefix): message for path, message in faults.items()})


@dataclass(frozen=True, slots=True)
class _Maker:
    """Makes controls; holds what stays the same on the way down."""

    root: Schema
    posted: QueryDict | None
    errors: Mapping[str, str]

    def controls(
        self, schema: Schema, value: Mapping[str, Any] | None, prefix: str, depth: int, moved: str = ""
    ) -> Iterator[Control]:
        """Yield the controls of an object; `moved` is where its entries stood in the form when rows were dropped."""
        required = set(schema.get("required", ()))
        for name, raw in schema_reader.ordered(schema):
            prop = kinds.resolved(self.root, raw)
            # Defaults fill a new form; a value that lacks an optional member lacks it on purpose.
            current = prop.get("default") if value is None else value.get(name)
            emptiness = "" if value is None else kinds.emptiness(current, given=name in value)
            if value is not None and current is None:
                current = _ABSENT
            path, source = f"{prefix}.{name}", f"{moved or prefix}.{name}"
            made = self._control(prop, name, path, source, current, depth, required=name in required)
            yield self._with_emptiness(made, prop, emptiness, source)

    def _with_emptiness(self, made: Control, prop: Schema, emptiness: str, source: str) -> Control:
        """Return the control with what it means while it is empty: what it was, or what a person said it means."""
        possible = kinds.empties(prop, made.kind, required=made.required)
        posted = self.posted.get(source + schema_reader.EMPTY, "") if self.posted is not None else ""
        held = next((one for one in (posted, emptiness) if one in possible), "")
        if "null" not in possible or len(possible) == 1:
            return replace(made, empty=held)
        held = held or "null"
        offered = [Choice(one, one, _EMPTIES[one], one == held) for one in possible]
        return replace(made, empty=held, empties=tuple(offered))

    def _control(
        self, prop: Schema, name: str, path: str, source: str, current: Any, depth: int, *, required: bool
    ) -> Control:
        kind = schema_reader.kind_in_place(self.root, prop, depth, required=required)
        absent = current is _ABSENT
        current = None if absent else current
        common: dict[str, Any] = {
            "name": path,
            "path": path,
            "kind": kind,
            "title": str(prop.get("title") or kinds.words(name)),
            "hint": str(prop.get("description", "")),
            "unit": str(prop.get("x-unit", "")),
            "required": required,
            "error": self._error(path, kind, source),
            "limits": "" if kind in _DRAWN_APART else kinds.limits(prop),
        }
        if kind == "group":
            inner = {} if absent else current if isinstance(current, Mapping) else None
            return Control(**common, controls=tuple(self.controls(prop, inner, path, depth + 1, source)))
        if kind == "variants":
            return self._variants(common, prop, current, source, depth)
        if kind == "rows":
            return Control(**common, controls=tuple(self._rows(prop, current, path, source, depth)))
        return Control(**{**common, **self._state(prop, kind, current, source)})

    def _variants(self, common: dict[str, Any], prop: Schema, current: Any, source: str, depth: int) -> Control:
        """Return the control of alternatives: which one it is, its entries, and what was typed into the others."""
        listed, path = kinds.variants(self.root, prop), common["path"]
        chosen, moved = kinds.variant_of(listed, current), ""
        kept: tuple[tuple[str, str], ...] = ()
        if self.posted is not None:
            reader = schema_reader.Reader(self.root, self.posted)
            asked, moved = reader.chosen(prop, source)
            chosen = "" if asked is None else str(asked)
            kept = tuple((f"{path}{name.removeprefix(source)}", value) for name, value in reader.kept(prop, source))
        options = (
            Choice(str(at), at, kinds.variant_title(one, at), str(at) == chosen) for at, one in enumerate(listed)
        )
        held = current if isinstance(current, Mapping) else None
        inner = self.controls(listed[int(chosen)], held, path, depth + 1, moved) if chosen else ()
        return Control(**common, choices=tuple(options), controls=tuple(inner), kept=kept, text=chosen)

    def _rows(self, prop: Schema, current: Any, path: str, source: str, depth: int) -> Iterator[Control]:
        item = kinds.resolved(self.root, prop.get("items"))
        if self.posted is not None:
            reader = schema_reader.Reader(self.root, self.posted)
            filled: list[tuple[Any, str]] = [(None, at) for at in reader.filled_rows(item, source, depth + 1)]
        else:
            filled = [(one, "") for one in current] if isinstance(current, list) else []
        room = int(prop.get("maxItems") or MAX_ROWS) - len(filled)
        shown = [*filled, *[({}, f"{source}.{_blank(len(filled))}")] * min(_SPARE_ROWS, max(room, 0))]
        title = str(item.get("title") or "Entry")
        for index, (value, moved) in enumerate(shown):
            at = f"{path}.{index}"
            inner = tuple(self.controls(item, value, at, depth + 1, moved))
            error = self.errors.get(at, "")
            place = (index + 1, len(filled)) if index < len(filled) else (0, 0)
            name = f"{title} {index + 1}"
            yield Control(
                at, at, "group", name, "", "", False, error=error, controls=inner, row=place[0], rows=place[1]
            )

    def _error(self, path: str, kind: str, source: str) -> str:
        """Return what is wrong at a path; controls that hold a whole list or document speak for what is inside."""
        if kind not in {"lines", "checks", "json"}:
            told = self.errors.get(path, "")
            comma = kind == "number" and told and self.posted is not None
            return f"{told} {kinds.comma_words(self.posted.get(source, ''))}".strip() if comma and self.posted else told
        own = [text for at, text in self.errors.items() if at == path or at.startswith(f"{path}.")]
        return " ".join(dict.fromkeys(own))

    def _state(self, prop: Schema, kind: str, current: Any, source: str) -> dict[str, Any]:
        entered = self.posted.getlist(source) if self.posted is not None else None
        if kind == "checkbox":
            return {"checked": bool(entered) if entered is not None else current is True}
        if kind in {"select", "radios", "checks"}:
            options = schema_reader.options(self.root, prop, kind)
            held = current if kind == "checks" and isinstance(current, list) else [current]
            options = [
                *options,
                *_strays(held if entered is None else [one for one in entered if one], options, entered),
            ]
            picked = entered if entered is not None else [kinds.key_of(one, options) for one in held]
            return {"choices": tuple(Choice(one.key, one.value, one.title, one.key in picked) for one in options)}
        if kind == "fixed":
            return {"text": kinds.as_text(prop["const"])}
        made: dict[str, Any] = {"text": _text(kind, current, entered), "max_length": prop.get("maxLength")}
        if kind == "text":
            made["input_type"] = _input_type(str(prop.get("format", "")), made["text"])
            if "\n" in made["text"]:
                # A line of its own would lose the rest of what was written.
                made["kind"] = "textarea"
        return made


def dotted(path: str) -> str:
    """Return a path of the validator ("items[2].name") as controls are named ("items.2.name")."""
    return _POSITION.sub(r".\1", path)


def _input_type(form: str, text: str) -> str:
    """Return the type of input; a date that is none stays visible as text, which a date picker would show as nothing."""
    return "text" if form == "date" and text and not _DAY.fullmatch(text) else _INPUT_TYPES.get(form, "text")


def _strays(held: Sequence[Any], options: Sequence[Choice], entered: list[str] | None) -> list[Choice]:
    """Return what is held though it is none of the choices: it stays visible, and the validator says what is wrong."""
    keys = {one.key for one in options}
    found = [one for one in held if one is not None and (kinds.key_of(one, options) is None or entered is not None)]
    apart = [(kinds.as_text(one), one) for one in found]
    return [Choice(key, one, f"{key} (not a choice)") for key, one in apart if key not in keys]


def _text(kind: str, current: Any, entered: list[str] | None) -> str:
    if entered is not None:
        return entered[0] if entered else ""
    if kind == "lines":
        return "\n".join(kinds.as_text(one) for one in current) if isinstance(current, list) else ""
    if kind == "json":
        return "" if current is None else kinds.as_json(current)
    return kinds.as_text(current)


def _blank(index: int) -> str:
    """Return a row name that no posted form has."""
    return f"new{index}"
