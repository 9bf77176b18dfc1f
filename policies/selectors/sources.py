"""What this plane reads of the planes below, in its own words. The only selectors here that ask them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db.models import Model, QuerySet

from agents.contracts.spec import ContractSpec
from agents.runtime import model
from agents.runtime.artifact import ArtifactError, Policy
from agents.selectors import contracts, features, tally, trust
from agents.selectors import policies as artifacts
from corrections.selectors import consensus
from policies.learning import dataset
from policies.learning.dataset import Case, Row
from policies.models import LearningSettings, PolicyVersion, Release, Snapshot
from policies.rollout.guard import Arms
from reviewapp.core.accounts import access
from reviewapp.core.accounts.models import User
from reviewapp.core.errors import Invalid, Missing
from reviewapp.core.events import Actor

VIEW = "agents.view_agent"
Revoked = artifacts.Revoked


@dataclass(frozen=True, slots=True)
class AgentRef:
    """An agent as this plane names it."""

    id: UUID
    slug: str
    title: str


def agent(agent_id: UUID) -> AgentRef:
    """Return an agent. Raises `Missing`."""
    return _ref(guarded(agent_id))


def by_slug(slug: str) -> AgentRef | None:
    """Return the agent of a slug, if there is one."""
    found = _agents().filter(slug=slug).first()
    return _ref(found) if found else None


def named(user: Any, slug: str) -> AgentRef:
    """Return the agent of a slug. Raises `Missing` when there is none, or none that `user` may see."""
    found = _agents().filter(slug=slug).first()
    if found is None or not _may_view(user, found):
        raise Missing("There is no such agent.")
    return _ref(found)


def guarded(agent_id: UUID) -> Model:
    """Return the agent as the object that permissions are held for. Raises `Missing`."""
    found: Model | None = _agents().filter(pk=agent_id).first()
    if found is None:
        raise Missing("There is no such agent.")
    return found


def may_view(user: Any, agent_id: UUID) -> bool:
    """Say whether a person, or the service account behind a key, may see an agent."""
    return _may_view(user, guarded(agent_id))


def visible_agents(user: Any, permission: str = VIEW) -> list[AgentRef]:
    """Return the agents `user` may see, or for which they hold another permission, by name."""
    if isinstance(user, User):
        return [_ref(found) for found in access.visible_to(user, permission, _agents()).order_by("name")]
    return [_ref(found) for found in _agents().order_by("name") if _may_view(user, found)]


def envelope(digest: str) -> dict[str, Any]:
    """Return a sealed policy and its signatures as a DSSE envelope."""
    return trust.envelope(digest).as_json()


def revocation(digest: str) -> Revoked | None:
    """Return how a sealed policy was revoked, None when it was not."""
    return artifacts.revocation(digest)


def distrust(digest: str, slug: str) -> str:
    """Return why a sealed policy of the agent with this slug is not to be trusted now; "" when a trusted key signed it."""
    try:
        trust.policy(digest, slug)
    except ArtifactError as fault:
        return str(fault)
    return ""


def revoked(agent_id: UUID) -> frozenset[str]:
    """Return the digests of an agent's revoked policies."""
    return artifacts.revoked(agent_id)


def contract(agent_id: UUID) -> ContractSpec:
    """Return an agent's newest contract. Raises `Invalid` while there is none."""
    found = contracts.latest(agent_id)
    if found is None:
        raise Invalid("This agent has no contract yet. Publish one first.", code="no_contract")
    return found.spec


def contract_of(agent_id: UUID, policy: Policy) -> ContractSpec:
    """Return the contract a policy was made for. Raises `Missing` when the agent has no such contract."""
    found = contracts.by_digest(agent_id, policy.contract_digest)
    if found is None:
        raise Missing("The contract of this policy is not there.")
    return found.spec


def policy(digest: str) -> Policy:
    """Return a sealed policy, its bytes checked against its digest."""
    return artifacts.policy(digest)


def filled(terms: ContractSpec) -> frozenset[str]:
    """Return the input fields of a contract that feature views fill."""
    return features.filled(terms)


