"""What a learner may look at: the contract's input fields, typed, without the sensitive ones."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

NUMERIC, CATEGORICAL = "numeric", "categorical"
_NEVER_LEARNED = {"sensitive"}


@dataclass(frozen=True, slots=True)
class Field:
    """One input a model may weigh. `path` is where the runtime reads it, `values` the codes a category may take."""

    name: str
    path: str
    label: str
    kind: str
    values: tuple[str, ...] = ()
    required: bool = True


def of_schema(input_schema: Mapping[str, Any], *, proposes: bool = False) -> tuple[Field, ...]:
    """Return the learnable fields of a contract's input schema, in schema order.

    Numbers and closed lists of words can be weighed; free text, lists, objects and every field classed as sensitive
    cannot. When the agent `proposes`, its own probability of the positive class is one more number.
    """
    required = set(input_schema.get("required", ()))
    found = []
    for name, schema in input_schema.get("properties", {}).items():
        kind = _kind(schema)
        if kind is None or schema.get("x-class") in _NEVER_LEARNED:
            continue
        found.append(
            Field(
                name=name,
                path=f"input.{name}",
                label=str(schema.get("title", name)),
                kind=kind,
                values=tuple(str(value) for value in schema.get("enum", ())),
                required=name in required,
            )
        )
    if proposes:
        found.append(
            Field(
                name="proposal_probability",
                path="proposal.probability",
                label="The agent's own probability",
                kind=NUMERIC,
                required=False,
            )
        )
    return tuple(found)


def _kind(schema: Mapping[str, Any]) -> str | None:
    kinds = schema.get("type")
    names = {kinds} if isinstance(kinds, str) else set(kinds or ())
    names.discard("null")
    if "enum" in schema and names <= {"string"}:
        return CATEGORICAL
    if names and names <= {"integer", "number"}:
        return NUMERIC
    if names == {"boolean"}:
        return CATEGORICAL
    return None
