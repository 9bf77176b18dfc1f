"""Putting a policy document together: what people wrote stays, what was learned is replaced."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from agents.runtime import artifact
from policies.learning import calibrate
from policies.learning.learned import Learned, Prediction

_AUTONOMY = {"review_below": 0.7, "override_at": None, "sample_rate": 0.05}


@dataclass(frozen=True, slots=True)
class Head:
    """Whose policy this is, and for which contract."""

    agent: str
    contract_version: int
    contract_digest: str


def body(
    head: Head,
    parent: Mapping[str, Any],
    learned: Learned,
    *,
    factor: float,
    review_below: float | None,
    exceptions: Sequence[Mapping[str, Any]],
) -> dict[str, Any]:
    """Return the next policy document.

    Guardrails, guidance and thresholds come from `parent`, a policy document or the beginnings of one; the model's
    log-odds are scaled by `factor`; `review_below` replaces the threshold when one was certified. Exemplars are
    replaced only by a learner that chooses some.
    """
    autonomy = {**_AUTONOMY, **parent.get("autonomy", {})}
    if review_below is not None:
        autonomy["review_below"] = review_below
    model = calibrate.scaled(learned.model, factor) if learned.model["kind"] == "scorecard" else learned.model
    return {
        "format": artifact.FORMAT,
        "agent": head.agent,
        "contract": {"version": head.contract_version, "digest": head.contract_digest},
        "guardrails": [dict(rule) for rule in parent.get("guardrails", ())],
        "exceptions": [dict(rule) for rule in exceptions],
        "model": model,
        "autonomy": autonomy,
        "exemplars": [dict(one) for one in (learned.exemplars or parent.get("exemplars", ()))],
        "guidance": str(parent.get("guidance", "")),
    }


def threshold(
    unseen: Sequence[Prediction], wanted: Mapping[str, Any], *, factor: float, review_below: float
) -> calibrate.Threshold | None:
    """Return below which confidence a person looks, by the learner's "review" setting.

    {"kind": "fixed"} keeps `review_below`; {"kind": "bound", "error": 0.1, "delta": 0.05} certifies the loosest
    threshold whose error is bounded, and when none can be certified sends everything to people (1.0). None when there
    is no model whose scores could say anything.
    """
    if not unseen:
        return None
    if wanted.get("kind", "fixed") == "fixed":
        return calibrate.fixed_threshold(unseen, factor=factor, below=review_below)
    found = calibrate.certified_threshold(
        unseen, factor=factor, limit=float(wanted["error"]), delta=float(wanted.get("delta", 0.05))
    )
    return found or calibrate.fixed_threshold(unseen, factor=factor, below=1.0)
