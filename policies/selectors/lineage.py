"""What a decision came from and what it changed: input, contract and version; judgements, consensus; versions that learned."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from agents.contracts.spec import ContractSpec
from agents.models import Agent, Decision
from agents.selectors import decisions, story
from corrections.models import Correction
from corrections.selectors import judgements, shown
from corrections.selectors.judgements import Judgement, Judgements
from policies.models import PolicyVersion
from policies.selectors import became
from policies.selectors.became import Became, Learned
from reviewapp.core.accounts.models import User
from reviewapp.core.events import selectors as log


@dataclass(frozen=True, slots=True)
class Node:
    """One box of the drawing: where it stands, what it says, where it leads, and in which tone."""

    place: str
    title: str
    note: str
    href: str
    tone: str


@dataclass(frozen=True, slots=True)
class Page:
    """Everything the lineage of one decision shows; `proofs` are the hashes of its events, computed anew."""

    agent: Agent
    decision: Decision
    title: str
    nodes: tuple[Node, ...]
    edges: tuple[tuple[str, bool], ...]
    said: Judgements
    voices: tuple[tuple[Judgement, str], ...]
    learned: tuple[Learned, ...]
    became: Became | None
    story: list[story.Entry]
    proofs: list[log.Proof]

    @property
    def broken(self) -> int:
        """Return how many events do not give the hash that they were sealed with."""
        return sum(not one.holds for one in self.proofs)


def page(user: User, decision_id: UUID) -> Page:
    """Return the lineage of a decision. Raises `Missing`, and `NotAllowed` while the person shall judge it blind."""
    found = decisions.detail(user, decision_id)
    said = judgements.of_decision(decision_id, user)
    learned = became.learned(found.agent.pk, found.decision.pk)
    version = _version(found.agent.pk, found.decision.policy_version)
    nodes = tuple(_nodes(found, said, learned, version))
    return Page(
        agent=found.agent,
        decision=found.decision,
        title=found.contract.spec.case_title(found.decision.input),
        nodes=nodes,
        edges=tuple(_edges({node.place for node in nodes})),
        said=said,
        voices=tuple((one, _words(one, found.contract.spec)) for one in said.corrections),
        learned=learned,
        became=became.of_decision(found.decision, found.contract.spec, said, learned),
        story=story.of_decision(user, decision_id),
        proofs=log.proofs([("decision", str(decision_id))]),
    )


def _version(agent_id: UUID, number: int | None) -> PolicyVersion | None:
    return PolicyVersion.objects.filter(agent_id=agent_id, number=number).first() if number is not None else None


def _nodes(found: Any, said: Judgements, learned: tuple[Learned, ...], version: PolicyVersion | None) -> list[Node]:
    row, spec, slug = found.decision, found.contract.spec, found.agent.slug
    here = f"/decisions/{row.pk}/"
    values = len(row.input)
    outcome = shown.outcome(spec, row.output) if row.output else "No answer"
    nodes = [
        Node(
            "n-1-1",
            f"{values} input value{'s' if values != 1 else ''}",
            "As they were then",
            f"{here}#h-inputs",
            "neutral",
        ),
        Node(
            "n-1-2",
            f"Policy {row.policy_version}" if row.policy_version is not None else "No policy",
            f"{row.get_arm_display()} arm" if row.policy_version is not None else "The contract answered",
            f"/versions/{version.pk}/" if version else f"/agents/{slug}/",
            "neutral",
        ),
        Node(
            "n-1-3",
            f"Contract {found.contract.version}",
            spec.title,
            f"/agents/{slug}/contracts/{found.contract.version}/",
            "neutral",
        ),
        Node("n-2-2", outcome, f"Confidence {row.confidence:.2f}", here, "agent"),
    ]
    if said.corrections or said.withheld:
        nodes.append(_judged(said, here))
    if any(one.escalation for one in said.corrections):
        officers = sorted({one.decided_by for one in said.corrections if one.decided_by})
        nodes.append(Node("n-3-3", "Second person", ", ".join(officers) or "Not decided yet", "#said", "human"))
    if said.consensus is not None:
        settled = shown.outcome(spec, said.consensus.output) if said.consensus.output else "No answer"
        note = f"{'Changed' if said.consensus.changed else 'As the agent said'}, confidence {said.consensus.confidence:.2f}"
        nodes.append(Node("n-4-1", f"Settled: {settled}", note, "#said", "info"))
    if learned:
        first, newest = learned[0], learned[-1]
        nodes.append(
            Node(
                "n-5-1",
                f"Version {first.number}",
                f"The first to learn from it, {first.state_label.lower()}",
                f"/versions/{first.id}/",
                first.tone,
            )
        )
        if newest.number != first.number:
            nodes.append(
                Node(
                    "n-5-2",
                    f"Version {newest.number}",
                    f"The newest that did, {newest.state_label.lower()}",
                    f"/versions/{newest.id}/",
                    newest.tone,
                )
            )
    return nodes


def _words(one: Judgement, spec: ContractSpec) -> str:
    label = str(Correction.Verdict(one.verdict).label)
    return f"{label}: {shown.outcome(spec, one.output)}" if one.verdict == "correct" and one.output else label


def _judged(said: Judgements, here: str) -> Node:
    if said.withheld:
        return Node("n-3-1", "Reviewed", "Who said what is told once it is settled", here, "human")
    people = list(dict.fromkeys(one.author for one in said.corrections))
    count = len(said.corrections)
    title = f"{count} judgement{'s' if count != 1 else ''}"
    return Node("n-3-1", title, ", ".join(people[:3]) + (" and others" if len(people) > 3 else ""), "#said", "human")


# From one box to the next, drawn when both are there; the heavy ones are the way of a correction.
_EDGES = (
    ("n-1-1", "n-2-2", "M16 34 C19 34 18 114 21 114", False),
    ("n-1-2", "n-2-2", "M16 114 L21 114", False),
    ("n-1-3", "n-2-2", "M16 194 C19 194 18 114 21 114", False),
    ("n-2-2", "n-3-1", "M37 114 C40 114 39 34 42 34", True),
    ("n-3-1", "n-3-3", "M50 68 L50 160", False),
    ("n-3-1", "n-4-1", "M58 34 L63 34", True),
    ("n-4-1", "n-5-1", "M79 34 L84 34", True),
    ("n-5-1", "n-5-2", "M92 68 L92 80", False),
)


def _edges(places: set[str]) -> list[tuple[str, bool]]:
    return [(path, heavy) for start, end, path, heavy in _EDGES if {start, end} <= places]
