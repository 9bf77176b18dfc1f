"""An event as part of the statement that makes its change: one round trip, and one transaction where there is no other."""

import secrets
from collections.abc import Mapping
from datetime import datetime
from types import SimpleNamespace
from typing import Any

import orjson

from reviewapp.core import ids
from reviewapp.core.events import registry, spine
from reviewapp.core.events.spine import Actor

# Between texts that are filled in together: JSON never holds it as it is, ids and slugs never hold it.
_UNIT = "\x1f"
# What PostgreSQL puts together in `with_late_change`, in this order, and what of it the event's columns are.
_LATE = {"subject_id": "text[1]", "scope": "text[2]", "data": "text[3]::jsonb"}
_FILLED = {*(f"event_{name}" for name in _LATE), "event_leaf"}
_LEAF = r"sha256('\x00'::bytea || convert_to(text[4], 'UTF8'))"


def with_change(change: str) -> str:
    """Return the parts `told` and `handed` of a WITH statement that makes a change: the event as `record` writes it.

    `change` names the part that returns a row when the change is made. The statement's named values are those of
    `change_values`. Whoever runs it calls `wake_after_commit` when there was a row.
    """
    named = ", ".join(f"%(event_{name})s::{kind}" for name, kind in spine.COLUMNS.items())
    told = f"INSERT INTO events_event ({', '.join(spine.COLUMNS)}) SELECT {named} FROM {change} RETURNING id"  # noqa: S608 - names of the code
    return f"told AS ({told}), handed AS ({spine.HAND_ON % ('%(event_key)s', '%(event_due_at)s')})"


def change_values(
    kind: str,
    *,
    subject: tuple[str, str],
    actor: Actor,
    scope: str = "",
    data: Mapping[str, Any] | None = None,
    not_before: datetime | None = None,
) -> dict[str, Any]:
    """Return the values for `with_change`: those of the event that `record` would write."""
    event = SimpleNamespace(**spine.fields(kind, subject, actor, scope, data))
    event.leaf = spine.leaf(event)
    due = not_before or event.recorded_at
    return {**_named(event), "event_key": f"{subject[0]}:{subject[1]}", "event_due_at": due}


def with_late_change(change: str, late: Mapping[str, str]) -> str:
    """Return the parts `filled` and `told` of a WITH statement: an event that tells what only the change itself knows.

    For types that nobody inside subscribes to. `late` holds SQL expressions of text over the row of `change`, of which
    JSON escapes nothing (ids, slugs, words of ours), by the name that `late_values` has in their places; a name in double
    quotes stands for a number.
    """
    filled = "%(event_late)s::text"
    for name, expression in late.items():
        quote = "'\"' || " if name.startswith('"') else ""
        mark = f"{quote}%(event_mark)s::text || '{name.strip(chr(34))}~'" + (" || '\"'" if quote else "")
        filled = f"replace({filled}, {mark}, {expression})"
    columns = {name: f"%(event_{name})s::{kind}" for name, kind in spine.COLUMNS.items()} | _LATE | {"leaf": _LEAF}
    return (
        f"filled AS (SELECT string_to_array({filled}, chr({ord(_UNIT)})) AS text FROM {change}), told AS ("  # noqa: S608 - names of the code
        f"INSERT INTO events_event ({', '.join(columns)}) SELECT {', '.join(columns.values())} FROM filled)"
    )


class Late:
    """Names for what is not known yet: random, so that nothing else in an event can be taken for one of them."""

    def __init__(self) -> None:
        """Draw the mark that all names of one event begin with."""
        self.mark = f"~{secrets.token_hex(8)}"

    def __call__(self, name: str) -> str:
        """Return the text that stands for `name`."""
        return f"{self.mark}{name}~"


def late_values(
    kind: str, *, subject: tuple[str, str], actor: Actor, scope: str, data: Mapping[str, Any], late: Late
) -> dict[str, Any]:
    """Return the values for `with_late_change`; `late(name)` stands for what PostgreSQL fills in.

    Raises `RuntimeError` for a type that somebody inside subscribes to: it would not reach them.
    """
    if not registry.only_external(kind):
        raise RuntimeError(f"{kind} has subscribers: record it, so that it reaches them")
    event = SimpleNamespace(**spine.fields(kind, subject, actor, scope, data), leaf=None)
    texts = [event.subject_id, scope, orjson.dumps(event.data).decode(), ids.canonical(spine.content(event)).decode()]
    named = {name: value for name, value in _named(event).items() if name not in _FILLED}
    return {**named, "event_late": _UNIT.join(texts), "event_mark": late.mark}


def _named(event: SimpleNamespace) -> dict[str, Any]:
    return {f"event_{name}": value for name, value in spine.values(event).items()}
