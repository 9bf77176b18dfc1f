"""What the doctor says about the machine."""

import os
import shutil
from pathlib import Path

import pytest

from reviewapp.ops import keys, leftovers, places
from reviewapp.ops.checks import machine
from reviewapp.ops.places import Places


@pytest.fixture
def where(tmp_path: Path) -> Places:
    """Places of an installation that was started once."""
    found = places.Places(state=tmp_path, data=tmp_path, run=tmp_path, account=None)
    keys.ensure(found.keys)
    return found


def test_running__never_started__says_how_to_start(where: Places) -> None:
    (finding,) = machine.running(where, {})
    assert not finding.ok
    assert "make run" in finding.mend


def test_running__supervisor_killed__is_a_fault(where: Places) -> None:
    keys.write_private(where.children, '{"supervisor": 999999999, "groups": {}}')
    (finding,) = machine.running(where, {})
    assert (finding.ok, finding.subject) == (False, "supervisor")


def test_running__children_gone__each_is_a_fault_with_its_log(where: Places) -> None:
    leftovers.note(where, [])
    found = {finding.subject: finding for finding in machine.running(where, {"web": "http://127.0.0.1:1"})}
    assert found["supervisor"].ok
    assert not found["worker"].ok
    assert "worker.log" in found["worker"].mend
    assert not found["web health"].ok


def test_disks__room__is_well_and_full_is_a_fault(where: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    for free, ok in ((50 * 2**30, True), (500 * 2**20, False), (1, False)):
        monkeypatch.setattr(shutil, "disk_usage", lambda _, free=free: shutil._ntuple_diskusage(2**40, 0, free))
        assert machine.disks(where)[0].ok is ok


def test_disks__big_logs__are_a_fault(where: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    where.log.mkdir()
    (where.log / "web.log").write_text("x" * 100, encoding="utf-8")
    monkeypatch.setattr(machine, "LOG_BYTES_MAX", 10)
    assert not machine.disks(where)[-1].ok


def test_secrets__as_made__are_well(where: Places) -> None:
    assert all(finding.ok for finding in machine.secrets(where, required=tuple(keys.SECRETS)))


def test_secrets__readable_by_others__names_file_and_command(where: Places) -> None:
    (where.keys / "secret_key").chmod(0o644)
    (finding,) = (finding for finding in machine.secrets(where, required=()) if not finding.ok)
    assert "mode 644" in finding.detail
    assert finding.mend.startswith(f"chmod 600 {where.keys}/secret_key")


def test_secrets__missing__says_who_makes_them(where: Places) -> None:
    (where.keys / "key_pepper").unlink()
    (finding,) = (finding for finding in machine.secrets(where, required=tuple(keys.SECRETS)) if not finding.ok)
    assert (finding.subject, "make run" in finding.mend) == ("key_pepper", True)


def test_secrets__of_another_account__is_a_fault(where: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    own = os.geteuid()
    monkeypatch.setattr(os, "geteuid", lambda: own + 1)
    assert not any(finding.ok for finding in machine.secrets(where, required=()))
