"""The closed loop of clients, against a real server."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.perf import load


class _Echo(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        """Answer with what was sent: by length, or in chunks below /chunks; 409 below /refused."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(409 if self.path == "/refused" else 200)
        self.send_header("X-Path", self.path)
        if self.path == "/chunks":
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            for part in (body[:3], body[3:]):
                self.wfile.write(f"{len(part):x}\r\n".encode() + part + b"\r\n")
            self.wfile.write(b"0\r\n\r\n")
            return
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class calls it so
        """Say nothing."""


@pytest.fixture
def port() -> Iterator[int]:
    """A server that echoes."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Echo) as server:
        running = threading.Thread(target=server.serve_forever, daemon=True)
        running.start()
        yield server.server_port
        server.shutdown()
        running.join()


@pytest.mark.parametrize("path", ["/length", "/chunks"])
def test_run__clients_with_an_end__every_answer_is_read_whole(port: int, path: str) -> None:
    bodies: list[bytes] = []

    def client(name: str) -> load.Client:
        for at in range(5):
            reply = yield load.request("POST", path, f"{name} says {at}".encode(), label=name)
            assert reply.header("x-path") == path
            bodies.append(reply.body)

    seen = load.run([client("one"), client("two")], port=port)
    assert sorted(bodies) == sorted(f"{name} says {at}".encode() for name in ("one", "two") for at in range(5))
    assert (seen.count, len(seen.ms["one"]), seen.refused) == (10, 5, [])


def test_run__time_is_over__ends_and_keeps_refusals(port: int) -> None:
    def client() -> load.Client:
        while True:
            yield load.request("POST", "/refused", b"x")

    seen = load.run([client()], port=port, seconds=0.05)
    assert seen.refused[0].status == 409
    assert len(seen.refused) == seen.count >= 1
