"""The product's processes and the environment they share."""

from pathlib import Path

from reviewapp.ops import preflight, programs


def environment(tmp_path: Path, **asked: str) -> tuple[preflight.Options, dict[str, str]]:
    """Return the options and shared environment of a run asked for like this."""
    environ = {"COUNTERSIGN_STATE": str(tmp_path), **asked}
    options = preflight.options(environ)
    return options, programs.environment(options, environ)


def test_environment__default__names_the_embedded_servers_and_this_machine(tmp_path: Path) -> None:
    _, shared = environment(tmp_path, PORT="9000", MAKELEVEL="1")
    assert shared["DATABASE_URL"].startswith("postgresql://countersign@/countersign?host=")
    assert shared["REDIS_URL"].endswith("/valkey.sock?db=0")
    assert (shared["WEB_ORIGIN"], shared["LIVE_ORIGIN"]) == ("http://127.0.0.1:9000", "http://127.0.0.1:9001")
    assert shared["ALLOWED_HOSTS"] == "127.0.0.1,localhost,[::1]"
    assert not {"PORT", "MAKELEVEL"} & shared.keys()


def test_environment__own_servers__are_left_as_given(tmp_path: Path) -> None:
    _, shared = environment(tmp_path, DATABASE_URL="postgresql://db/x", REDIS_URL="redis://cache/0")
    assert (shared["DATABASE_URL"], shared["REDIS_URL"]) == ("postgresql://db/x", "redis://cache/0")


def test_environment__public_address__is_an_allowed_host(tmp_path: Path) -> None:
    _, shared = environment(tmp_path, BIND="192.0.2.7", WEB_ORIGIN="http://countersign.lan:8000")
    assert shared["ALLOWED_HOSTS"].endswith(",countersign.lan")


def test_for_manage__names_no_secret(tmp_path: Path) -> None:
    _, shared = environment(tmp_path, SECRET_KEY="never in a file")
    lines = programs.for_manage(shared)
    assert "never" not in lines
    assert f"DATABASE_URL={shared['DATABASE_URL']}" in lines


def test_programs__ports_and_queues__are_those_promised(tmp_path: Path) -> None:
    options, shared = environment(tmp_path, PORT="9000")
    web, live = programs.servers(options, shared)
    worker, learner, beat = programs.workers(options, shared)
    assert web.argv[web.argv.index("--port") + 1] == "9000"
    assert live.argv[live.argv.index("--port") + 1] == "9001"
    assert {web.argv[web.argv.index("--host") + 1], live.argv[live.argv.index("--host") + 1]} == {"127.0.0.1"}
    assert worker.argv[worker.argv.index("--queues") + 1] == "default,events"
    assert learner.argv[learner.argv.index("--queues") + 1] == "learning"
    assert {program.name for program in (web, live, worker, learner, beat)} == {
        name for names in programs.STOP_ORDER for name in names
    }
