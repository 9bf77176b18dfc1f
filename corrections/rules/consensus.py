"""From several people's words to one: agree, ask a senior, or nobody can tell."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from corrections.rules import confidence, dedup
from reviewapp.core import ids


@dataclass(frozen=True, slots=True)
class Opinion:
    """What one person says: `output` None when they cannot tell or pass it on. A senior's opinion settles."""

    id: str
    digest: str
    verdict: str
    output: Mapping[str, Any] | None
    senior: bool


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the opinions amount to.

    `state` is "waiting" (seats open), "ask_more" (one more reviewer may end a disagreement), "usable", "disputed" (a senior
    must settle) or "abstained" (a senior could not tell either); `method` names how it was reached, for a dispute its cause ("disagreement", "escalated", "cannot_tell");
    `opinions` are those that carry it.
    """

    state: str
    output: Mapping[str, Any] | None = None
    confidence: float = 0.0
    method: str = ""
    opinions: tuple[str, ...] = ()


def settle(
    opinions: Sequence[Opinion], *, seats_open: int, action_field: str, classes: int, more: int | None = None
) -> Outcome:
    """Return what these opinions amount to. `seats_open` counts the independent reviews still expected, `more` those that may
    be asked for besides when reviewers disagree; None where a disagreement goes to a senior at once.

    Exact repeats count once. A senior's judgement is authoritative. Without one, all must name the same action, and the
    output is the one most of them gave (the earliest on a tie). A dispute is one as soon as no further review could end
    it: the open seats need not be filled first. Where more may be asked, more than half of them settle it.
    """
    distinct = dedup.collapse((opinion.digest, opinion) for opinion in opinions)
    settled = [opinion for opinion in distinct if opinion.senior]
    if settled:
        return _by_senior(settled[-1], distinct, action_field, classes)
    cause = _dispute(distinct, action_field)
    if cause == "disagreement" and more is not None:
        return _by_majority(distinct, seats_open, more, action_field, classes)
    if cause:
        return Outcome("disputed", method=cause, opinions=tuple(opinion.id for opinion in distinct))
    if seats_open > 0 or not distinct:
        return Outcome("waiting")
    trust = confidence.posterior(
        supporting=[confidence.REVIEWER_ACCURACY] * len(distinct), opposing=[], classes=classes
    )
    return Outcome("usable", _most_common(distinct), trust, "agreement", tuple(opinion.id for opinion in distinct))


def _by_majority(distinct: Sequence[Opinion], seats_open: int, more: int, action_field: str, classes: int) -> Outcome:
    if seats_open > 0:
        return Outcome("waiting")
    actions = [_action(opinion, action_field) for opinion in distinct]
    first = max(actions, key=actions.count)
    if actions.count(first) * 2 <= len(actions):
        state = "ask_more" if more > 0 else "disputed"
        return Outcome(state, method="disagreement", opinions=tuple(opinion.id for opinion in distinct))
    carrying = [opinion for opinion, action in zip(distinct, actions, strict=True) if action == first]
    trust = confidence.posterior(
        supporting=[confidence.REVIEWER_ACCURACY] * len(carrying),
        opposing=[confidence.REVIEWER_ACCURACY] * (len(distinct) - len(carrying)),
        classes=classes,
    )
    return Outcome("usable", _most_common(carrying), trust, "majority", tuple(opinion.id for opinion in carrying))


def _dispute(distinct: Sequence[Opinion], action_field: str) -> str:
    if any(opinion.verdict == "escalate" for opinion in distinct):
        return "escalated"
    if any(opinion.output is None for opinion in distinct):
        return "cannot_tell"
    return "disagreement" if len({_action(opinion, action_field) for opinion in distinct}) > 1 else ""


def _by_senior(senior: Opinion, distinct: Sequence[Opinion], action_field: str, classes: int) -> Outcome:
    if senior.output is None:
        return Outcome("abstained", None, 0.0, "adjudication", (senior.id,))
    with_output = [opinion for opinion in distinct if opinion.output is not None and not opinion.senior]
    same = [opinion for opinion in with_output if _action(opinion, action_field) == _action(senior, action_field)]
    trust = confidence.posterior(
        supporting=[confidence.SENIOR_ACCURACY] + [confidence.REVIEWER_ACCURACY] * len(same),
        opposing=[confidence.REVIEWER_ACCURACY] * (len(with_output) - len(same)),
        classes=classes,
    )
    return Outcome("usable", senior.output, trust, "adjudication", (senior.id, *(opinion.id for opinion in same)))


def _action(opinion: Opinion, action_field: str) -> str:
    # By digest, because an action may be any JSON value, and to Python 1 and true are one.
    return ids.digest((opinion.output or {}).get(action_field))


def _most_common(answers: Sequence[Opinion]) -> Mapping[str, Any]:
    counts: dict[str, int] = {}
    first: dict[str, Mapping[str, Any]] = {}
    for opinion in answers:
        output = opinion.output or {}
        key = ids.digest(dict(output))
        counts[key] = counts.get(key, 0) + 1
        first.setdefault(key, output)
    return first[max(counts, key=lambda key: counts[key])]
