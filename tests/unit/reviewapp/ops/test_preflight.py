"""What must hold before anything starts, and the one sentence when it does not."""

import os
import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from reviewapp.ops import places, preflight
from reviewapp.ops.refusal import Refusal


@contextmanager
def listening() -> Iterator[int]:
    """Hold a port as another program would."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        yield server.getsockname()[1]


def test_options__nothing_set__binds_this_machine_only() -> None:
    options = preflight.options({})
    assert (options.bind, options.port, options.live_port) == ("127.0.0.1", 8000, 8001)
    assert (options.web_origin, options.live_origin) == ("http://127.0.0.1:8000", "http://127.0.0.1:8001")
    assert options.own_database
    assert options.own_redis
    assert options.demo


def test_options__own_servers_named__starts_only_what_is_missing() -> None:
    options = preflight.options({"DATABASE_URL": "postgresql://db/x"})
    assert (options.own_database, options.own_redis) == (False, True)


@pytest.mark.parametrize("port", ["0", "65535", "eighty", "-1", "٣"])
def test_options__bad_port__refuses_with_an_example(port: str) -> None:
    with pytest.raises(Refusal, match=r"make run PORT=9000"):
        preflight.options({"PORT": port})


def test_options__open_to_the_network__wants_the_address_people_type() -> None:
    with pytest.raises(Refusal, match="WEB_ORIGIN"):
        preflight.options({"BIND": "192.0.2.7"})
    options = preflight.options({"BIND": "192.0.2.7", "WEB_ORIGIN": "http://192.0.2.7:8000/"})
    assert (options.web_origin, options.live_origin) == ("http://192.0.2.7:8000", "http://192.0.2.7:8001")


def test_check_port__taken__names_it_and_another() -> None:
    with listening() as port, pytest.raises(Refusal, match=rf"Port {port} .*web.* taken .*PORT="):
        preflight.check_port("127.0.0.1", port, "web")


def test_check_port__free__says_nothing() -> None:
    with listening() as port:
        pass
    preflight.check_port("127.0.0.1", port, "web")


def test_check_port__address_of_another_machine__refuses() -> None:
    with pytest.raises(Refusal, match="set BIND"):
        preflight.check_port("192.0.2.1", 18999, "web")


def test_check_state__disk_full__says_how_much_is_needed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(10**9, 10**9, 5 * 2**20))
    with pytest.raises(Refusal, match="disk is full: 5 MB are free"):
        preflight.check_state(places.find(tmp_path / "var"))


def test_check_state__someone_elses__refuses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    where = places.find(tmp_path / "var")
    own = os.geteuid()
    monkeypatch.setattr(os, "geteuid", lambda: own + 1)
    with pytest.raises(Refusal, match="belongs to another account"):
        preflight.check_state(where)


def test_check_state__cannot_be_made__refuses() -> None:
    with pytest.raises(Refusal, match="COUNTERSIGN_STATE"):
        preflight.check_state(places.find(Path("/proc/countersign")))


def test_sole_run__second_one__is_refused_until_the_first_ends(tmp_path: Path) -> None:
    where = places.find(tmp_path)
    with preflight.sole_run(where), pytest.raises(Refusal, match="already runs"), preflight.sole_run(where):
        pass
    with preflight.sole_run(where):
        pass
