"""A decision's trace as it is kept: the same as it is told, without the words that every line repeats.

Half of a trace is the names of members of lines that are all alike: rules that did not fire, and contributions. Kept as
lists in a fixed order they take a third less room, and a third less of PostgreSQL's time for reading and compressing it.
"""

from collections.abc import Mapping
from typing import Any

_SILENT = ("id", "kind", "title")
_MOVED = ("field", "value", "label", "points")


def packed(trace: Mapping[str, Any]) -> dict[str, Any]:
    """Return a trace as it is kept. The given one is not changed; a line of any other form stays as it is."""
    made = dict(trace)
    if lines := made.get("rules"):
        made["rules"] = [_short(line) for line in lines]
    told = made.get("explanation")
    if told and (moved := told.get("contributions")):
        made["explanation"] = {**told, "contributions": [_listed(one) for one in moved]}
    return made


def unpacked(kept: Mapping[str, Any]) -> dict[str, Any]:
    """Return a kept trace as it is told: the inverse of `packed`, and harmless to a trace that never was packed."""
    made = dict(kept)
    if lines := made.get("rules"):
        made["rules"] = [
            {**dict(zip(_SILENT, line, strict=True)), "result": "false"} if isinstance(line, list) else line
            for line in lines
        ]
    told = made.get("explanation")
    if told and (moved := told.get("contributions")):
        full = [dict(zip(_MOVED, one, strict=True)) if isinstance(one, list) else one for one in moved]
        made["explanation"] = {**told, "contributions": full}
    return made


def _short(line: Any) -> Any:
    if line.get("result") != "false" or len(line) != len(_SILENT) + 1:
        return line
    return [line["id"], line["kind"], line["title"]]


def _listed(one: Any) -> Any:
    try:
        field, value, label, points = one["field"], one["value"], one["label"], one["points"]
    except KeyError:
        return one
    return [field, value, label, points] if len(one) == len(_MOVED) else one
