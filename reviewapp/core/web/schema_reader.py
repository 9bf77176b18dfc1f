"""Reading a posted form back into a document, along the same schema that its controls were made from."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict

from reviewapp.core.schemas import Schema
from reviewapp.core.web import schema_kinds as kinds
from reviewapp.core.web.schema_kinds import Choice

# End the names of the two controls that say which variant is asked for, and which one the entries are of.
CHOSEN, WAS = "@", "@was"

# Ends the name of the control beside a control that says what its emptiness means (`schema_kinds.empties`).
EMPTY = "~"

_EMPTY_GROUP: dict[str, tuple[bool, Any]] = {
    "null": (True, None),
    "absent": (False, None),
    "empty": (True, {}),
}


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads one posted form; names of controls are dotted paths."""

    root: Schema
    posted: QueryDict

    def document(self, schema: Schema, prefix: str, depth: int) -> dict[str, Any]:
        """Return the object whose controls begin with `prefix`."""
        made: dict[str, Any] = {}
        required = set(schema.get("required", ()))
        for name, raw in ordered(schema):
            prop = kinds.resolved(self.root, raw)
            kind = kind_in_place(self.root, prop, depth, required=name in required)
            found, value = self._member(prop, kind, f"{prefix}.{name}", depth, required=name in required)
            if found:
                made[name] = value
        return made

    def filled_rows(self, item: Schema, path: str, depth: int) -> list[str]:
        """Return where the rows with any entry stand, in order."""
        numbers = {name.removeprefix(f"{path}.").split(".")[0] for name in self.posted if name.startswith(f"{path}.")}
        places = [f"{path}.{number}" for number in sorted((n for n in numbers if n.isdecimal()), key=int)]
        return [place for place in places if self._any_entry(item, place, depth)]

    def _any_entry(self, schema: Schema, prefix: str, depth: int) -> bool:
        """Say whether a person entered anything in an object: an unticked box and a constant alone are an empty row."""
        required = set(schema.get("required", ()))
        for name, raw in ordered(schema):
            prop, path = kinds.resolved(self.root, raw), f"{prefix}.{name}"
            kind = kind_in_place(self.root, prop, depth, required=name in required)
            if kind == "group":
                entered = self._any_entry(prop, path, depth + 1)
            elif kind == "variants":
                entered = self.chosen(prop, path)[0] is not None
            elif kind == "rows":
                entered = bool(self.filled_rows(kinds.resolved(self.root, prop.get("items")), path, depth + 1))
            else:
                entered = kind != "fixed" and any(text.strip() for text in self.posted.getlist(path))
            if entered:
                return True
        return False

    def _member(self, prop: Schema, kind: str, path: str, depth: int, *, required: bool) -> tuple[bool, Any]:
        """Return whether the member is in the document, and its value."""
        said = self.posted.get(path + EMPTY, "")
        empty = said if said in kinds.empties(prop, kind, required=required) else ""
        if kind in {"group", "variants"}:
            return self._object(prop, kind, path, empty, depth, required=required)
        if kind == "rows":
            item = kinds.resolved(self.root, prop.get("items"))
            rows = [self.document(item, place, depth + 1) for place in self.filled_rows(item, path, depth + 1)]
            return self._listed(rows, empty, required=required)
        if kind == "checkbox":
            return True, path in self.posted
        if kind == "fixed":
            return required or path in self.posted, prop["const"]
        if kind in {"checks", "lines"}:
            return self._listed(self._list(prop, kind, path), empty, required=required)
        entered = self.posted.get(path, "").replace("\r\n", "\n").strip()
        if entered == "" and empty:
            return empty != "absent", "" if empty == "empty" else None
        if entered == "":
            return path in self.posted and kinds.nullable(prop), None
        return True, self._typed(prop, kind, entered)

    def _object(
        self, prop: Schema, kind: str, path: str, empty: str, depth: int, *, required: bool
    ) -> tuple[bool, Any]:
        if kind == "variants":
            return self._variant(prop, path, empty, depth, required=required)
        filled = self._any_entry(prop, path, depth + 1)
        if not filled and (empty or kinds.nullable(prop)):
            return _EMPTY_GROUP.get(empty, (required, None))
        return filled or required, self.document(prop, path, depth + 1)

    def chosen(self, prop: Schema, path: str) -> tuple[int | None, str]:
        """Return which variant is asked for, and where its entries stand; those of the others keep places of their own."""
        said = self.posted.get(path + CHOSEN, "")
        if not said.isdecimal() or int(said) >= len(kinds.variants(self.root, prop)):
            return None, path
        same = said == self.posted.get(path + WAS, said)
        return int(said), path if same else f"{path}{EMPTY}{said}"

    def kept(self, prop: Schema, path: str) -> list[tuple[str, str]]:
        """Return the entries of the variants that are not asked for, each under its own place."""
        chosen, source = self.chosen(prop, path)
        was = self.posted.get(path + WAS, "")
        found: list[tuple[str, str]] = []
        for name, values in self.posted.lists():
            aside = name.removeprefix(f"{path}{EMPTY}")
            if aside != name and aside.partition(".")[0] not in {"", str(chosen)}:
                found += [(name, value) for value in values]
            elif name.startswith(f"{path}.") and source != path and was.isdecimal():
                found += [(f"{path}{EMPTY}{was}{name.removeprefix(path)}", value) for value in values]
        return found

    def _variant(self, prop: Schema, path: str, empty: str, depth: int, *, required: bool) -> tuple[bool, Any]:
        chosen, source = self.chosen(prop, path)
        if chosen is None:
            return (empty or "null") != "absent" and kinds.nullable(prop) and (required or bool(empty)), None
        return True, self.document(kinds.variants(self.root, prop)[chosen], source, depth + 1)

    @staticmethod
    def _listed(values: list[Any], empty: str, *, required: bool) -> tuple[bool, Any]:
        if values or not empty:
            return bool(values or required), values
        return empty != "absent", None if empty == "null" else []

    def _typed(self, prop: Schema, kind: str, entered: str) -> Any:
        if kind in {"select", "radios"}:
            listed = options(self.root, prop, kind)
            return next((one.value for one in listed if one.key == entered), entered)
        if kind == "number":
            return kinds.number(entered)
        return kinds.from_json(entered) if kind == "json" else entered

    def _list(self, prop: Schema, kind: str, path: str) -> list[Any]:
        if kind == "checks":
            known = {one.key: one.value for one in options(self.root, prop, kind)}
            return [known.get(key, key) for key in self.posted.getlist(path)]
        item = kinds.resolved(self.root, prop.get("items"))
        numeric = kinds.kind(self.root, item) == "number"
        lines = [line.strip() for line in self.posted.get(path, "").splitlines()]
        return [kinds.number(line) if numeric else line for line in lines if line]


def kind_in_place(root: Schema, prop: Schema, depth: int, *, required: bool) -> str:
    """Return the kind of control in its place: what may be absent and has no empty state is chosen from a list."""
    kind = kinds.kind(root, prop, depth)
    absent = not required or kinds.nullable(prop)
    return "select" if kind in {"checkbox", "fixed"} and absent else kind


def options(root: Schema, prop: Schema, kind: str) -> list[Choice]:
    """Return what a select, radios or checks offer: the constants of the schema, else yes and no."""
    if kind == "checks":
        prop = kinds.resolved(root, prop.get("items"))
    return kinds.choices(prop) or [Choice("true", True, "Yes"), Choice("false", False, "No")]


def ordered(schema: Schema) -> list[tuple[str, Schema]]:
    """Return the members of an object schema, by `x-order` where the contract gives one."""
    properties = schema.get("properties", {})
    return sorted(
        properties.items(),
        key=lambda pair: pair[1].get("x-order", len(properties)) if isinstance(pair[1], Mapping) else len(properties),
    )
