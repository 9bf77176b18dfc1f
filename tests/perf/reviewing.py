"""The review cycle of eight reviewers, by the API and by the pages, at growing backlogs."""

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode, urlsplit

import orjson

from tests.perf import arithmetic, load
from tests.perf.bed import Bed
from tests.perf.load import Client, Reply

WORDS = "The payslip of the third month does not carry this instalment; see the note of the applicant, case {}."
_WARM = 16
_TOKEN = re.compile(rb'name="token" value="(\d+)"')


def cycles(found: Bed, template: str, *, backlog: int, api: int, html: int) -> dict[str, Any]:
    """Return what a cycle costs at a backlog: `api` and `html` cycles are done by eight reviewers at once.

    `serving` is what the requests cost, databases included; `after` is what the workers do with a correction later.
    """
    found.ask("backlog", template=template, queue=found.made["queue"], upto=backlog)
    facts: dict[str, Any] = {}
    for name, count, client in (("api", api, _by_api), ("html", html, _by_page)):
        # Until every thread's connection has planned what it will be asked, and every process knows the contract.
        _run(found, client, _WARM, name)
        found.settle()
        with found.workers_still():
            before = found.cpu_ms()
            seen = _run(found, client, count, name)
            served = found.cpu_ms()
        found.settle()
        done = found.cpu_ms()
        facts[name] = {
            "serving_cpu_ms": (served - before) / count,
            "after_cpu_ms": (done - served) / count,
            "per_s": count / seen.seconds,
            "p95_ms": {label: arithmetic.percentile(samples, 0.95) for label, samples in seen.ms.items()},
        }
    return facts


def pages(found: Bed, *, count: int) -> dict[str, dict[str, float]]:
    """Return what a page costs at the backlog that is there: {page: CPU ms of serving it, and p95 ms for one reader}.

    Nobody holds anything: what is read is the queue as it lies.
    """
    queue = f"/queues/{found.made['queue']}/"
    listed = {
        "home": "/",
        "queue": queue,
        "queue, page in the middle": f"{queue}?{urlencode(found.ask('middle', queue=found.made['queue']))}",
    }
    facts = {}
    with found.workers_still():
        for name, path in listed.items():
            load.run([_reading(found, path, 8)], port=found.stack.port)
            before = found.cpu_ms()
            seen = load.run([_reading(found, path, count)], port=found.stack.port)
            if seen.refused:
                raise RuntimeError(f"{name}: {seen.refused[0]}")
            cost = (found.cpu_ms() - before) / count
            facts[name] = {"cpu_ms": cost, "p95_ms": arithmetic.percentile(seen.ms["read"], 0.95)}
    return facts


def _reading(found: Bed, path: str, count: int) -> Client:
    who = found.made["reviewers"][0]
    cookies = {"Cookie": f"cs_session={who['session']}; cs_csrf={who['token']}"}
    for _ in range(count):
        yield load.request("GET", path, b"", cookies, label="read")


def _run(found: Bed, client: Callable[[Bed, int, int], Client], count: int, name: str) -> load.Seen:
    reviewers = len(found.made["reviewers"])
    each = max(1, count // reviewers)
    seen = load.run([client(found, number, each) for number in range(reviewers)], port=found.stack.port)
    if seen.refused:
        raise RuntimeError(f"{name}: {len(seen.refused)} requests were refused: {seen.refused[0]}")
    return seen


def _by_api(found: Bed, number: int, count: int) -> Client:
    """Claim, read, submit."""
    auth = {"Authorization": f"Bearer {found.made['reviewers'][number]['key']}", "Content-Type": "application/json"}
    for at in range(count):
        reply: Reply = yield load.request(
            "POST", f"/api/v1/queues/{found.made['queue']}/claim", b"", auth, label="claim"
        )
        task = orjson.loads(reply.body)
        reply = yield load.request("GET", f"/api/v1/tasks/{task['task']}", b"", auth, label="read")
        token = orjson.loads(reply.body)["token"]
        content = orjson.dumps({"token": token, **_entry(f"{number}-{at}")})
        yield load.request("POST", f"/api/v1/tasks/{task['task']}/corrections", content, auth, label="submit")


def _entry(name: str) -> dict[str, Any]:
    return {
        "verdict": "correct",
        "output": {"action": "decline"},
        "reason_code": "income",
        "justification": WORDS.format(name),
        "evidence": ["/duration"],
        "confidence": 4,
    }


def _by_page(found: Bed, number: int, count: int) -> Client:
    """Open the workbench, submit, and be led to the next case: two requests a cycle."""
    who = found.made["reviewers"][number]
    cookies = {"Cookie": f"cs_session={who['session']}; cs_csrf={who['token']}"}
    form = {**cookies, "Content-Type": "application/x-www-form-urlencoded"}
    csrf = {"csrfmiddlewaretoken": who["token"]}
    started: Reply = yield load.request(
        "POST", f"/queues/{found.made['queue']}/next", urlencode(csrf).encode(), form, label="start"
    )
    path = _path(started)
    for at in range(count):
        page: Reply = yield load.request("GET", path, b"", cookies, label="page")
        token = _TOKEN.search(page.body)
        if token is None:
            raise RuntimeError(f"no lease on {path}: {page.status} {page.head!r}")
        entered = {
            **csrf,
            "token": token[1].decode(),
            "verdict": "correct",
            "output_shown": "1",
            "output.action": "decline",
            "reason_code": "income",
            "justification": WORDS.format(f"{number}-{at}"),
            "evidence": "/duration",
            "confidence": "4",
        }
        submitted: Reply = yield load.request(
            "POST", f"{path}submit", urlencode(entered).encode(), form, label="submit"
        )
        path = _path(submitted)


def _path(reply: Reply) -> str:
    if reply.status not in {302, 303}:
        raise RuntimeError(f"no way on: {reply.status} {reply.head!r} {reply.body[:2000]!r}")
    return urlsplit(reply.header("Location")).path
