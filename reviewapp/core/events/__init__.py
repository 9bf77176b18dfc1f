"""The event spine: one append-only log that is outbox, bus and audit trail at once.

`record` writes an event inside the business transaction; after commit the relay hands it to the handlers that
subscribed to its type, at least once, in order per subject.
"""

from reviewapp.core.events.registry import external, subscribe
from reviewapp.core.events.spine import Actor, record, record_all, take_back

__all__ = ["Actor", "external", "record", "record_all", "subscribe", "take_back"]
