"""Agents as JSON."""

from typing import Any

from agents.selectors.boards import AgentPage, AgentRow


def row(found: AgentRow) -> dict[str, Any]:
    """Return an agent as lists show it."""
    return {
        "slug": found.slug,
        "name": found.name,
        "description": found.description,
        "mode": found.mode,
        "contract": {"version": found.contract_version} if found.contract_version else None,
        "slot": {
            "serial": found.serial,
            "live_version": found.live_version,
            "canary_version": found.canary_version,
            "canary_share_bp": found.canary_share,
        },
    }


def page(found: AgentPage) -> dict[str, Any]:
    """Return an agent with the whole contract and its slot."""
    contract, slot = found.contract, found.slot
    return {
        **row(found.row),
        "contract": {
            "version": contract.version,
            "digest": contract.spec.digest,
            "published_at": contract.published_at,
            "body": contract.spec.body,
        }
        if contract
        else None,
        "slot": {
            "serial": slot.serial,
            "live_version": slot.stable_version,
            "live_digest": slot.stable_digest,
            "canary_version": slot.canary_version,
            "canary_digest": slot.canary_digest,
            "canary_share_bp": slot.canary_share,
            "changed_at": slot.changed_at,
        }
        if slot
        else None,
    }
