"""The contracts of an agent as pages and the API show them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from agents.contracts import compat
from agents.contracts.compat import Change
from agents.contracts.spec import ContractSpec
from agents.models import Agent, Contract, ContractDeprecation, ContractDraft, Slot
from agents.selectors import comparing, contracts, visible
from reviewapp.core.accounts import access
from reviewapp.core.errors import Missing


@dataclass(frozen=True, slots=True)
class Deprecation:
    """Since when a contract is deprecated, when it ends, why, and who said so."""

    deprecated_at: datetime
    sunset_at: datetime
    reason: str
    said_by: str
    said_at: datetime


@dataclass(frozen=True, slots=True)
class Version:
    """A published contract in the list. `live` says whether a policy that serves was made for it."""

    id: UUID
    version: int
    title: str
    digest: str
    published_at: datetime
    published_by: str
    changes: Sequence[Mapping[str, str]]
    live: bool
    deprecation: Deprecation | None

    @property
    def breaking(self) -> list[Mapping[str, str]]:
        """Return the breaking changes, each with the reason that was written for it."""
        return [change for change in self.changes if change["effect"] == "breaking"]


@dataclass(frozen=True, slots=True)
class Draft:
    """The draft of the next version; `revision` 0 and the newest contract's body when there is none yet."""

    body: Mapping[str, Any]
    revision: int
    saved_at: datetime | None
    saved_by: str


@dataclass(frozen=True, slots=True)
class Shelf:
    """An agent's contracts, newest first, its draft if there is one, and whether the asker may change them."""

    agent_id: UUID
    slug: str
    name: str
    versions: Sequence[Version]
    draft: Draft | None
    may_develop: bool

    @property
    def following(self) -> int:
        """Return the number of the next version."""
        return self.versions[0].version + 1 if self.versions else 1

    def version(self, number: int) -> Version:
        """Return a version. Raises `Missing` when there is none."""
        found = next((one for one in self.versions if one.version == number), None)
        if found is None:
            raise Missing("There is no such contract.")
        return found


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two contracts side by side: what changes, and in a sentence whether the new one may replace the old one."""

    old: int
    new: int
    old_spec: ContractSpec
    new_spec: ContractSpec
    changes: Sequence[Change]
    verdict: str


def shelf(asker: Any, slug: str) -> Shelf:
    """Return an agent's contracts. Raises `Missing` when the asker may not see the agent."""
    agent = visible.agent(asker, slug)
    rows = list(Contract.objects.filter(agent=agent).order_by("-version"))
    ends: dict[UUID, Deprecation] = {}
    for said in ContractDeprecation.objects.filter(contract__agent=agent).order_by("id"):
        ends[said.contract_id] = _deprecation(said)
    live = _live(agent)
    draft = ContractDraft.objects.filter(agent=agent).first()
    return Shelf(
        agent_id=agent.pk,
        slug=agent.slug,
        name=agent.name,
        versions=[_version(row, ends.get(row.pk), row.digest in live) for row in rows],
        draft=Draft(draft.body, draft.revision, draft.saved_at, draft.saved_by_label) if draft else None,
        may_develop=access.can(asker, "agents.develop_agent", agent),
    )


def start(asker: Any, slug: str) -> tuple[Shelf, Draft]:
    """Return the shelf and the draft to go on with. Raises `Missing`, and `NotAllowed` for who may not develop."""
    found = shelf(asker, slug)
    access.require(asker, "agents.develop_agent", visible.agent(asker, slug))
    if found.draft is not None:
        return found, found.draft
    newest = contracts.latest(found.agent_id)
    body = {key: value for key, value in newest.spec.body.items() if key not in {"agent", "version"}} if newest else {}
    return found, Draft(body, 0, None, "")


def compare(asker: Any, slug: str, old: int | None, new: int | None) -> Comparison:
    """Hold one published version against another; None stands for the newest, and for the one before.

    Raises `Missing` when the asker may not see the agent, or there is no such version.
    """
    agent = visible.agent(asker, slug)
    newest = contracts.latest(agent.pk)
    new = new or (newest.version if newest else 1)
    old = old or max(new - 1, 1)
    one, other = spec(agent.pk, old), spec(agent.pk, new)
    listed = comparing.changes(agent.pk, one, other)
    return Comparison(old, new, one, other, listed, compat.verdict(old, new, listed))


def spec(agent_id: UUID, version: int) -> ContractSpec:
    """Return a published contract. Raises `Missing` for none."""
    found = Contract.objects.filter(agent_id=agent_id, version=version).values_list("pk", flat=True).first()
    if found is None:
        raise Missing("There is no such contract.")
    return contracts.by_id(found).spec


def _version(row: Contract, deprecation: Deprecation | None, live: bool) -> Version:  # noqa: FBT001 - one of a row
    return Version(
        id=row.pk,
        version=row.version,
        title=str(row.body.get("title", "")),
        digest=row.digest,
        published_at=row.published_at,
        published_by=row.published_by_label,
        changes=row.changes,
        live=live,
        deprecation=deprecation,
    )


def _live(agent: Agent) -> set[str]:
    slot = Slot.objects.filter(pk=agent.pk).select_related("stable", "canary").first()
    served = [artifact for artifact in (slot.stable, slot.canary) if artifact] if slot else []
    return {json.loads(bytes(artifact.body))["contract"]["digest"] for artifact in served}


def _deprecation(row: ContractDeprecation) -> Deprecation:
    return Deprecation(row.deprecated_at, row.sunset_at, row.reason, row.said_by_label, row.said_at)
