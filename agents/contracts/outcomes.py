"""What became of a case in the world, and the figures of the business that releases are judged by."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from agents.contracts.faults import Fault
from agents.contracts.schema import faults_of as schema_faults

MEMBERS = ("outcome_schema", "kpis")
_NAME = re.compile(r"^[a-z][a-z0-9_]{0,39}$")
_FIELDS = ("name", "title", "unit", "direction", "value")
_MOST = 12


@dataclass(frozen=True, slots=True)
class Kpi:
    """One figure per case: `value` is CEL over input, output and outcome; `direction` says whether more is better."""

    name: str
    title: str
    unit: str
    direction: Literal["up", "down"]
    value: str


def parse(body: Sequence[Mapping[str, Any]]) -> tuple[Kpi, ...]:
    """Return the figures of a contract document whose `kpis` member has no faults."""
    return tuple(
        Kpi(
            name=one["name"],
            title=one.get("title") or one["name"].replace("_", " ").capitalize(),
            unit=one.get("unit", ""),
            direction=one["direction"],
            value=one["value"],
        )
        for one in body
    )


def faults_of(body: Mapping[str, Any]) -> Iterator[Fault]:
    """Yield what is wrong with a contract's `outcome_schema` and `kpis`, by dotted path; both may be left out."""
    if "outcome_schema" in body:
        yield from schema_faults(body["outcome_schema"], "outcome_schema")
    kpis = body.get("kpis", [])
    if not isinstance(kpis, list) or len(kpis) > _MOST:
        yield "kpis", f"Give a list of at most {_MOST} figures, each with name, unit, direction and value."
        return
    if kpis and "outcome_schema" not in body:
        yield "outcome_schema", "Figures are taken when an outcome comes in: say what an outcome looks like."
    seen: set[str] = set()
    for index, kpi in enumerate(kpis):
        path = f"kpis[{index}]"
        if not isinstance(kpi, Mapping):
            yield path, f"A figure is an object with {', '.join(_FIELDS)}."
            continue
        yield from _kpi_faults(kpi, path)
        name = str(kpi.get("name"))
        if name in seen:
            yield f"{path}.name", f"The name {name} is used twice."
        seen.add(name)


def _kpi_faults(kpi: Mapping[str, Any], path: str) -> Iterator[Fault]:
    for extra in set(kpi) - set(_FIELDS):
        yield f"{path}.{extra}", f"Known are {', '.join(_FIELDS)}."
    name, value = kpi.get("name"), kpi.get("value")
    if not isinstance(name, str) or not _NAME.match(name):
        yield f"{path}.name", "Name the figure by small letters, digits and _, starting with a letter."
    for key, longest in (("title", 80), ("unit", 20)):
        text = kpi.get(key, "")
        if not isinstance(text, str) or len(text) > longest:
            yield f"{path}.{key}", f"Give text of at most {longest} characters, or leave it out."
    if kpi.get("direction") not in {"up", "down"}:
        yield f"{path}.direction", 'Say "up" when more is better, "down" when less is.'
    if not isinstance(value, str) or not 0 < len(value) <= 2_000:
        yield f"{path}.value", "Give the figure of one case as a CEL expression of at most 2,000 characters."
