"""`manage.py doctor` as a whole."""

import json

import pytest
from django.core.management import call_command

from reviewapp.ops import doctor
from reviewapp.ops.checks.finding import fault, well

pytestmark = pytest.mark.django_db


def test_command__nothing_supervised__exits_with_one_and_lists_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="1"):
        call_command("doctor")
    out = capsys.readouterr().out
    assert "FAULT  processes: supervisor" in out
    assert "-> Start it with make run." in out
    assert out.rstrip().endswith("faults.")


def test_command__json__is_one_object(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        call_command("doctor", "--json")
    told = json.loads(capsys.readouterr().out)
    assert told["ok"] is False
    assert {"area", "subject", "ok", "detail", "mend"} == told["findings"][0].keys()


def test_command__all_well__returns(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(doctor, "examine", lambda: [well("disk", "state", "plenty")])
    call_command("doctor")
    assert "Everything is well." in capsys.readouterr().out


def test_as_text__one_fault__counts_and_mends() -> None:
    text = doctor.as_text([well("disk", "state", "plenty"), fault("keys", "secret_key", "open", "chmod it")])
    assert "-> chmod it" in text
    assert text.endswith("1 fault.")
