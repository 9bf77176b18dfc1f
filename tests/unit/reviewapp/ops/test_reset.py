"""`make reset`."""

from pathlib import Path

import pytest

from reviewapp.ops import keys, places, preflight, reset
from reviewapp.ops.refusal import Refusal


def test_reset__agreed__removes_the_state(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    where = places.find(tmp_path / "var")
    keys.ensure(where.keys)
    reset.reset(where, agreed=True)
    assert not where.state.exists()
    assert "Cleared" in capsys.readouterr().out


def test_reset__nobody_to_ask__deletes_nothing(tmp_path: Path) -> None:
    where = places.find(tmp_path / "var")
    made = keys.ensure(where.keys)
    with pytest.raises(Refusal, match="YES=1"):
        reset.reset(where, agreed=False)
    assert all(path.exists() for path in made)


def test_reset__product_runs__refuses(tmp_path: Path) -> None:
    where = places.find(tmp_path / "var")
    keys.ensure(where.keys)
    with preflight.sole_run(where), pytest.raises(Refusal, match="already runs"):
        reset.reset(where, agreed=True)
    assert where.keys.exists()


def test_reset__directory_of_someone_elses__refuses(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").touch()
    with pytest.raises(Refusal, match="does not look like"):
        reset.reset(places.find(tmp_path), agreed=True)
    assert (tmp_path / "thesis.tex").exists()


def test_reset__nothing_there__says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    reset.reset(places.find(tmp_path / "var"), agreed=True)
    assert "Nothing to clear" in capsys.readouterr().out
