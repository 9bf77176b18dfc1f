"""Blind cases: whose answers a person may not see yet, and what stands in place of them."""

from collections.abc import Collection
from dataclasses import replace
from uuid import UUID

from agents.selectors.facts import Facts
from corrections.models import FirstJudgement, Queue, Task
from corrections.selectors import involved, rights
from reviewapp.core.accounts.models import User

# In place of why a blind case was flagged, which tells how sure the agent was.
WHY = {
    "code": "blind",
    "text": "Blind review: judge it on the inputs. What the agent decided, and why it was flagged, follows.",
}

SHORT = "Blind review, reason shown after"

# True while the answer of task `t` is kept from the person %(user)s, were they to judge it. Ordinary tasks end at the
# first word: they must not pay for the blind ones.
SEALED = """(t.blind AND t.kind = 'review' AND NOT EXISTS (
        SELECT FROM corrections_firstjudgement own WHERE own.decision_id = t.decision_id AND own.author_id = %(user)s::int8
    ) AND EXISTS (
        SELECT FROM corrections_task other WHERE other.decision_id = t.decision_id AND other.blind AND other.state = 'open'
    ))"""


def of(user: User, decision_ids: Collection[UUID]) -> frozenset[UUID]:
    """Return those of the decisions whose answers this person may not see yet: blind, open, theirs to judge, and not
    judged by them. One query when none of them is blind.
    """
    ids = list(decision_ids)
    waiting = Task.objects.filter(decision__in=ids, blind=True, state=Task.State.OPEN, queue__kind=Queue.Kind.STANDARD)
    found = dict(waiting.values_list("decision_id", "queue__agent_id"))
    if not found:
        return frozenset()
    agents = set(
        rights.visible_agents(user, "agents.review_task").filter(pk__in=found.values()).values_list("pk", flat=True)
    )
    said = set(FirstJudgement.objects.filter(author=user, decision__in=found).values_list("decision_id", flat=True))
    return frozenset(
        key
        for key, agent in found.items()
        if agent in agents and key not in said and not involved.is_involved(user, key)
    )


def facts(decision: Facts) -> Facts:
    """Return a decision without its answer and anything that tells what the answer was, or how sure."""
    return replace(
        decision,
        proposal=None,
        output=None,
        confidence=0.0,
        score=None,
        status="",
        reasons=[],
        trace={},
        arm="",
        propensity=0.0,
        policy_version=None,
        artifact_digest="",
        latency_us=0,
    )
