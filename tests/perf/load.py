"""A closed loop of HTTP/1.1 clients in one thread: cheap enough to stand beside the server on two cores.

Each client is a generator: it yields the bytes of a request and is sent the reply, then yields the next one. A client
waits for each answer before it asks again.
"""

import selectors
import socket
import time
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field

Client = Generator["Ask", "Reply", None]
_READ = 262_144


@dataclass(frozen=True, slots=True)
class Ask:
    """A request as bytes, and the name its time is filed under."""

    content: bytes
    label: str = "request"


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer: status, raw head, body, and when the last byte was there (`time.monotonic()`)."""

    status: int
    head: bytes
    body: bytes
    at: float

    def header(self, name: str) -> str:
        """Return a header's value, "" when it is not there."""
        for line in self.head.split(b"\r\n")[1:]:
            key, _, value = line.partition(b":")
            if key.lower() == name.lower().encode():
                return value.strip().decode()
        return ""


@dataclass(slots=True)
class Seen:
    """What a run saw: milliseconds by label, wall seconds, and answers that were not 2xx or 3xx."""

    ms: dict[str, list[float]] = field(default_factory=dict)
    seconds: float = 0.0
    refused: list[Reply] = field(default_factory=list)

    @property
    def count(self) -> int:
        """How many answers came."""
        return sum(len(samples) for samples in self.ms.values())


@dataclass(slots=True)
class _Line:
    """One connection and what is under way on it."""

    sock: socket.socket
    client: Client
    ask: Ask
    began: float = 0.0
    buffer: bytearray = field(default_factory=bytearray)


def request(
    method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None, label: str = "request"
) -> Ask:
    """Return a request on a kept connection."""
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    if body or method != "GET":
        lines.append(f"Content-Length: {len(body)}")
    return Ask("\r\n".join(lines).encode() + b"\r\n\r\n" + body, label)


def run(clients: Sequence[Client], *, port: int | Sequence[int], seconds: float | None = None) -> Seen:
    """Run clients until each is at its end, or until `seconds` are over: then each finishes what it is at.

    `port` is one for all, or one for each client.

    Raises `OSError` when a connection breaks.
    """
    seen = Seen()
    began = time.monotonic()
    with selectors.DefaultSelector() as selector:
        ports = [port] * len(clients) if isinstance(port, int) else port
        for client, one in zip(clients, ports, strict=True):
            sock = socket.create_connection(("127.0.0.1", one), timeout=30)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            line = _Line(sock, client, next(client))
            _send(line)
            selector.register(sock, selectors.EVENT_READ, line)
        while selector.get_map():
            for key, _ in selector.select(timeout=30):
                line = key.data
                reply = _receive(line)
                if reply is None:
                    continue
                seen.ms.setdefault(line.ask.label, []).append((reply.at - line.began) * 1000)
                if reply.status >= 400:
                    seen.refused.append(reply)
                over = seconds is not None and reply.at - began >= seconds
                following = None if over else _following(line.client, reply)
                if following is None:
                    selector.unregister(line.sock)
                    line.sock.close()
                else:
                    line.ask = following
                    _send(line)
        seen.seconds = time.monotonic() - began
    return seen


def _following(client: Client, reply: Reply) -> Ask | None:
    try:
        return client.send(reply)
    except StopIteration:
        return None


def _send(line: _Line) -> None:
    line.began = time.monotonic()
    line.sock.sendall(line.ask.content)


def _receive(line: _Line) -> Reply | None:
    """Return the reply when all of it is there."""
    chunk = line.sock.recv(_READ)
    if not chunk:
        raise ConnectionError(f"the server closed the connection after {bytes(line.buffer[:200])!r}")
    line.buffer += chunk
    end = line.buffer.find(b"\r\n\r\n")
    if end < 0:
        return None
    head = bytes(line.buffer[:end])
    length = _length(head)
    if length is None:
        if not line.buffer.endswith(b"0\r\n\r\n"):
            return None
        body = _unchunked(bytes(line.buffer[end + 4 :]))
    else:
        if len(line.buffer) < end + 4 + length:
            return None
        body = bytes(line.buffer[end + 4 : end + 4 + length])
    line.buffer.clear()
    return Reply(int(head[9:12]), head, body, time.monotonic())


def _length(head: bytes) -> int | None:
    lowered = head.lower()
    at = lowered.find(b"content-length:")
    if at >= 0:
        return int(lowered[at + 15 :].split(b"\r\n", 1)[0])
    return None if b"transfer-encoding: chunked" in lowered else 0


def _unchunked(content: bytes) -> bytes:
    parts, at = [], 0
    while True:
        line_end = content.index(b"\r\n", at)
        size = int(content[at:line_end].split(b";")[0], 16)
        if size == 0:
            return b"".join(parts)
        parts.append(content[line_end + 2 : line_end + 2 + size])
        at = line_end + 4 + size
