"""How much an agent may do alone: decide (auto), a person looks (review), a risk officer does (escalate)."""

from dataclasses import dataclass
from typing import Literal

from agents.runtime import routing

Status = Literal["auto", "review", "escalate"]

_SEVERITY: dict[Status, int] = {"auto": 0, "review": 1, "escalate": 2}


@dataclass(frozen=True, slots=True)
class Terms:
    """The policy's thresholds: a person looks below `review_below`; a share of the rest is looked at by chance."""

    review_below: float
    override_at: float | None
    sample_rate: float


@dataclass(frozen=True, slots=True)
class Sampling:
    """Whether chance chose this decision, its bucket, and the probability with which a person sees such a decision."""

    sampled: bool
    bucket: int
    propensity: float


def worse(one: Status, other: Status) -> Status:
    """Return the status that asks for more attention."""
    return one if _SEVERITY[one] >= _SEVERITY[other] else other


def sample(*, decision_id: str, rate: float, flagged: bool) -> Sampling:
    """Choose by the hash of the decision's id, so that a replay chooses the same.

    A decision flagged for cause is seen with propensity 1; any other with `rate`, chosen or not. The propensity is kept
    with the decision because error estimates weigh by its inverse.
    """
    place = routing.bucket("audit-sample", decision_id)
    limit = round(rate * routing.BUCKETS)
    if flagged:
        return Sampling(sampled=False, bucket=place, propensity=1.0)
    return Sampling(sampled=place < limit, bucket=place, propensity=limit / routing.BUCKETS)
