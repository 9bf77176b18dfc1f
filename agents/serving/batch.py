"""Many decisions from one request: NDJSON in, NDJSON out, a result for every line.

Lines are judged and recorded in chunks, each chunk in one transaction and one COPY, so a line costs a fraction of a
request of its own. A bad line never stops a good one.
"""

import logging
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from django.conf import settings
from django.db import Error

from agents.models import Decision
from agents.selectors import answers
from agents.selectors.live import Live
from agents.services import decisions
from agents.serving import deciding, features, problems
from agents.serving.deciding import Decided
from agents.serving.features import Fed
from agents.serving.requests import DecisionRequest
from reviewapp.core import clock
from reviewapp.core.errors import Conflict, DomainError, Invalid, Throttled, TooLarge
from reviewapp.core.events import Actor

log = logging.getLogger(__name__)

KEY = "idempotency_key"
# How often a chunk looks again when other requests take its keys meanwhile; each time at least one more key is known.
_ATTEMPTS = 5

Line = tuple[int, bytes]
Result = Decided | DomainError


class BadLine(DomainError):
    """A line is not a JSON object."""

    code = "bad_json"
    title = "The line is not a JSON object"


@dataclass(frozen=True, slots=True)
class _Asked:
    """A readable line: its number, its request, and when work on it began (`time.perf_counter()`)."""

    number: int
    request: DecisionRequest
    began: float


def lines(raw: bytes) -> list[Line]:
    """Return (number from 1, content) of every line that is not blank. Raises `TooLarge` and `Invalid` for none."""
    found = [(number, line) for number, line in enumerate(raw.split(b"\n"), 1) if line.strip()]
    if len(found) > settings.BATCH_MAX_LINES:
        raise TooLarge(
            f"A batch has at most {settings.BATCH_MAX_LINES:,} lines, this one has {len(found):,}. Send it in parts."
        )
    if not found:
        raise Invalid("Send at least one line.", fields={"": 'Send one JSON object with "input" per line.'})
    return found


def decide(*, live: Live, lines: Sequence[Line], by: Actor) -> Iterator[bytes]:
    """Decide every line and yield the results as NDJSON, chunk by chunk, in the order of the lines.

    A result has `line`, `status` (what the line alone would have been answered with), and either `decision` or
    `problem` (RFC 9457). Once a chunk is yielded, its decisions are committed. While the database is away, its lines
    get a 503 each, and a 500 when something fails on our side: sending them again is safe under idempotency keys.
    """
    for at in range(0, len(lines), settings.BATCH_CHUNK):
        part = lines[at : at + settings.BATCH_CHUNK]
        try:
            results = _chunk(live, part, by)
        except Error:
            log.exception("%s lines for %s were not decided: the database refused", len(part), live.slug)
            results = dict.fromkeys((number for number, _ in part), problems.unreachable())
        except Exception:
            # The answer has begun: without results of their own, these lines would seem never to have come.
            log.exception("%s lines for %s were not decided", len(part), live.slug)
            results = dict.fromkeys((number for number, _ in part), problems.internal(f"a batch for {live.slug}"))
        yield b"".join(_line(number, results[number]) for number, _ in part)


def _chunk(live: Live, part: Sequence[Line], by: Actor) -> dict[int, Result]:
    results: dict[int, Result] = {}
    asked: list[_Asked] = []
    for number, content in part:
        began = time.perf_counter()
        try:
            asked.append(_Asked(number, _read(live, content), began))
        except DomainError as fault:
            results[number] = fault
    drafts: dict[int, decisions.Draft] = {}
    held: dict[int, Result] = {}
    for _ in range(_ATTEMPTS):
        try:
            return results | _recorded(live, asked, drafts, held, by)
        except decisions.KeyTaken:
            continue
    busy = Conflict("Other requests are using these idempotency keys right now; send the line again.", code="key_busy")
    return dict.fromkeys((one.number for one in asked), busy) | results


def _recorded(
    live: Live, asked: list[_Asked], drafts: dict[int, decisions.Draft], held: dict[int, Result], by: Actor
) -> dict[int, Result]:
    """Answer readable lines, recording what is new. What was judged is put into `drafts`, for another attempt, and into
    `held` where the contract's review capacity refuses it.
    """
    # What has a key already is answered by it; the first line with a new key decides, later ones repeat it.
    known = answers.find_by_keys(live.agent_id, {key for one in asked if (key := one.request.idempotency_key)})
    fresh = _firsts(asked, known)
    new = [one for one in fresh if one.number not in drafts and one.number not in held]
    for one, fed in zip(new, _fed(live, new), strict=True):
        try:
            drafts[one.number] = deciding.judge(live, one.request, began=one.began, fed=fed)
        except Throttled as fault:
            held[one.number] = fault
            # Lines that repeat its key have nothing to repeat: they are refused with it.
            key = one.request.idempotency_key
            held |= {other.number: fault for other in asked if key and other.request.idempotency_key == key}
    fresh = [one for one in fresh if one.number not in held]
    decisions.record_all(drafts=[drafts[one.number] for one in fresh], by=by)
    results: dict[int, Result] = {**held}
    said: dict[str, Decision | decisions.Draft] = {**known}
    for one in fresh:
        draft = drafts[one.number]
        results[one.number] = Decided(draft, live.slug, fresh=True, by=by)
        if draft.idempotency_key:
            said[draft.idempotency_key] = draft
    return {one.number: _repeat(live, one, said, by) for one in asked if one.number not in results} | results


def _read(live: Live, content: bytes) -> DecisionRequest:
    limit = settings.DECISION_MAX_BYTES
    if len(content) > limit:
        raise TooLarge(f"A line has at most {limit // 1024} KiB. Send what the contract asks for, no documents.")
    try:
        body = orjson.loads(content)
    except orjson.JSONDecodeError as fault:
        raise BadLine(f"The line is not JSON: {fault}.") from None
    if not isinstance(body, dict):
        raise BadLine('Send a JSON object with "input" on every line.')
    key = body.pop(KEY, None)
    if key is not None and not isinstance(key, str):
        raise Invalid("The request does not keep the agent's contract.", fields={KEY: "Send text."})
    return deciding.read(live, body, idempotency_key=key, key_path=KEY)


def _fed(live: Live, asked: Sequence[_Asked]) -> Sequence[Fed | None]:
    """Read the features of all lines in one round trip, when the contract names any."""
    spec = deciding.contract_of(live).spec
    if not spec.features or not asked:
        return [None] * len(asked)
    requests = [one.request for one in asked]
    done_at = [request.done_at for request in requests]
    return features.feed_many(spec, [request.input for request in requests], now=clock.now(), done_at=done_at)


def _firsts(asked: Sequence[_Asked], earlier: Mapping[str, Decision]) -> list[_Asked]:
    taken = set(earlier)
    found = []
    for one in asked:
        key = one.request.idempotency_key
        if key is not None:
            if key in taken:
                continue
            taken.add(key)
        found.append(one)
    return found


def _repeat(live: Live, one: _Asked, said: Mapping[str, Decision | decisions.Draft], by: Actor) -> Result:
    try:
        return deciding.repeat(said[one.request.idempotency_key or ""], one.request, live.slug, by=by)
    except Conflict as fault:
        return fault


def _line(number: int, result: Result) -> bytes:
    if isinstance(result, DomainError):
        body: dict[str, Any] = {"line": number, "status": result.status, "problem": problems.document(result)}
    else:
        body = {"line": number, "status": 201 if result.fresh else 200, "decision": result.answer()}
    return orjson.dumps(body, option=orjson.OPT_APPEND_NEWLINE)
