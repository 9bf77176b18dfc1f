"""The block that `make run` prints."""

import json
from pathlib import Path

from reviewapp.ops import banner, preflight

PERSON = {"role": "risk_officer", "name": "Ada Example", "username": "ada", "password": "correct-horse"}


def options(tmp_path: Path) -> preflight.Options:
    """Return the options of a default run with its state here."""
    return preflight.options({"COUNTERSIGN_STATE": str(tmp_path)})


def test_text__first_run__shows_the_passwords(tmp_path: Path) -> None:
    (tmp_path / "demo.json").write_text(json.dumps({"people": [PERSON]}), encoding="utf-8")
    text = banner.text(options(tmp_path), first=True)
    assert "http://127.0.0.1:8000/" in text
    assert "risk officer" in text
    assert "correct-horse" in text
    assert "Ctrl-C" in text


def test_text__later_run__says_where_the_passwords_are(tmp_path: Path) -> None:
    (tmp_path / "demo.json").write_text(json.dumps({"people": [PERSON]}), encoding="utf-8")
    text = banner.text(options(tmp_path), first=False)
    assert "correct-horse" not in text
    assert str(tmp_path / "demo.json") in text


def test_text__no_demo__says_how_to_make_the_first_person(tmp_path: Path) -> None:
    assert "createsuperuser" in banner.text(options(tmp_path), first=True)


def test_shown_before__demo_made_anew__is_false_again(tmp_path: Path) -> None:
    where = options(tmp_path).places
    assert not banner.shown_before(where)
    where.demo.write_text("{}", encoding="utf-8")
    banner.mark_shown(where)
    assert banner.shown_before(where)
    where.demo.unlink()
    assert not banner.shown_before(where)
