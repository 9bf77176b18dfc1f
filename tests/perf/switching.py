"""How soon every serving process follows a switch of the slot, seen from outside while decisions go on."""

import threading
import time
from typing import Any

import orjson

from tests.perf import load, terms
from tests.perf.bed import Bed
from tests.perf.load import Client, Reply

# Enough connections that every worker of the decide process has some.
DECIDE, WEB = 6, 2
# Between two requests of the loop: decisions go on, and the machine is not busy with them alone.
_PAUSE_SECONDS = 0.002
_PATIENCE_SECONDS = 10.0


def switches(found: Bed, *, count: int) -> list[float]:
    """Return milliseconds from a switch's commit to the first answer by the new policy, per switch and connection.

    What is seen can only be later than what happened: the answer's own time and the loop's turn are in it. Raises
    `RuntimeError` when a process goes on answering by the old policy.
    """
    auth = {"Authorization": f"Bearer {found.made['key']}", "Content-Type": "application/json"}
    path = f"/api/v1/agents/{terms.AGENT}/decisions"
    ask = load.request("POST", path, orjson.dumps({"input": terms.document(1)}), auth)
    ports = [found.decide_port] * DECIDE + [found.stack.port] * WEB
    told: list[float] = []
    for turn in range(count):
        first: list[float] = []
        said: list[dict[str, Any]] = []
        at = (turn + 1) % 2

        def client(wanted: int, first: list[float] = first) -> Client:
            deadline = time.monotonic() + _PATIENCE_SECONDS
            while True:
                reply: Reply = yield ask
                if reply.status >= 400:
                    raise RuntimeError(f"refused: {reply.body!r}")
                if orjson.loads(reply.body)["policy"]["version"] == wanted:
                    first.append(reply.at)
                    return
                if reply.at > deadline:
                    raise RuntimeError("a process did not follow the slot within ten seconds")
                time.sleep(_PAUSE_SECONDS)

        def change(said: list[dict[str, Any]] = said, at: int = at) -> None:
            time.sleep(0.1)
            said.append(found.ask("switch", digest=found.made["artifacts"][at], version=at + 1))

        changing = threading.Thread(target=change)
        changing.start()
        load.run([client(at + 1) for _ in ports], port=ports)
        changing.join()
        told += [max(0.0, (moment - said[0]["at"]) * 1000) for moment in first]
    return told
