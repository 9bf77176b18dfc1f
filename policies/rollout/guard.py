"""Guards: what is watched while a version takes more and more traffic, and what they make happen.

Reviewed decisions are judged twice, by the canary and by the stable version, against the verdict that people settled
on. Comparing how often each arm's own decisions were corrected would mislead: the two flag different cases.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from policies.rollout.stats import band, evidence, evidence_above

HOLD, ADVANCE, ROLL_BACK = "hold", "advance", "roll_back"

DEFAULTS: dict[str, Any] = {"alpha": 0.05, "max_faults": 0.02, "load_margin": 0.3, "min_pairs": 5}


@dataclass(frozen=True, slots=True)
class Pair:
    """One reviewed decision under both versions: was the canary wrong, was the stable version wrong."""

    canary_wrong: bool
    stable_wrong: bool


@dataclass(frozen=True, slots=True)
class Arms:
    """What each arm decided since the stage began: how many, how many alone, how many ended in a fault."""

    canary: int
    canary_alone: int
    canary_faults: int
    stable: int
    stable_alone: int


@dataclass(frozen=True, slots=True)
class Reading:
    """One guard, read once. `evidence` is an e-value; 1 / alpha and more is beyond doubt at any look."""

    code: str
    title: str
    verdict: str
    value: float
    low: float
    high: float
    limit: float
    evidence: float
    n: int
    text: str


def read(pairs: Sequence[Pair], arms: Arms, settings: Mapping[str, Any], *, waiting: str) -> tuple[Reading, ...]:
    """Read every guard. `waiting` is what the stage still waits for in words; empty when it may end."""
    knobs = {**DEFAULTS, **settings}
    return (_worse(pairs, knobs, waiting), _faults(arms, knobs, waiting), _load(arms, knobs, waiting))


def verdict(readings: Sequence[Reading]) -> str:
    """Return what the guards together say: any roll_back rolls back, any hold holds, else the stage may advance."""
    found = {reading.verdict for reading in readings}
    return ROLL_BACK if ROLL_BACK in found else HOLD if HOLD in found else ADVANCE


def _worse(pairs: Sequence[Pair], knobs: Mapping[str, Any], waiting: str) -> Reading:
    plus = sum(pair.canary_wrong and not pair.stable_wrong for pair in pairs)
    minus = sum(pair.stable_wrong and not pair.canary_wrong for pair in pairs)
    found = evidence(plus, minus)
    mean, low, high = band(
        [float(pair.canary_wrong) - float(pair.stable_wrong) for pair in pairs], alpha=knobs["alpha"]
    )
    beyond = found >= 1 / knobs["alpha"]
    enough = len(pairs) >= knobs["min_pairs"]
    said = ROLL_BACK if beyond else ADVANCE if enough and not waiting else HOLD
    if beyond:
        text = f"Of {len(pairs)} reviewed decisions, only this version is wrong on {plus}, only the stable one on {minus}: worse beyond doubt."
    elif not pairs:
        text = "No reviewed decision to compare yet. Not enough data is not good news, only no news."
    else:
        text = (
            f"Of {len(pairs)} reviewed decisions, only this version is wrong on {plus}, only the stable one on {minus}."
        )
    return Reading("worse", "Wrong against people's verdicts", said, mean, low, high, 0.0, found, len(pairs), text)


def _faults(arms: Arms, knobs: Mapping[str, Any], waiting: str) -> Reading:
    limit = knobs["max_faults"]
    values = [1.0] * arms.canary_faults + [0.0] * (arms.canary - arms.canary_faults)
    found = evidence_above(values, limit)
    beyond = found >= 1 / knobs["alpha"]
    share = arms.canary_faults / arms.canary if arms.canary else 0.0
    text = f"{arms.canary_faults or 'None'} of {arms.canary} decisions ended in an error. Limit {limit * 100:g} %."
    said = ROLL_BACK if beyond else HOLD if waiting else ADVANCE
    return Reading("faults", "Errors while deciding", said, share, share, share, limit, found, arms.canary, text)


def _load(arms: Arms, knobs: Mapping[str, Any], waiting: str) -> Reading:
    limit = knobs["load_margin"]
    if not arms.canary or not arms.stable:
        text = "One of the two versions has not decided anything in this stage."
        return Reading(
            "load", "Sent to people", HOLD if waiting else ADVANCE, 0.0, -1.0, 1.0, limit, 1.0, arms.canary, text
        )
    own, other = 1 - arms.canary_alone / arms.canary, 1 - arms.stable_alone / arms.stable
    more = own - other
    values = [1.0] * (arms.canary - arms.canary_alone) + [0.0] * arms.canary_alone
    _, low, high = band(values, alpha=knobs["alpha"])
    # Too much work for people is a reason to stop growing, not to go back: no decision was wrong because of it.
    said = HOLD if waiting or low - other > limit else ADVANCE
    text = f"{own * 100:.0f} % of {arms.canary} decisions go to people, {other * 100:.0f} % of {arms.stable} under the stable version. Limit +{limit * 100:.0f} points."
    return Reading("load", "Sent to people", said, more, low - other, high - other, limit, 1.0, arms.canary, text)
