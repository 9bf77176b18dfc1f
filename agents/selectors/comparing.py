"""Holding one contract of an agent against another."""

from uuid import UUID

from agents.contracts import compat
from agents.contracts.compat import Change
from agents.contracts.spec import ContractSpec
from agents.selectors import features, usage


def changes(agent_id: UUID, old: ContractSpec, new: ContractSpec) -> tuple[Change, ...]:
    """Return what changes, the worst first; what corrections and feature views say about it is looked up."""
    fed = features.filled(new) - features.filled(old)
    return compat.changes(old, new, used_reasons=usage.reasons(agent_id), fed=fed)
