"""Server-sent events on the live process: the answers of one decision or of a whole agent, as they come.

WHATWG HTML, "Server-sent events". Every event carries an id; a client that comes back with `Last-Event-ID` goes on
there. Delivery is at least once: answers of the last five seconds may come again, with the same id.
"""

import asyncio
import logging
from collections import deque
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID
from weakref import WeakKeyDictionary

import orjson
from django.conf import settings
from django.db import Error, connection
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse

from agents.api import wait
from agents.selectors import streaming, visible
from agents.selectors.streaming import Told
from agents.serving import problems
from reviewapp.core import clock
from reviewapp.core.errors import DomainError, Invalid, Unavailable

log = logging.getLogger(__name__)

_EVERY = 0.5
_PAGE = 500
# What a client comes back for may come twice; this many ids are remembered to send each once on one connection.
_REMEMBERED = 5_000
_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
_EVENT = "decision.resolved"


class Follower:
    """One open stream of an agent: what it has still to be sent."""

    def __init__(self, agent_id: UUID) -> None:
        """Follow an agent from now on."""
        self.agent_id = agent_id
        self._queue: deque[Told] = deque()
        self._seen: deque[UUID] = deque(maxlen=_REMEMBERED)
        self._woken = asyncio.Event()

    def offer(self, told: Told) -> None:
        """Take an answer, unless it was there before."""
        if told.agent_id == self.agent_id and told.id not in self._seen:
            self._seen.append(told.id)
            self._queue.append(told)
            self._woken.set()

    async def next(self, seconds: float) -> Told | None:
        """Return the next answer, None when there is none within `seconds`."""
        if not self._queue:
            self._woken.clear()
            try:
                await asyncio.wait_for(self._woken.wait(), seconds)
            except TimeoutError:
                return None
        return self._queue.popleft()


class Feed:
    """All open agent streams of one event loop: they share one look at the database every half second."""

    def __init__(self) -> None:
        """Follow nobody yet."""
        self._followers: set[Follower] = set()
        self._task: asyncio.Task[None] | None = None

    def join(self, follower: Follower) -> None:
        """Keep a stream supplied."""
        self._followers.add(follower)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._look())

    def leave(self, follower: Follower) -> None:
        """Forget a stream."""
        self._followers.discard(follower)

    async def _look(self) -> None:
        after = streaming.floor(clock.now())
        while self._followers:
            began = streaming.floor(clock.now())
            try:
                found = await asyncio.to_thread(_since, {one.agent_id for one in self._followers}, after)
            except Error as fault:
                log.warning("answers cannot be read for a moment: %s", fault)
            else:
                for told in found:
                    for follower in self._followers:
                        follower.offer(told)
                # A full page is not the end: go on behind it at once, then look back again.
                after = found[-1].id if len(found) == _PAGE else began
                if len(found) == _PAGE:
                    continue
            await asyncio.sleep(_EVERY)


_feeds: WeakKeyDictionary[asyncio.AbstractEventLoop, Feed] = WeakKeyDictionary()


async def of_agent(request: HttpRequest, agent: str) -> HttpResponseBase:
    """Answer `GET …/agents/<agent>/events`: every answer given to the agent's decisions, until the client leaves."""
    try:
        header, last = request.headers.get("Authorization", ""), _last(request)
        agent_id = await asyncio.to_thread(_may_follow, header, agent)
    except DomainError as fault:
        return problems.response(fault)
    except Error:
        return _away()
    return _stream(_agent_events(header, agent, agent_id, last))


async def of_decision(request: HttpRequest, agent: str, decision_id: UUID) -> HttpResponseBase:
    """Answer `GET …/decisions/<id>/events`: the decision's one answer, after which the stream ends.

    A client that has it already, by `Last-Event-ID`, gets 204: that tells an EventSource not to come back.
    """
    try:
        header, last = request.headers.get("Authorization", ""), _last(request)
        found = await asyncio.to_thread(wait.checked, header, agent, decision_id)
    except DomainError as fault:
        return problems.response(fault)
    except Error:
        return _away()
    if found is not None and last is not None:
        return HttpResponse(status=204)
    return _stream(_decision_events(header, agent, decision_id, found))


async def _agent_events(header: str, agent: str, agent_id: UUID, last: UUID | None) -> AsyncIterator[bytes]:
    feed = _feeds.setdefault(asyncio.get_running_loop(), Feed())
    follower = Follower(agent_id)
    feed.join(follower)
    try:
        yield b"retry: 3000\n\n"
        if last is not None:
            after = streaming.before(last)
            while found := await asyncio.to_thread(_since, {agent_id}, after):
                for told in found:
                    if told.id != last:
                        follower.offer(told)
                while (told_next := await follower.next(0)) is not None:
                    yield _event(told_next.id, told_next.body)
                after = found[-1].id
        while True:
            told_now = await follower.next(settings.STREAM_HEARTBEAT_SECONDS)
            if told_now is not None:
                yield _event(told_now.id, told_now.body)
            elif await _still(_may_follow, header, agent):
                yield b": still here\n\n"
            else:
                return
    finally:
        feed.leave(follower)


async def _decision_events(
    header: str, agent: str, decision_id: UUID, found: dict[str, Any] | None
) -> AsyncIterator[bytes]:
    yield b"retry: 3000\n\n"
    while found is None:
        found = await wait.board().wait(decision_id, settings.STREAM_HEARTBEAT_SECONDS)
        if found is None:
            if not await _still(wait.checked, header, agent, decision_id):
                return
            yield b": still here\n\n"
    yield _event(decision_id, found)


async def _still(check: Any, *arguments: Any) -> bool:
    """Say whether the key is still good: a revoked one must not listen on. A database that is away closes nothing."""
    try:
        await asyncio.to_thread(check, *arguments)
    except DomainError:
        return False
    except Error as fault:
        log.warning("a stream's key cannot be checked for a moment: %s", fault)
    return True


def _stream(events: AsyncIterator[bytes]) -> StreamingHttpResponse:
    return StreamingHttpResponse(events, content_type="text/event-stream", headers=_HEADERS)


def _event(event_id: UUID, body: dict[str, Any]) -> bytes:
    # JSON on one line: a line break would end the field.
    return b"id: %s\nevent: %s\ndata: %s\n\n" % (str(event_id).encode(), _EVENT.encode(), orjson.dumps(body))


def _last(request: HttpRequest) -> UUID | None:
    text = request.headers.get("Last-Event-ID", "").strip()
    try:
        return UUID(text) if text else None
    except ValueError:
        raise Invalid(
            "The stream cannot go on from there.",
            fields={"Last-Event-ID": "Send the id of the last event you got, or nothing."},
        ) from None


def _away() -> HttpResponse:
    return problems.response(Unavailable("The database is not reachable; try again shortly.", code="database"))


def _may_follow(header: str, agent: str) -> UUID:
    try:
        return visible.agent(wait.asker(header), agent).pk
    finally:
        connection.close()


def _since(agent_ids: set[UUID], after: UUID) -> list[Told]:
    try:
        return streaming.since(agent_ids, after, limit=_PAGE)
    finally:
        connection.close()
