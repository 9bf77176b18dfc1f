"""How urgent a task is."""

from collections.abc import Sequence

ESCALATED, RULE, SAMPLED = 40, 20, -20


def priority(*, status: str, confidence: float, propensity: float, codes: Sequence[str]) -> int:
    """Return a priority from -100 (can wait) to 100 (first).

    `status` and the reason `codes` come from the decision. Escalated decisions come first, then those a contract rule or
    guardrail flagged, then the uncertain ones by how uncertain they are; audit samples, which nobody waits for, last.
    """
    score = round((1 - max(0.0, min(1.0, confidence))) * 40)
    if status == "escalate":
        score += ESCALATED
    if any(code not in {"low_confidence", "sampled"} for code in codes):
        score += RULE
    if propensity < 1 and set(codes) == {"sampled"}:
        score += SAMPLED
    return max(-100, min(100, score))
