"""The script that makes `.venv`."""

import shutil
from pathlib import Path

import pytest

from reviewapp.ops import bootstrap


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout with nothing installed, in which installing is only noted."""
    for name in ("constraints.txt", "requirements.txt", "requirements-dev.txt"):
        (tmp_path / name).write_text(name, encoding="utf-8")
    monkeypatch.setattr(bootstrap, "CHECKOUT", tmp_path)
    monkeypatch.setattr(bootstrap, "VENV", tmp_path / ".venv")
    return tmp_path


def made(checkout: Path) -> None:
    """Make an environment as the real step would."""
    for part in ("bin", "lib/python3.11/site-packages/pip"):
        (checkout / ".venv" / part).mkdir(parents=True)
    (checkout / ".venv" / "bin" / "python").touch()
    (checkout / ".venv" / "bin" / "pip").write_text(f"#!{checkout}/.venv/bin/python\n", encoding="utf-8")


def test_check_python__another_version__names_both_and_the_mend(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap.sys, "version_info", (3, 9, 2, "final", 0))
    with pytest.raises(bootstrap.Refusal, match=r"needs Python 3\.11 and .* is 3\.9\.2: install it"):
        bootstrap.check_python()


def test_install__second_time__does_nothing(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    installed: list[list[str]] = []
    monkeypatch.setattr(bootstrap, "PYTHON", checkout / ".venv" / "bin" / "python")
    monkeypatch.setattr(bootstrap, "check_disk", lambda needed: None)
    monkeypatch.setattr(bootstrap, "make_environment", lambda: made(checkout))
    monkeypatch.setattr(bootstrap, "with_uv", lambda arguments: installed.append(arguments) or True)
    bootstrap.install("run")
    bootstrap.install("run")
    assert len(installed) == 1
    (checkout / "requirements.txt").write_text("changed", encoding="utf-8")
    bootstrap.install("run")
    assert len(installed) == 2


def test_install__uv_fails__takes_pip(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made(checkout)
    asked: list[list[str]] = []
    monkeypatch.setattr(bootstrap, "PYTHON", checkout / ".venv" / "bin" / "python")
    monkeypatch.setattr(bootstrap, "with_uv", lambda _: False)
    monkeypatch.setattr(bootstrap, "run_pip", lambda arguments: asked.append(arguments) or True)
    bootstrap.install("dev")
    assert [Path(part).name for part in asked[0]] == ["-r", "requirements.txt", "-r", "requirements-dev.txt"]


def test_install__both_fail__refuses_and_tries_again_next_time(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made(checkout)
    monkeypatch.setattr(bootstrap, "PYTHON", checkout / ".venv" / "bin" / "python")
    monkeypatch.setattr(bootstrap, "with_uv", lambda _: False)
    monkeypatch.setattr(bootstrap, "with_pip", lambda _: False)
    with pytest.raises(bootstrap.Refusal, match="could not be installed"):
        bootstrap.install("run")
    assert not (checkout / ".venv" / ".installed-run").exists()


def test_usable__checkout_was_moved__is_false(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made(checkout)
    monkeypatch.setattr(bootstrap, "PYTHON", checkout / ".venv" / "bin" / "python")
    assert bootstrap.usable()
    (checkout / ".venv" / "bin" / "pip").write_text("#!/elsewhere/.venv/bin/python\n", encoding="utf-8")
    assert not bootstrap.usable()


def test_check_disk__too_little__says_how_much(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(10**9, 10**9, 5 * 2**20))
    with pytest.raises(bootstrap.Refusal, match="disk is full: 5 MB are free"):
        bootstrap.check_disk(100 * 2**20)
