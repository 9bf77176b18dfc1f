"""Which cases are judged blind. A hash chooses, so that the same case is always chosen or never (pure)."""

import hashlib
from uuid import UUID

_BUCKETS = 10_000


def is_blind(decision_id: UUID, *, percent: int) -> bool:
    """Say whether a decision is among the `percent` in a hundred of which people judge first without the agent's answer.

    All seats of a decision are alike, and raising the share keeps the cases that were in it.
    """
    digest = hashlib.sha256(b"blind\x00" + decision_id.bytes).digest()
    return int.from_bytes(digest[:8], "big") * _BUCKETS >> 64 < percent * _BUCKETS // 100
