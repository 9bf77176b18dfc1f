"""One attack from end to end: judged, settled, suspected, quarantined, learned from three times."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from corrections.rules.crowd import engine, suspicion
from corrections.rules.crowd.answers import Answers, Flags, Floats, Ints, encode, votes
from corrections.rules.crowd.engine import Consensus
from reviewapp.ops.attacks import crowd, lessons
from reviewapp.ops.attacks.crowd import ALWAYS, CLICKER, FLIP, RING, SEGMENT, Said
from reviewapp.ops.demo import datasets
from reviewapp.ops.demo.datasets import Example

HELD_OUT = 3000
_SEGMENTS = 8
# The signal that an attack is meant to show in; a suspicion list is read signal by signal.
SIGNAL = {
    CLICKER: suspicion.DISAGREES,
    FLIP: suspicion.DISAGREES,
    ALWAYS: suspicion.DISAGREES,
    SEGMENT: suspicion.SEGMENT,
    RING: suspicion.DISAGREES,
}


@dataclass(frozen=True, slots=True)
class Result:
    """Shares from 0 to 1: attackers listed, honest people listed, area under the curve of the attack's own signal.

    Then how often a policy is wrong on cases it never saw: when it learned with every voice taken at its word (before),
    from the consensus without those listed (after), and from the consensus of people who are all honest (clean).
    """

    recall: float
    false_alarms: float
    auc: float
    policy_error_before: float
    policy_error_after: float
    policy_error_clean: float


@dataclass(frozen=True, slots=True)
class Stage:
    """Real cases to be judged and held out, with truth, segment and hardness of each, and which of them are gold."""

    cases: tuple[Example, ...]
    held_out: tuple[Example, ...]
    truth: Ints
    segments: Ints
    hardness: Floats
    gold: Flags

    def coded(self, said: Said) -> Answers:
        """Return what was said as the engine takes it; names sort like numbers, so its cases are in our order."""
        known = {f"{case:05}": str(self.truth[case]) for case in np.flatnonzero(self.gold).tolist()}
        return encode(((f"{case:05}", _name(who), str(label)) for case, who, label in said.rows), known)


def stage(seed: int) -> Stage:
    """Return census cases in an order that the seed decides."""
    rows = datasets.employment()
    order = datasets.by_hash(f"attack:{seed}", list(range(len(rows))))
    needed = crowd.cases_needed()
    cases = tuple(rows[place] for place in order[:needed])
    return Stage(
        cases=cases,
        held_out=tuple(rows[place] for place in order[needed : needed + HELD_OUT]),
        truth=np.array([lessons.CLASSES.index(str(case.answer["employed"])) for case in cases], dtype=np.int64),
        segments=_segments(cases),
        hardness=_hardness(cases),
        gold=np.random.default_rng([seed, 3]).random(needed) < crowd.GOLD_SHARE,
    )


def run(*, kind: str, share: float, seed: int) -> Result:
    """Try one attack. Raises `ValueError` when the share leaves no attacker or no honest person."""
    if not 1 <= round(share * crowd.REVIEWERS) < crowd.REVIEWERS:
        raise ValueError(f"With {crowd.REVIEWERS} reviewers, give a share from {1 / crowd.REVIEWERS:.3f} to 0.975.")
    set_up = stage(seed)
    attacked, honest = (
        crowd.answer(set_up.truth, set_up.segments, set_up.hardness, kind=one, share=share, seed=seed)
        for one in (kind, None)
    )
    answers = set_up.coded(attacked)
    watched = engine.settle(answers, segment=set_up.segments)
    listed = {one.worker for one in watched.suspects}
    after = engine.settle(answers, segment=set_up.segments, exclude=sorted(listed))
    clean = engine.settle(set_up.coded(honest), segment=set_up.segments)
    bad = {_name(one) for one in attacked.attackers}
    good = {_name(one) for one in range(crowd.REVIEWERS)} - bad
    deviation = dict(zip(answers.codes.workers, watched.signals[SIGNAL[kind]].tolist(), strict=True))
    return Result(
        recall=len(listed & bad) / len(bad),
        false_alarms=len(listed & good) / len(good),
        auc=area([deviation[one] for one in sorted(bad)], [deviation[one] for one in sorted(good)]),
        policy_error_before=lessons.error(_at_their_word(set_up, answers), set_up.held_out),
        policy_error_after=lessons.error(_settled(set_up, after), set_up.held_out),
        policy_error_clean=lessons.error(_settled(set_up, clean), set_up.held_out),
    )


def area(bad: Sequence[float], good: Sequence[float]) -> float:
    """Return how often a bad one deviates more than a good one, ties counting half (Mann and Whitney 1947)."""
    wins = sum((one > other) + (one == other) / 2 for one in bad for other in good)
    return wins / (len(bad) * len(good))


def _segments(cases: Sequence[Example]) -> Ints:
    """Return eight groups of about the same size, by age."""
    ages = np.array([int(case.input["age"]) for case in cases])
    groups: Ints = np.searchsorted(np.quantile(ages, np.arange(1, _SEGMENTS) / _SEGMENTS), ages, side="right")
    return groups


def _hardness(cases: Sequence[Example]) -> Floats:
    """Return how unsure the base model was of each case, 1 in the mean."""
    unsure = np.array([1 - float((case.proposal or {}).get("confidence", 0.5)) for case in cases])
    hard: Floats = unsure / max(float(unsure.mean()), 1e-9)
    return hard


def _name(who: int) -> str:
    return f"r{who:02}"


def _settled(set_up: Stage, agreed: Consensus) -> list[lessons.Settled]:
    return _taught(set_up, agreed.answers, agreed.label, agreed.confidence)


def _at_their_word(set_up: Stage, answers: Answers) -> list[lessons.Settled]:
    counted = votes(answers)
    return _taught(set_up, answers, counted.argmax(axis=1), counted.max(axis=1) / counted.sum(axis=1))


def _taught(set_up: Stage, answers: Answers, label: Ints, trust: Floats) -> list[lessons.Settled]:
    # Gold measures people and is never learned from.
    names = [int(name) for name in answers.codes.labels]
    return [
        lessons.Settled(case, names[label[place]], float(trust[place]))
        for place, case in enumerate(set_up.cases)
        if not set_up.gold[place]
    ]
