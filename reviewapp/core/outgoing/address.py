"""Sending one message: to an address that was checked, over a connection to exactly that address.

A webhook's address is chosen from outside, so it must not reach what only this machine can (server-side request forgery,
OWASP SSRF Prevention). Resolving twice would let a name change in between: the checked IP is the one connected to.
"""

import importlib
import ipaddress
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast
from urllib.parse import SplitResult, urlsplit

from django.conf import settings

# Addresses of version 6 that carry one of version 4 inside: 6to4, Teredo and NAT64 (RFC 3056, 4380, 6052).
_TUNNELS = tuple(ipaddress.IPv6Network(text) for text in ("2002::/16", "2001::/32", "64:ff9b::/96", "64:ff9b:1::/48"))


class Refused(Exception):
    """The address may not be sent to."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one sending. `status` is None when there was no answer, `error` then says why."""

    status: int | None
    error: str
    retry_after: float | None = None

    @property
    def good(self) -> bool:
        """Say whether the receiver took it: any 2xx."""
        return self.status is not None and 200 <= self.status < 300


def check(url: str) -> SplitResult:
    """Return the parts of an address that may be stored. Raises `Refused` with the mend; resolves no name."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise Refused("This is not a web address.") from None
    allowed = ("https", "http") if settings.WEBHOOK_ALLOW_PRIVATE else ("https",)
    if parts.scheme not in allowed or not parts.hostname or port == 0:
        raise Refused("Give a whole address that begins with https://.")
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise Refused("Leave out names, passwords and what follows #: the signature proves who sends.")
    if not url.isascii() or any(character <= " " for character in url):
        raise Refused("Write the address in ASCII without spaces; names of other scripts as xn--….")
    try:
        address = ipaddress.ip_address(parts.hostname)
    except ValueError:
        return parts
    _require_public(address)
    return parts


def post(url: str, *, headers: Mapping[str, str], body: bytes) -> Outcome:
    """Send `body` and return what came of it; never raises for anything the receiver does.

    Redirects are not followed: the address that was approved is the one that gets the message. The time allowed is for
    everything together, so that a receiver which drips its answer byte by byte holds nobody up.
    """
    try:
        parts = check(url)
        address = _resolve(parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80))
    except Refused as fault:
        return Outcome(None, str(fault))
    # By name: the HTTP client takes 12 MB that only the process which sends needs.
    line = importlib.import_module("reviewapp.core.outgoing.line")
    return cast("Outcome", line.post(parts, address, headers=headers, body=body))


def _resolve(host: str, port: int) -> str:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise Refused(f"The name {host} is not known.") from None
    addresses = [str(entry[4][0]) for entry in found]
    for address in addresses:
        _require_public(ipaddress.ip_address(address.partition("%")[0]))
    return addresses[0]


def _require_public(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> None:
    inner = getattr(address, "ipv4_mapped", None) or address
    if settings.WEBHOOK_ALLOW_PRIVATE:
        return
    tunnelled = isinstance(inner, ipaddress.IPv6Address) and any(inner in network for network in _TUNNELS)
    if tunnelled or not inner.is_global or inner.is_multicast or inner.is_reserved:
        raise Refused(f"{address} is not a public address.")
