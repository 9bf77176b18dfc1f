"""Blind cases: whose answers a person may not see yet, and what stands in place of them."""

from collections.abc import Collection
from dataclasses import replace
from uuid import UUID

from agents.selectors.facts import Facts
from corrections.models import FirstJudgement, Task
from corrections.selectors import involved, rights
from reviewapp.core.accounts.models import User
from reviewapp.core.errors import NotAllowed

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
    waiting = Task.objects.filter(decision__in=ids, blind=True, state=Task.State.OPEN)
    # A case may wait in a senior queue too, moved there once it was late.
    found = {
        key
        for key, kind, agent in waiting.values_list("decision_id", "queue__kind", "queue__agent_id")
        if rights.can_work_in(user, kind, agent)
    }
    if not found:
        return frozenset()
    said = set(FirstJudgement.objects.filter(author=user, decision__in=found).values_list("decision_id", flat=True))
    return frozenset(key for key in found - said if not involved.is_involved(user, key))


# Why an escalation of such a case stays shut, to who could be the next to judge it.
WAITS = (
    "This case still waits for a blind judgement, which could be yours, so you do not see what others said of it. "
    "It opens once everybody has judged; until then someone who does not judge such cases decides it."
)


def require_open(user: User, decision_id: UUID) -> None:
    """Raise `NotAllowed` while the person could be the next to judge this decision blind: nothing tells them its answer."""
    if of(user, [decision_id]):
        raise NotAllowed(WAITS, code="blind")


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
