"""What changes between two outputs, field by field."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from agents.contracts import fields
from agents.contracts.spec import ContractSpec
from corrections.selectors import shown


@dataclass(frozen=True, slots=True)
class Change:
    """One field of the output, before and after; `gone` and `new` say that one side is empty."""

    title: str
    before: str
    after: str
    changed: bool
    gone: bool
    new: bool


def changes(spec: ContractSpec, before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> list[Change]:
    """Return every field of the output before and after, in the contract's order."""
    listed = []
    for field in fields.describe(spec.output_schema):
        old, new = fields.at(before, field.path), fields.at(after, field.path)
        empty_old, empty_new = old in (None, [], ""), new in (None, [], "")
        listed.append(
            Change(
                field.title,
                "Empty" if empty_old else _text(spec, field, old),
                "Empty" if empty_new else _text(spec, field, new),
                changed=old != new and not (empty_old and empty_new),
                gone=empty_new,
                new=empty_old,
            )
        )
    return listed


def _text(spec: ContractSpec, field: fields.FieldInfo, value: Any) -> str:
    if field.path == spec.action_field:
        return shown.action(spec, value)
    if isinstance(value, list):
        return ", ".join(fields.human(one).replace("_", " ") for one in value)
    return shown.text_of(spec.output_schema, field, value)
