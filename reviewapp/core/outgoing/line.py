"""The connection over which one message goes; `address` says to which."""

import asyncio
import ssl
from collections.abc import Mapping
from functools import cache
from urllib.parse import SplitResult

import httpx
from django.conf import settings

from reviewapp.core import clock
from reviewapp.core.outgoing import retry
from reviewapp.core.outgoing.address import Outcome

_READ_BYTES = 2048


def post(parts: SplitResult, address: str, *, headers: Mapping[str, str], body: bytes) -> Outcome:
    """Send `body` to `address` and return what came of it; never raises for anything the receiver does."""
    seconds = settings.WEBHOOK_TIMEOUT_SECONDS
    try:
        return asyncio.run(asyncio.wait_for(_post(parts, address, headers, body), seconds))
    except (TimeoutError, httpx.TimeoutException):
        return Outcome(None, f"No answer within {seconds:g} s.")
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as fault:
        return Outcome(None, f"{type(fault).__name__}: {fault}"[:300])


async def _post(parts: SplitResult, address: str, headers: Mapping[str, str], body: bytes) -> Outcome:
    shown = f"[{address}]" if ":" in address else address
    target = parts._replace(netloc=f"{shown}:{parts.port}" if parts.port else shown).geturl()
    async with (
        httpx.AsyncClient(
            verify=_trust(), timeout=settings.WEBHOOK_TIMEOUT_SECONDS, follow_redirects=False, trust_env=False
        ) as client,
        client.stream(
            "POST",
            target,
            content=body,
            headers={**headers, "host": parts.netloc, "user-agent": "Countersign-Webhooks/1"},
            # The certificate must be the name's, though the connection is to its address.
            extensions={"sni_hostname": parts.hostname},
        ) as response,
    ):
        return Outcome(response.status_code, await _said(response), _retry_after(response))


@cache
def _trust() -> ssl.SSLContext:
    # Reading the authorities takes longer than a message does.
    return httpx.create_ssl_context(trust_env=False)


async def _said(response: httpx.Response) -> str:
    """Return the beginning of what a failing receiver says."""
    if response.is_success:
        return ""
    if response.is_redirect:
        return f"It redirects to {response.headers.get('location', 'nowhere')[:200]}; enter that address instead."
    taken = b""
    async for chunk in response.aiter_raw():
        taken += chunk
        if len(taken) >= _READ_BYTES:
            break
    return taken[:200].decode("utf-8", "replace").replace("\x00", "")


def _retry_after(response: httpx.Response) -> float | None:
    return retry.asked(response.headers.get("retry-after", ""), now=clock.now())
