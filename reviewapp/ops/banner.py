"""The one block that `make run` prints when the product is ready."""

import json
from typing import Any

from reviewapp.ops.places import Places
from reviewapp.ops.preflight import Options


def shown_before(places: Places) -> bool:
    """Tell whether the present demo people's passwords were printed before."""
    mark = places.state / ".demo-shown"
    return mark.exists() and places.demo.exists() and mark.stat().st_mtime >= places.demo.stat().st_mtime


def mark_shown(places: Places) -> None:
    """Remember that the passwords were printed."""
    if places.demo.exists():
        (places.state / ".demo-shown").touch()


def text(options: Options, *, first: bool) -> str:
    """Return the block: where the product is, who may sign in, how to stop."""
    lines = ["", f"  Countersign is ready: {options.web_origin}/", ""]
    lines += [f"  {line}" for line in _people(options, first=first)]
    lines += ["", f"  Stop: Ctrl-C.   Logs: {options.places.log}.   Health: .venv/bin/python manage.py doctor", ""]
    return "\n".join(lines)


def _people(options: Options, *, first: bool) -> list[str]:
    people = _demo(options.places)
    if not people:
        return ["Nobody can sign in yet: make the first person with .venv/bin/python manage.py createsuperuser"]
    rows = [("Sign in as", "name", "user name", "password")] if first else [("Sign in as", "name", "user name", "")]
    rows += [
        (person["role"].replace("_", " "), person["name"], person["username"], person["password"] if first else "")
        for person in people
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    table = ["   ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    where = str(options.places.demo)
    return [
        *table,
        f"Passwords are shown this once; they stay in {where} (mode 0600)." if first else f"Passwords: {where}",
    ]


def _demo(places: Places) -> list[dict[str, Any]]:
    try:
        people = json.loads(places.demo.read_text(encoding="utf-8"))["people"]
    except (OSError, ValueError, KeyError):
        return []
    return list(people)
