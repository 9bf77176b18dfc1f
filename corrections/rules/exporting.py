"""What was found, as files: CSV for tables, JSON Lines for programs."""

import csv
import io
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

# Spreadsheets run a cell that begins with one of these as a formula (OWASP, CSV Injection; the wide forms too).
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")

# The columns of each kind, in order, with their type in a Parquet file: text, number, whole, time.
COLUMNS: Mapping[str, Mapping[str, str]] = {
    "tasks": {
        "id": "text",
        "decision_id": "text",
        "agent": "text",
        "queue": "text",
        "case_ref": "text",
        "title": "text",
        "kind": "text",
        "state": "text",
        "seat": "whole",
        "why": "text",
        "priority": "whole",
        "held_by": "text",
        "created_at": "time",
        "due_at": "time",
        "closed_at": "time",
    },
    "decisions": {
        "id": "text",
        "agent": "text",
        "case_ref": "text",
        "title": "text",
        "action": "text",
        "sealed": "truth",
        "status": "text",
        "confidence": "number",
        "policy_version": "whole",
        "arm": "text",
        "decided_at": "time",
        "resolved_at": "time",
        "resolution_source": "text",
    },
    "corrections": {
        "id": "text",
        "decision_id": "text",
        "agent": "text",
        "case_ref": "text",
        "title": "text",
        "author": "text",
        "verdict": "text",
        "output": "text",
        "reason_code": "text",
        "justification": "text",
        "submitted_at": "time",
    },
}

_TELLING = ("action", "status", "confidence", "policy_version", "arm", "resolution_source")


def flat(kind: str, row: Any) -> dict[str, Any]:
    """Return a found row by column: text, numbers, truth and times as they are, everything else as JSON."""
    own = {"agent": "agent_name"} if kind == "decisions" else {}
    # Of an answer that is kept from the asker nothing tells: not its status, not which version gave it.
    kept = _TELLING if getattr(row, "sealed", False) else ()
    return {name: None if name in kept else _plain(getattr(row, own.get(name, name))) for name in COLUMNS[kind]}


def csv_lines(rows: Sequence[Mapping[str, Any]]) -> str:
    """Return rows as CSV (RFC 4180), without a heading. No cell of text begins as a formula does."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerows([_cell(value) for value in row.values()] for row in rows)
    return out.getvalue()


def csv_head(kind: str) -> str:
    """Return the heading of a kind, after the mark by which spreadsheets know UTF-8."""
    return "\ufeff" + ",".join(COLUMNS[kind]) + "\r\n"


def json_lines(rows: Sequence[Mapping[str, Any]]) -> str:
    """Return rows as JSON Lines, times as RFC 3339."""
    return "".join(
        json.dumps({name: _time(value) for name, value in row.items()}, ensure_ascii=False) + "\n" for row in rows
    )


def _plain(value: Any) -> Any:
    if isinstance(value, UUID):
        return str(value)
    if value is None or isinstance(value, str | int | float | bool | datetime):
        return value
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def _cell(value: Any) -> Any:
    if isinstance(value, str):
        # Blanks before it do not keep a spreadsheet from reading it as a formula.
        return f"'{value}" if value.lstrip(" ").startswith(_FORMULA) else value
    return "" if value is None else _time(value)


def _time(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value