def settled(agent_id: UUID, terms: ContractSpec, *, until: datetime) -> list[Case]:
    """Return what people settled by `until`, as cases to learn from; what no longer fits the contract is left out."""
    return [_case(row, terms) for row in consensus.usable(agent_id, until=until) if _fits(row, terms)]


def settled_since(agent_id: UUID, terms: ContractSpec, *, since: datetime) -> list[Row]:
    """Return the decisions made from `since` on that people settled, oldest verdict first."""
    rows = consensus.usable(agent_id, after=since)
    cases = [_case(row, terms) for row in rows if row.decided_at >= since and _fits(row, terms)]
    return [dataset.row(case, use=dataset.TEST) for case in cases]


def new_settled(agent_id: UUID) -> int:
    """Return how many usable verdicts there are that no snapshot has yet."""
    last = Snapshot.objects.filter(agent_id=agent_id).order_by("-cutoff").values_list("cutoff", flat=True).first()
    return consensus.count_usable(agent_id, after=last)


def arms(agent_id: UUID, release: Release, *, since: datetime) -> Arms:
    """Return what the release's version and the stable one decided since a moment.

    A decision that its policy could not make, so that the contract's failure terms answered, is a fault of that policy.
    """
    own = release.version.artifact_id
    found = tally.since(agent_id, since)
    canary = [one for one in found if one.digest == own]
    stable = [one for one in found if one.digest != own and one.arm == "stable"]
    return Arms(
        canary=sum(one.n for one in canary),
        canary_alone=sum(one.n for one in canary if one.status == "auto"),
        canary_faults=sum(one.n for one in canary if one.arm == "fallback"),
        stable=sum(one.n for one in stable),
        stable_alone=sum(one.n for one in stable if one.status == "auto"),
    )


def decisions_since(agent_id: UUID, moment: datetime) -> int:
    """Return how many decisions an agent made since a moment."""
    return sum(one.n for one in tally.since(agent_id, moment))


def serving_version(agent_id: UUID) -> PolicyVersion | None:
    """Return the version that has the agent's stable traffic, if any."""
    live = Release.objects.select_related("version").filter(agent_id=agent_id, state=Release.State.LIVE).first()
    return live.version if live else None


def parent(agent_id: UUID) -> tuple[PolicyVersion, Policy] | None:
    """Return the version to build upon with its policy: the serving one, or before any release the newest."""
    found = serving_version(agent_id) or PolicyVersion.objects.filter(agent_id=agent_id).order_by("-number").first()
    return (found, policy(found.artifact_id)) if found else None


def canary_share(agent_id: UUID) -> int:
    """Return the share of traffic, in basis points, that a version in rollout has now."""
    found = Release.objects.filter(agent_id=agent_id, state=Release.State.CANARY).first()
    return found.share_bp if found else 0


def default_plan(agent_id: UUID) -> list[dict[str, int]]:
    """Return the rollout plan that the agent's settings propose."""
    found = LearningSettings.objects.filter(agent_id=agent_id).values_list("default_plan", flat=True).first()
    return list(found or [])


def _agents() -> QuerySet[Any]:
    found: QuerySet[Any] = apps.get_model("agents", "Agent")._default_manager.all()
    return found


def _ref(found: Any) -> AgentRef:
    return AgentRef(found.pk, found.slug, found.name)


def _may_view(user: Any, found: Model) -> bool:
    if isinstance(user, User):
        return access.can(user, VIEW, found)
    # The service account behind a key sees its own agent, or all when it is bound to none; nobody else is one.
    return isinstance(getattr(user, "actor", None), Actor) and user.agent_id in {None, found.pk}


def _fits(row: consensus.ConsensusRow, terms: ContractSpec) -> bool:
    return not terms.input.validate(row.input) and not terms.output.validate(row.output)


def _case(row: consensus.ConsensusRow, terms: ContractSpec) -> Case:
    decided = row.decided.get(terms.action_field) if row.decided else None
    return Case(
        id=f"consensus:{row.id}",
        source="consensus",
        role="",
        input=row.input,
        proposal=row.proposal,
        output=row.output,
        label=model.category(row.output.get(terms.action_field)),
        decided=None if decided is None else model.category(decided),
        weight=row.confidence,
    )
