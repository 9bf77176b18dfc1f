"""From several people's words to one: agree, ask a senior, or nobody can tell."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from corrections.rules import confidence, dedup
from reviewapp.core import ids


@dataclass(frozen=True, slots=True)
class Opinion:
    """What one person says: `output` None when they cannot tell. A senior's opinion settles."""

    id: str
    digest: str
    verdict: str
    output: Mapping[str, Any] | None
    senior: bool


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the opinions amount to.

    `state` is "waiting" (seats open), "usable", "disputed" (a senior must settle) or "abstained" (a senior could not tell
    either); `method` names how it was reached and `opinions` which ones carry it.
    """

    state: str
    output: Mapping[str, Any] | None = None
    confidence: float = 0.0
    method: str = ""
    opinions: tuple[str, ...] = ()


def settle(opinions: Sequence[Opinion], *, seats_open: int, action_field: str, classes: int) -> Outcome:
    """Return what these opinions amount to. `seats_open` counts reviews still expected before they may be compared.

    Exact repeats count once. A senior's judgement is authoritative; without one, all must name the same action, and the
    output is the one most of them gave (the earliest on a tie).
    """
    distinct = dedup.collapse((opinion.digest, opinion) for opinion in opinions)
    settled = [opinion for opinion in distinct if opinion.senior]
    if settled:
        return _by_senior(settled[-1], distinct, action_field, classes)
    if seats_open > 0 or not distinct:
        return Outcome("waiting")
    answers = [opinion for opinion in distinct if opinion.output is not None and opinion.verdict != "escalate"]
    if len(answers) < len(distinct):
        return Outcome("disputed", opinions=tuple(opinion.id for opinion in distinct))
    actions = {_action(opinion, action_field) for opinion in answers}
    if len(actions) > 1:
        return Outcome("disputed", opinions=tuple(opinion.id for opinion in distinct))
    trust = confidence.posterior(supporting=[confidence.PRIOR_ACCURACY] * len(answers), opposing=[], classes=classes)
    return Outcome("usable", _most_common(answers), trust, "agreement", tuple(opinion.id for opinion in answers))


def _by_senior(senior: Opinion, distinct: Sequence[Opinion], action_field: str, classes: int) -> Outcome:
    if senior.output is None:
        return Outcome("abstained", None, 0.0, "adjudication", (senior.id,))
    with_output = [opinion for opinion in distinct if opinion.output is not None and not opinion.senior]
    same = [opinion for opinion in with_output if _action(opinion, action_field) == _action(senior, action_field)]
    trust = confidence.posterior(
        supporting=[confidence.PRIOR_ACCURACY] * (len(same) + 1),
        opposing=[confidence.PRIOR_ACCURACY] * (len(with_output) - len(same)),
        classes=classes,
    )
    return Outcome("usable", senior.output, trust, "adjudication", (senior.id, *(opinion.id for opinion in same)))


def _action(opinion: Opinion, action_field: str) -> Any:
    value = (opinion.output or {}).get(action_field)
    return value if isinstance(value, str | int | float | bool) or value is None else ids.digest(value)


def _most_common(answers: Sequence[Opinion]) -> Mapping[str, Any]:
    counts: dict[str, int] = {}
    first: dict[str, Mapping[str, Any]] = {}
    for opinion in answers:
        key = ids.digest(dict(opinion.output or {}))
        counts[key] = counts.get(key, 0) + 1
        first.setdefault(key, opinion.output or {})
    return first[max(counts, key=lambda key: counts[key])]
