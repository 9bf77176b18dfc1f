"""The rollout plan: how much traffic, for how long, before more."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any

WHOLE = 10_000
_MOST_STAGES = 8


@dataclass(frozen=True, slots=True)
class Stage:
    """A share of the traffic in basis points, and what must have happened before the next stage."""

    share_bp: int
    min_decisions: int
    min_minutes: int

    def as_json(self) -> dict[str, int]:
        """Return the stage as stored with a plan."""
        return asdict(self)


class PlanError(ValueError):
    """A plan that cannot be followed; `path` names the place."""

    def __init__(self, path: str, message: str) -> None:
        """Keep where the fault is, and what would be right."""
        super().__init__(message)
        self.path = path


def parse(stages: object) -> tuple[Stage, ...]:
    """Read a plan: one to eight stages whose shares grow, each below the whole traffic, which follows the last stage.

    Raises `PlanError` naming the first fault.
    """
    if not isinstance(stages, Sequence) or isinstance(stages, str) or not 1 <= len(stages) <= _MOST_STAGES:
        raise PlanError("plan", f"A plan is a list of 1 to {_MOST_STAGES} stages.")
    parsed = tuple(_stage(stage, f"plan.{at}") for at, stage in enumerate(stages))
    for at, (before, after) in enumerate(pairwise(parsed), start=1):
        if after.share_bp <= before.share_bp:
            raise PlanError(f"plan.{at}.share_bp", "Each stage takes more traffic than the one before.")
    return parsed


def waiting(stage: Stage, *, decisions: int, minutes: float) -> str:
    """Say what the stage still waits for, in words; empty when it may end."""
    missing = []
    if decisions < stage.min_decisions:
        missing.append(f"{stage.min_decisions - decisions} of {stage.min_decisions} decisions")
    if minutes < stage.min_minutes:
        missing.append(duration(stage.min_minutes - minutes))
    return f"{' and '.join(missing)} to go" if missing else ""


def percent(share_bp: int) -> str:
    """Return a share in basis points as people write it: 500 is "5 %"."""
    return f"{share_bp / 100:g} %"


def _stage(raw: object, path: str) -> Stage:
    if not isinstance(raw, Mapping):
        raise PlanError(path, "A stage has share_bp, min_decisions and min_minutes.")
    unknown = sorted(set(raw) - {"share_bp", "min_decisions", "min_minutes"})
    if unknown:
        raise PlanError(f"{path}.{unknown[0]}", "A stage has share_bp, min_decisions and min_minutes, nothing else.")
    share = _whole(raw, "share_bp", path)
    if not 1 <= share < WHOLE:
        raise PlanError(
            f"{path}.share_bp", f"A stage takes 1 to {WHOLE - 1} basis points; all traffic follows the last stage."
        )
    return Stage(share, _whole(raw, "min_decisions", path), _whole(raw, "min_minutes", path))


def _whole(raw: Mapping[Any, Any], key: str, path: str) -> int:
    value = raw.get(key, 0)
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise PlanError(f"{path}.{key}", "Enter a whole number of at least 0.")
    return value


def duration(minutes: float) -> str:
    """Return a time span as people write it: "40 min", "2 h", "25 h 30 min"."""
    whole = max(1, round(minutes))
    if whole < 60:
        return f"{whole} min"
    hours, rest = divmod(whole, 60)
    return f"{hours} h {rest:02d} min" if rest else f"{hours} h"
