"""Whether the database and the static files already match this code, so that a later start need not look.

Looking costs a Django of its own, a third of a warm start. Standard library only, for the supervisor.
"""

import hashlib
from collections.abc import Mapping
from pathlib import Path

from reviewapp.ops.places import CHECKOUT, Places

PACKAGES = ("reviewapp", "agents", "corrections", "policies")
CONSTRAINTS = CHECKOUT / "constraints.txt"
STATIC_STAMP = ".stamp"


def digest(shared: Mapping[str, str], *, demo: bool) -> str:
    """Return a digest of everything that preparing depends on: migrations, static files, packages, settings."""
    content = hashlib.sha256(f"{shared.get('DJANGO_SETTINGS_MODULE')} {demo} {CHECKOUT}\n".encode())
    content.update(static_digest([CHECKOUT / "static"]).encode())
    for package in PACKAGES:
        for path in sorted((CHECKOUT / package).rglob("migrations/*.py")):
            content.update(f"{path.relative_to(CHECKOUT)}\n".encode() + path.read_bytes())
    return content.hexdigest()


def static_digest(roots: list[Path]) -> str:
    """Return a digest over the names, sizes and times of our static files and the versions of the packages' ones."""
    content = hashlib.sha256(CONSTRAINTS.read_bytes())
    for root in roots:
        for path in sorted(path for path in root.rglob("*") if path.is_file()):
            entry = path.stat()
            content.update(f"{path.relative_to(root)} {entry.st_size} {entry.st_mtime_ns}\n".encode())
    return content.hexdigest()


def is_current(places: Places, wanted: str) -> bool:
    """Tell whether the embedded database was prepared for `wanted` and nothing of it was removed since."""
    try:
        noted = _note(places).read_text(encoding="utf-8")
    except OSError:
        return False
    return noted == wanted and (places.state / "static" / STATIC_STAMP).exists()


def mark(places: Places, done: str) -> None:
    """Note that the embedded database is prepared for `done`."""
    _note(places).write_text(done, encoding="utf-8")


def _note(places: Places) -> Path:
    # Inside the data directory: whoever removes the database removes the note.
    return places.postgres / "countersign.prepared"
