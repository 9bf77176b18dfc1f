"""The long poll for a decision's resolution, answered by the live process. No thread waits for a person.

All waiters of a process share one look at the database every half second: a thousand of them cost two queries a second.
"""

import asyncio
import logging
import math
from typing import Any
from uuid import UUID
from weakref import WeakKeyDictionary

import orjson
from django.conf import settings
from django.db import Error, connection
from django.http import HttpRequest, HttpResponse

from agents.selectors import decisions, visible
from agents.serving import problems
from reviewapp.core import clock
from reviewapp.core.accounts import api_auth, keys
from reviewapp.core.accounts.models import User
from reviewapp.core.errors import DomainError, Invalid, NotAllowed, Unavailable

log = logging.getLogger(__name__)

_SCOPES = frozenset({"decide", "read"})
_EVERY = 0.5

Answer = dict[str, Any]


class Board:
    """Who waits for what, in one event loop."""

    def __init__(self) -> None:
        """Wait for nothing yet."""
        self._waiting: dict[UUID, set[asyncio.Future[Answer]]] = {}
        self._task: asyncio.Task[None] | None = None

    async def wait(self, decision_id: UUID, seconds: float) -> Answer | None:
        """Return the resolution once it is there, None after `seconds`."""
        future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(decision_id, set()).add(future)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._look())
        try:
            return await asyncio.wait_for(future, seconds)
        except TimeoutError:
            return None
        finally:
            # Also when the client hangs up and this view is cancelled.
            waiters = self._waiting[decision_id]
            waiters.discard(future)
            if not waiters:
                del self._waiting[decision_id]

    async def _look(self) -> None:
        while self._waiting:
            try:
                found = await asyncio.to_thread(_resolved, list(self._waiting))
            except Error as fault:
                log.warning("resolutions cannot be read for a moment: %s", fault)
                found = {}
            for decision_id, answer in found.items():
                for future in self._waiting.get(decision_id, ()):
                    if not future.done():
                        future.set_result(answer)
            await asyncio.sleep(_EVERY)


_boards: WeakKeyDictionary[asyncio.AbstractEventLoop, Board] = WeakKeyDictionary()


def board() -> Board:
    """Return the running event loop's board."""
    return _boards.setdefault(asyncio.get_running_loop(), Board())


async def resolution(request: HttpRequest, agent: str, decision_id: UUID) -> HttpResponse:
    """Answer `GET …/decisions/<id>/resolution?wait=25`: 200 with the resolution, 204 when there is none in time."""
    try:
        seconds = _seconds(request.GET.get("wait", str(settings.WAIT_MAX_SECONDS)))
        header = request.headers.get("Authorization", "")
        found = await asyncio.to_thread(checked, header, agent, decision_id)
    except DomainError as fault:
        return problems.response(fault)
    except Error:
        log.exception("the resolution of %s cannot be waited for", decision_id)
        return problems.response(Unavailable("The database is not reachable; try again shortly.", code="database"))
    if found is None and seconds > 0:
        found = await board().wait(decision_id, seconds)
    if found is None:
        return HttpResponse(status=204)
    return HttpResponse(orjson.dumps(found), content_type="application/json", headers={"Cache-Control": "no-store"})


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not 0 <= seconds < math.inf:
        raise Invalid("Say how long to wait.", fields={"wait": "Give seconds, 0 or more."})
    return min(seconds, float(settings.WAIT_MAX_SECONDS))


def checked(header: str, agent: str, decision_id: UUID) -> Answer | None:
    """Check key and right, and return the resolution if it is there. Runs in a thread and leaves no connection behind."""
    try:
        user = asker(header)
        visible.agent(user, agent)
        return decisions.detail(user, decision_id, agent=agent).outcome
    finally:
        connection.close()


def asker(header: str) -> Any:
    """Return whom a key speaks for, if it may read. Raises `Unauthenticated` and `NotAllowed`."""
    holder = keys.authenticate(keys.bearer(header), now=clock.now())
    if not holder.scopes & _SCOPES:
        raise NotAllowed("This key lacks a scope: decide or read.", code="scope_missing")
    if holder.user_id is not None:
        return User.objects.get(pk=holder.user_id)
    return api_auth.ServicePrincipal(holder.actor, holder.scopes, holder.agent_id)


def _resolved(decision_ids: list[UUID]) -> dict[UUID, Answer]:
    try:
        return decisions.resolved(decision_ids)
    finally:
        connection.close()
