"""Sending one message over real connections: which are made, which are refused, and how long they may take."""

import contextlib
import socket
import ssl
import threading
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from reviewapp.core import clock, outgoing
from reviewapp.core.outgoing import address as addresses
from reviewapp.core.outgoing import line
from tests.factories.receivers import Receiver


@pytest.mark.parametrize("address", ["10.0.0.8", "127.0.0.1", "169.254.1.1", "fd00::1", "0.0.0.0", "100.64.0.1"])  # noqa: S104
def test_post__name_that_points_inside__is_not_connected_to(monkeypatch: Any, address: str) -> None:
    family = [(2, 1, 6, "", ("93.184.216.34", 443)), (2, 1, 6, "", (address, 443))]
    monkeypatch.setattr(addresses.socket, "getaddrinfo", lambda *_, **__: family)
    outcome = outgoing.post("https://hooks.example/x", headers={}, body=b"{}")
    assert outcome.status is None
    assert "not a public address" in outcome.error


def test_post__name__connects_to_the_address_that_was_checked(receiver: Receiver, monkeypatch: Any) -> None:
    port = receiver.server.server_port
    asked: list[Any] = []
    real = addresses.socket.getaddrinfo

    def once(host: Any, *arguments: Any, **named: Any) -> Any:
        asked.append(host)
        # A name that changes after the check must not matter: it is asked for once.
        return real("127.0.0.1" if host == "hooks.example" else host, *arguments, **named)

    monkeypatch.setattr(addresses.socket, "getaddrinfo", once)
    outcome = outgoing.post(f"http://hooks.example:{port}/hook", headers={}, body=b"{}")
    assert outcome.good
    assert asked.count("hooks.example") == 1
    assert receiver.got[0][1]["host"] == f"hooks.example:{port}"


def test_dripping_receiver__is_given_up_on_in_time(settings: Any) -> None:
    settings.WEBHOOK_ALLOW_PRIVATE, settings.WEBHOOK_TIMEOUT_SECONDS = True, 0.5
    with socket.create_server(("127.0.0.1", 0)) as server:

        def drip() -> None:
            connection, _ = server.accept()
            with connection, contextlib.suppress(OSError):
                for byte in b"HTTP/1.1 200 OK\r\nx-long: " + b"a" * 40:
                    connection.sendall(bytes([byte]))
                    time.sleep(0.05)

        threading.Thread(target=drip, daemon=True).start()
        began = time.monotonic()
        outcome = outgoing.post(f"http://127.0.0.1:{server.getsockname()[1]}/", headers={}, body=b"{}")
    assert time.monotonic() - began < 1.4
    assert "No answer within" in outcome.error


@pytest.fixture
def authority(tmp_path: Path) -> Path:
    """A certificate for hooks.example with its key, signed by itself, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "tests")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(clock.now() - timedelta(days=1))
        .not_valid_after(clock.now() + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("hooks.example")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path / "hooks.pem"
    plain = serialization.NoEncryption()
    pem = serialization.Encoding.PEM
    path.write_bytes(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain) + made.public_bytes(pem))
    return path


def test_post__https__certificate_is_checked_for_the_name_not_for_the_address(
    receiver: Receiver, authority: Path, monkeypatch: Any
) -> None:
    served = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    served.load_cert_chain(authority)
    receiver.server.socket = served.wrap_socket(receiver.server.socket, server_side=True)
    port = receiver.server.server_port
    real = addresses.socket.getaddrinfo
    monkeypatch.setattr(
        addresses.socket,
        "getaddrinfo",
        lambda host, *rest, **named: real("127.0.0.1" if "example" in str(host) else host, *rest, **named),
    )

    strangers = outgoing.post(f"https://hooks.example:{port}/hook", headers={}, body=b"{}")
    assert "CERTIFICATE_VERIFY_FAILED" in strangers.error
    trusted = ssl.create_default_context(cafile=authority)
    monkeypatch.setattr(line, "_trust", lambda: trusted)
    assert outgoing.post(f"https://hooks.example:{port}/hook", headers={}, body=b"{}").good
    other = outgoing.post(f"https://other.example:{port}/hook", headers={}, body=b"{}")
    assert "other.example" in other.error
    assert len(receiver.got) == 1
