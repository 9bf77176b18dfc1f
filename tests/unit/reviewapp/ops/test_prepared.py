"""Whether preparing may be skipped."""

import os
from pathlib import Path

from reviewapp.ops import places, prepared


def installation(tmp_path: Path) -> places.Places:
    """Make what a prepared installation has."""
    where = places.Places(state=tmp_path, data=tmp_path, run=tmp_path, account=None)
    where.postgres.mkdir()
    (tmp_path / "static").mkdir()
    (tmp_path / "static" / ".stamp").touch()
    return where


def test_is_current__never_prepared__is_false(tmp_path: Path) -> None:
    assert not prepared.is_current(installation(tmp_path), "a")


def test_is_current__same_code__is_true(tmp_path: Path) -> None:
    where = installation(tmp_path)
    prepared.mark(where, "a")
    assert prepared.is_current(where, "a")
    assert not prepared.is_current(where, "b")


def test_is_current__static_files_removed__is_false(tmp_path: Path) -> None:
    where = installation(tmp_path)
    prepared.mark(where, "a")
    (tmp_path / "static" / ".stamp").unlink()
    assert not prepared.is_current(where, "a")


def test_digest__settings_or_demo_differ__differs() -> None:
    base = prepared.digest({}, demo=True)
    assert base == prepared.digest({}, demo=True)
    assert base != prepared.digest({}, demo=False)
    assert base != prepared.digest({"DJANGO_SETTINGS_MODULE": "other"}, demo=True)


def test_static_digest__file_touched__differs(tmp_path: Path) -> None:
    sheet = tmp_path / "app.css"
    sheet.write_text("a{}", encoding="utf-8")
    before = prepared.static_digest([tmp_path])
    os.utime(sheet, ns=(1, 1))
    assert prepared.static_digest([tmp_path]) != before
