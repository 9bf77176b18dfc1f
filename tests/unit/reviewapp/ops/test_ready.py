"""Asking a process for its health."""

import http.server
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from reviewapp.ops import ready


@contextmanager
def answering(status: int, body: bytes) -> Iterator[int]:
    """Serve one fixed answer on a port."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            """Keep quiet."""

    with http.server.HTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()


def test_ask__ready__is_200_without_faults() -> None:
    with answering(200, b'{"status": "ready", "checks": {"database": {"ok": true}}}') as port:
        assert ready.ask("0.0.0.0", port) == ready.Answer(200, "")  # noqa: S104 - asks this machine


def test_ask__not_ready__names_the_failed_checks() -> None:
    with answering(503, b'{"checks": {"database": {"ok": false, "detail": "refused"}, "redis": {"ok": true}}}') as port:
        assert ready.ask("127.0.0.1", port) == ready.Answer(503, "database: refused")


def test_ask__not_json__returns_its_beginning() -> None:
    with answering(500, b"<h1>Server error</h1>") as port:
        assert ready.ask("127.0.0.1", port).detail == "<h1>Server error</h1>"


def test_ask__nobody_there__is_status_zero() -> None:
    with answering(200, b"") as port:
        pass
    assert ready.ask("127.0.0.1", port).status == 0
