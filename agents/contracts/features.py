"""The feature views a contract reads: which values are looked up for a case, and into which input fields they go."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from agents.contracts import fields
from agents.contracts.faults import Fault

NAME = re.compile(r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$")
LONGEST_ENTITY = 200
_PREFIX = re.compile(r"^([A-Za-z_][A-Za-z0-9_]*)?$")
_MEMBERS = ("view", "version", "entity", "prefix", "required")
_MOST = 8


@dataclass(frozen=True, slots=True)
class FeatureUse:
    """One view a contract reads.

    `entity` is a JSON Pointer (RFC 6901) into the request, "/input/applicant_id"; a feature `income` of the view fills
    the input field `prefix` + "income", where the input schema has such a field. A view that is not `required` is told
    as far as it is known: when it is old or missing the policy answers without it.
    """

    view: str
    version: int
    entity: str
    prefix: str
    required: bool = True

    @property
    def path(self) -> str:
        """Return the dotted path of the entity's id below the input."""
        return dotted(self.entity)

    def entity_of(self, document: Mapping[str, Any]) -> str:
        """Return the entity's id from a case's input as text; "" when the case names none."""
        return entity_text(fields.at(document, self.path))


def entity_text(value: Any) -> str:
    """Return an entity's id as it is stored: text as it is, whole numbers in digits, "" for anything else."""
    if isinstance(value, bool):
        return ""
    text = str(value) if isinstance(value, int) else value
    return text if isinstance(text, str) and len(text) <= LONGEST_ENTITY else ""


def dotted(pointer: str) -> str:
    """Return the dotted path below the input that a pointer names: "/input/applicant/id" is "applicant.id"."""
    return ".".join(pointer.removeprefix("/input/").split("/"))


def parse(body: Sequence[Mapping[str, Any]]) -> tuple[FeatureUse, ...]:
    """Return the views of a contract document whose `features` member has no faults."""
    return tuple(
        FeatureUse(one["view"], one["version"], one["entity"], one.get("prefix", ""), one.get("required", True))
        for one in body
    )


def faults_of(body: Any, input_schema: Mapping[str, Any] | None) -> Iterator[Fault]:
    """Yield what is wrong with a contract's `features` member, by dotted path.

    `input_schema` is None while it is faulty itself; then only the member's own form is looked at.
    """
    if not isinstance(body, list) or len(body) > _MOST:
        yield "features", f"Give a list of at most {_MOST} feature views, each with view, version and entity."
        return
    seen: set[tuple[Any, Any, Any]] = set()
    for index, use in enumerate(body):
        path = f"features[{index}]"
        if not isinstance(use, Mapping):
            yield path, f"A feature view is named by an object with {', '.join(_MEMBERS)}."
            continue
        yield from _use_faults(use, path, input_schema)
        key = (str(use.get("view")), str(use.get("entity")), str(use.get("prefix", "")))
        if key in seen:
            yield path, "This view is named twice for the same entity. Keep one of them."
        seen.add(key)


def _use_faults(use: Mapping[str, Any], path: str, input_schema: Mapping[str, Any] | None) -> Iterator[Fault]:
    for extra in set(use) - set(_MEMBERS):
        yield f"{path}.{extra}", f"Known are {', '.join(_MEMBERS)}."
    view, version, entity = use.get("view"), use.get("version"), use.get("entity")
    if not isinstance(view, str) or not NAME.match(view):
        yield f"{path}.view", "Name the view by small letters, digits and hyphens."
    if isinstance(version, bool) or not isinstance(version, int) or version < 1:
        yield f"{path}.version", "Give the view's version, a whole number from 1."
    prefix = use.get("prefix", "")
    if not isinstance(prefix, str) or not _PREFIX.match(prefix) or len(prefix) > 60:
        yield f"{path}.prefix", "Give letters, digits and _ that stand before the feature's name, or leave it out."
    if not isinstance(use.get("required", True), bool):
        yield f"{path}.required", "Say true or false, or leave it out: a view is required unless you say false."
    if not isinstance(entity, str) or not entity.startswith("/input/") or "~" in entity:
        yield f"{path}.entity", 'Point at an input field, for example "/input/applicant_id".'
    elif input_schema is not None:
        known = {field.path: field for field in fields.describe(input_schema)}
        found = known.get(dotted(entity))
        if found is None:
            yield f"{path}.entity", f"The input has no field {dotted(entity)}."
        elif found.kind not in {"string", "integer"}:
            yield f"{path}.entity", "The field that names the entity holds text or a whole number."
