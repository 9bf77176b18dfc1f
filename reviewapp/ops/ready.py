"""Whether the product answers: the health endpoint of the web and of the live process."""

import http.client
import json
from dataclasses import dataclass

from reviewapp.ops.preflight import Options

# Addresses that mean "every address of this machine" are asked on its own one.
EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - read, not bound
TIMEOUT_SECONDS = 5.0


@dataclass(frozen=True)
class Answer:
    """What a health endpoint said; `status` is 0 when nothing answered."""

    status: int
    detail: str


def everywhere(options: Options) -> bool:
    """Tell whether both servers say that they are ready."""
    return all(ask(options.bind, port).status == http.HTTPStatus.OK for port in (options.port, options.live_port))


def ask(bind: str, port: int) -> Answer:
    """Ask one process for its health, naming a host that every configuration allows."""
    connection = http.client.HTTPConnection(EVERYWHERE.get(bind, bind), port, timeout=TIMEOUT_SECONDS)
    try:
        connection.request("GET", "/healthz", headers={"Host": f"127.0.0.1:{port}"})
        response = connection.getresponse()
        return Answer(response.status, _faults(response.read()))
    except (OSError, http.client.HTTPException) as error:
        return Answer(0, str(error) or type(error).__name__)
    finally:
        connection.close()


def _faults(body: bytes) -> str:
    """Name the failed checks of a health answer."""
    try:
        checks = json.loads(body).get("checks", {})
    except (ValueError, AttributeError):
        return body[:200].decode(errors="replace")
    return "; ".join(f"{name}: {check.get('detail', '')}" for name, check in checks.items() if not check.get("ok"))
