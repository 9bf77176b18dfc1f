"""Who judges which case, and when they are mistaken: decided by the seed, so that no race can change it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from reviewapp.ops.demo.datasets import Example
from reviewapp.ops.simulate import chance
from reviewapp.ops.simulate.world import World


@dataclass(frozen=True, slots=True)
class Judgement:
    """What somebody says about a decision, ready to be submitted."""

    verdict: str
    output: dict[str, Any] | None
    reason_code: str
    justification: str
    evidence: tuple[str, ...]
    confidence: int


@dataclass(frozen=True, slots=True)
class Crowd:
    """The simulated people by user name. Everyone is mistaken with probability `error_rate`, independently."""

    seed: int
    error_rate: float
    reviewers: tuple[str, ...]
    seniors: tuple[str, ...]

    def next_reviewer(self, case: str, after: Iterable[str]) -> str | None:
        """Return who judges a case next, given who has; seniors step in when every reviewer has, None when all have."""
        judged = set(after)
        order = [*chance.shuffled(self.seed, self.reviewers, "order", case), *reversed(self.seniors)]
        return next((name for name in order if name not in judged), None)

    def next_senior(self, after: Iterable[str]) -> str | None:
        """Return the senior who settles a case, given who has judged it already."""
        judged = set(after)
        return next((name for name in self.seniors if name not in judged), None)

    def mistaken(self, person: str, case: str) -> bool:
        """Say whether this person is mistaken about this case."""
        return chance.draw(self.seed, "mistaken", person, case) < self.error_rate

    def judge(self, person: str, case: str, *, world: World, example: Example, task: Mapping[str, Any]) -> Judgement:
        """Return what `person` says about the decision in a claimed `task`, as the review API describes it."""
        believed = world.wrong(example) if self.mistaken(person, case) else world.right(example)
        decided = task["decision"]["output"]
        agrees = decided is not None and world.label(decided) == world.label(believed)
        verdict = "agree" if agrees else "correct"
        codes = [one["code"] for one in task["contract"]["reason_codes"] if verdict in one["verdicts"]]
        cited = strongest(task["decision"], example)
        return Judgement(
            verdict=verdict,
            output=None if agrees else believed,
            reason_code=chance.shuffled(self.seed, codes, "reason", person, case)[0] if codes else "",
            justification=_words(world.label(believed), cited),
            evidence=tuple(f"/{name}" for name in cited),
            confidence=3 + int(chance.draw(self.seed, "sure", person, case) * 3),
        )


def strongest(decision: Mapping[str, Any], example: Example) -> list[str]:
    """Return the one or two inputs that moved the decision most, as somebody would cite them."""
    told = (decision.get("explanation") or {}).get("contributions") or []
    ranked = sorted(told, key=lambda one: (-abs(one["points"]), one["field"]))
    named = [one["field"] for one in ranked if one["field"] in example.input]
    return named[:2] or list(example.input)[:1]


def _words(label: str, cited: list[str]) -> str:
    names = " and ".join(name.replace("_", " ") for name in cited)
    return f"Simulated reviewer: taken together with {names}, this case speaks for “{label}”."
