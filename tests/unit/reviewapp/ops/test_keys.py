"""Secrets of a first run."""

from pathlib import Path

from reviewapp.ops import keys


def test_ensure__first_run__makes_private_files(tmp_path: Path) -> None:
    made = keys.ensure(tmp_path / "keys")
    assert {path.name for path in made} == set(keys.SECRETS)
    assert {path.stat().st_mode & 0o777 for path in made} == {0o600}
    assert (tmp_path / "keys").stat().st_mode & 0o777 == 0o700
    assert len({path.read_text(encoding="utf-8") for path in made}) == len(made)


def test_ensure__second_run__keeps_every_secret(tmp_path: Path) -> None:
    before = {path: path.read_bytes() for path in keys.ensure(tmp_path)}
    assert keys.ensure(tmp_path) == []
    assert {path: path.read_bytes() for path in before} == before


def test_write_private__wider_file_before__is_private_after(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    path.write_text("old", encoding="utf-8")
    path.chmod(0o644)
    keys.write_private(path, "new")
    assert (path.read_text(encoding="utf-8"), path.stat().st_mode & 0o777) == ("new", 0o600)
    assert list(tmp_path.iterdir()) == [path]
