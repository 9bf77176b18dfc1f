"""Holding one contract of an agent against another."""

from uuid import UUID

from agents.contracts import compat
from agents.contracts.compat import Change
from agents.contracts.spec import ContractSpec
from agents.selectors import features, usage
from reviewapp.core.errors import Missing


def changes(agent_id: UUID, old: ContractSpec, new: ContractSpec) -> tuple[Change, ...]:
    """Return what changes, the worst first; what corrections and feature views say about it is looked up."""
    fed = _fed(new) - _fed(old)
    return compat.changes(old, new, used_reasons=usage.reasons(agent_id), fed=fed)


def _fed(spec: ContractSpec) -> set[str]:
    found: set[str] = set()
    for use in spec.features:
        try:
            known = features.definition(use.view, use.version)
        except Missing:
            continue
        found |= {use.prefix + feature.name for feature in known.spec.features}
    return found
