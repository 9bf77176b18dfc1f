"""What this process serves: compiled policies, kept until their slot moves on.

A daemon thread hears `NOTIFY slots` at commit, and looks at every slot's serial twice a second in case it did not. When
that thread has not confirmed the cache for a second (it was never started, or the database was away), a request looks
itself: so a roll-back reaches every process within a second, whatever broke.
"""

import logging
import os
import threading
import time

from django.conf import settings
from django.db import Error, connection

from agents.runtime.artifact import ArtifactError
from agents.selectors import live as selector
from agents.selectors.live import Live, Stamp
from agents.services import slots as service

log = logging.getLogger(__name__)


class Cache:
    """The live policies of this process by agent. Safe for threads: entries are replaced whole, never changed."""

    def __init__(self) -> None:
        """Start empty."""
        self._entries: dict[str, Live] = {}
        self._broken: dict[str, Stamp] = {}
        self._confirmed = 0.0

    def get(self, slug: str) -> Live | None:
        """Return what an agent serves now, None when there is no such agent.

        A policy that cannot be loaded leaves the last good one in place; while there is none it raises `ArtifactError`.
        """
        entry = self._entries.get(slug)
        if entry is not None and time.monotonic() - self._confirmed < settings.SLOT_POLL_SECONDS:
            return entry
        found = selector.stamp(slug)
        if found is None:
            self._entries.pop(slug, None)
            return None
        return self._follow(slug, found)

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
        self._confirmed = 0.0

    def _follow(self, slug: str, found: Stamp) -> Live | None:
        entry = self._entries.get(slug)
        if entry is not None and (entry.stamp == found or self._broken.get(slug) == found):
            return entry
        try:
            loaded = selector.load(slug)
        except ArtifactError:
            if entry is None:
                raise
            # Said once per stamp: this runs every second until someone switches the slot again.
            log.exception("the new policy of %s cannot be served; serial %s stays in place", slug, entry.serial)
            self._broken[slug] = found
            return entry
        if loaded is None:
            self._entries.pop(slug, None)
            return None
        present = self._entries.get(slug)
        if present is None or present.agent_id != loaded.agent_id or loaded.serial >= present.serial:
            # Two threads may load at once: the slower must not put an older serial back.
            self._entries[slug] = loaded
        return self._entries[slug]


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
    """Return what an agent serves now, None when there is no such agent. Raises `ArtifactError` (see `Cache.get`)."""
    if settings.SLOT_WATCH:
        watcher.ensure()
    return cache.get(slug)
