"""Where an installation keeps its things."""

import os
from pathlib import Path

import pytest

from reviewapp.ops import places
from reviewapp.ops.refusal import Refusal


def test_state_directory__nothing_set__is_var_in_the_checkout() -> None:
    assert places.state_directory({}) == places.CHECKOUT / "var"


def test_state_directory__relative__is_made_absolute() -> None:
    assert places.state_directory({"COUNTERSIGN_STATE": "elsewhere"}) == Path.cwd() / "elsewhere"


def test_find__long_path__puts_sockets_into_a_short_one(tmp_path: Path) -> None:
    found = places.find(tmp_path / ("x" * 120))
    assert len(os.fsencode(found.run)) <= places.SOCKET_PATH_MAX
    assert found.run != places.find(tmp_path / ("y" * 120)).run


def test_find__root_below_a_private_directory__keeps_data_where_nobody_can_reach_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    tmp_path.chmod(0o700)
    found = places.find(tmp_path / "var")
    assert found.state == tmp_path / "var"
    assert found.data.parent == Path("/var/lib")


def test_find__normal_user__keeps_data_with_the_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    found = places.find(tmp_path / "var")
    assert (found.data, found.account) == (tmp_path / "var", None)


def test_service_account__root_without_any__refuses_with_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(name: str) -> None:
        raise KeyError(name)

    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(places.pwd, "getpwnam", unknown)
    with pytest.raises(Refusal, match="no account named nobody") as refusal:
        places.service_account()
    assert "set DATABASE_URL" in str(refusal.value)


def test_adopt__database_named__leaves_the_environment_alone() -> None:
    environ = {"DATABASE_URL": "postgresql://elsewhere/db"}
    places.adopt(environ)
    assert environ == {"DATABASE_URL": "postgresql://elsewhere/db"}


def test_adopt__stack_was_started__takes_its_addresses(tmp_path: Path) -> None:
    (tmp_path / "stack.env").write_text(
        "DATABASE_URL=postgresql://here\nWEB_ORIGIN=http://127.0.0.1:9000\n", encoding="utf-8"
    )
    environ = {"COUNTERSIGN_STATE": str(tmp_path), "WEB_ORIGIN": "http://mine"}
    places.adopt(environ)
    assert environ["DATABASE_URL"] == "postgresql://here"
    assert environ["WEB_ORIGIN"] == "http://mine"
    assert environ["REDIS_URL"].startswith("unix://")


def test_others_can_enter__private_parent__is_false(tmp_path: Path) -> None:
    inner = tmp_path / "private" / "inner"
    inner.mkdir(parents=True)
    inner.parent.chmod(0o700)
    assert places.others_can_enter(inner) is False
