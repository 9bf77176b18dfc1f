"""What this process serves: compiled policies, kept until their slot moves on.

A daemon thread hears `NOTIFY slots` at commit, and looks at every slot's serial twice a second in case it did not. When
that thread has not confirmed the cache for a second (it was never started, or the database was away), a request looks
itself: so a roll-back reaches every process within a second, whatever broke.

What a slot says is signed and runs out. A statement or policy that must not be followed leaves the last good one in
place; when that runs out too, or there is none, nothing is served and the contract's terms for "unavailable" answer.
"""

import logging
import os
import threading
import time

from django.conf import settings
from django.db import Error, connection

from agents.runtime.artifact import ArtifactError
from agents.runtime.channel import StatementError
from agents.selectors import live as selector
from agents.selectors.live import Live, Stamp
from agents.services import slots as service
from reviewapp.core import clock
from reviewapp.core.telemetry import health

log = logging.getLogger(__name__)


Broken = tuple[Stamp, str]
_LAPSED = "the signed statement ran out and was not renewed"


class Cache:
    """The live policies of this process by agent. Safe for threads: entries are replaced whole, never changed."""

    def __init__(self) -> None:
        """Start empty."""
        self._entries: dict[str, Live] = {}
        self._broken: dict[str, Broken] = {}
        self._lapsed: dict[str, Live] = {}
        self._confirmed = 0.0

    def get(self, slug: str) -> Live | None:
        """Return what an agent serves now, None when there is no such agent."""
        entry = self._entries.get(slug)
        if entry is None or time.monotonic() - self._confirmed >= settings.SLOT_POLL_SECONDS:
            entry = self._look(slug)
        if entry is None or entry.holds(clock.now()):
            return entry
        return self._lapse(entry)

    def faults(self) -> dict[str, str]:
        """Return, by agent, why this process does not serve what the slot asks for."""
        now = clock.now()
        lapsed = {slug: f"{_LAPSED}." for slug, entry in list(self._entries.items()) if not entry.holds(now)}
        return {**{slug: fault for slug, (_, fault) in list(self._broken.items())}, **lapsed}

    def refresh(self) -> None:
        """Follow every slot that moved since it was loaded, and confirm the rest."""
        began = time.monotonic()
        current = selector.stamps()
        for slug in list(self._entries):
            if slug in current:
                self._follow(slug, current[slug])
            else:
                self._entries.pop(slug, None)
        self._confirmed = began

    def clear(self) -> None:
        """Forget everything; the next request loads again."""
        self._entries.clear()
        self._broken.clear()
        self._lapsed.clear()
        self._confirmed = 0.0

    def _look(self, slug: str) -> Live | None:
        found = selector.stamp(slug)
        if found is None:
            self._entries.pop(slug, None)
            return None
        return self._follow(slug, found)

    def _follow(self, slug: str, found: Stamp) -> Live | None:
        entry = self._entries.get(slug)
        if entry is not None and entry.agent_id != found[0]:
            entry = None
        refused = self._broken.get(slug)
        if entry is not None and (entry.stamp == found or (refused is not None and refused[0] == found)):
            return entry
        try:
            loaded = selector.load(slug, entry)
        except ArtifactError as fault:
            return self._refuse(slug, found, entry, fault)
        if loaded is None:
            self._entries.pop(slug, None)
            return None
        present = self._entries.get(slug)
        if present is None or present.agent_id != loaded.agent_id or loaded.serial >= present.serial:
            # Two threads may load at once: the slower must not put an older serial back.
            self._entries[slug] = loaded
            self._broken.pop(slug, None)
        return self._entries[slug]

    def _refuse(self, slug: str, found: Stamp, entry: Live | None, fault: ArtifactError) -> Live | None:
        """Keep the last good state, or nothing when there is none or it was revoked.

        Said once per stamp: this runs every second until someone switches the slot again.
        """
        revoked = fault.revoked if isinstance(fault, StatementError) else ()
        if entry is not None and not entry.serves(revoked):
            log.error("what %s is to serve is refused; serial %s stays in place: %s", slug, entry.serial, fault)
        else:
            log.error("what %s is to serve is refused, and nothing good is left: %s", slug, fault)
            empty = entry.emptied(str(fault)) if entry is not None else selector.nothing(slug, str(fault))
            if empty is None:
                return None
            self._entries[slug] = entry = empty
        self._broken[slug] = (found, str(fault))
        return entry

    def _lapse(self, entry: Live) -> Live:
        present = self._lapsed.get(entry.slug)
        if present is None or present.stamp != entry.stamp or present.serial != entry.serial:
            log.error(
                "what %s serves ran out at %s and was not renewed: its contract answers", entry.slug, entry.not_after
            )
            present = self._lapsed[entry.slug] = entry.emptied(_LAPSED)
        return present


class Watcher:
    """The thread that keeps a cache up to date. One per process, started by the first request."""

    def __init__(self, cache: Cache) -> None:
        """Watch nothing yet."""
        self._cache = cache
        self._lock = threading.Lock()
        self._pid = 0
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def ensure(self) -> None:
        """Start the thread unless this very process runs it already (a fork inherits the object, not the thread)."""
        if self._pid == os.getpid():
            return
        with self._lock:
            if self._pid == os.getpid():
                return
            self._stop = threading.Event()
            self._thread = threading.Thread(target=self._run, args=(self._stop,), name="slots", daemon=True)
            self._thread.start()
            self._pid = os.getpid()

    def stop(self) -> None:
        """End the thread and wait for it."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(timeout=5)
        self._pid = 0

    def _run(self, stop: threading.Event) -> None:
        while not stop.is_set():
            try:
                self._listen(stop)
            except (Error, OSError) as fault:
                log.warning("slots are not watched for a moment: %s", fault)
            except Exception:  # whatever it is, a serving process must not go on with slots nobody watches
                log.exception("watching slots failed; trying again")
            finally:
                connection.close()
            stop.wait(settings.SLOT_POLL_SECONDS / 2)

    def _listen(self, stop: threading.Event) -> None:
        connection.ensure_connection()
        with connection.cursor() as cursor:
            cursor.execute(f"LISTEN {service.CHANNEL}")
        while not stop.is_set():
            self._cache.refresh()
            # Ends at the first notice. Twice per trusted second, so that a request never has to look by itself.
            for _ in connection.connection.notifies(timeout=settings.SLOT_POLL_SECONDS / 2, stop_after=1):
                pass


cache = Cache()
watcher = Watcher(cache)


def live(slug: str) -> Live | None:
    """Return what an agent serves now, None when there is no such agent."""
    if settings.SLOT_WATCH:
        watcher.ensure()
    return cache.get(slug)


def _health() -> health.Check:
    """Say whether this process serves what the slots ask for; which agents it is about stands in the log."""
    count = len(cache.faults())
    detail = "as they ask" if not count else f"agents that do not get what their slot asks for: {count}, see the log"
    return health.Check("slots", ok=not count, detail=detail, ms=0.0)


health.report(_health)
