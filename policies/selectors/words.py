"""The words and tones of the plane's states, in one place."""

from policies.evaluation import gates
from policies.models import Build, PolicyVersion, Release
from policies.rollout import guard

_VERSION_TONES = {
    "built": "neutral",
    "evaluated": "neutral",
    "submitted": "caution",
    "approved": "info",
    "rejected": "critical",
    "releasing": "info",
    "live": "positive",
    "superseded": "neutral",
    "rolled_back": "critical",
}
_VERDICTS = {
    gates.PASS: ("Pass", "positive"),
    gates.FAIL: ("Fail", "critical"),
    gates.INCONCLUSIVE: ("Inconclusive", "caution"),
}
_GUARDS = {
    guard.ADVANCE: ("Holds", "positive"),
    guard.HOLD: ("Too early to tell", "neutral"),
    guard.ROLL_BACK: ("Rolls back", "critical"),
}


def version(state: str) -> tuple[str, str]:
    """Return label and tone of a version's state."""
    return PolicyVersion.State(state).label, _VERSION_TONES[state]


def build(state: str) -> str:
    """Return the label of a build's state."""
    return str(Build.State(state).label)


def release(state: str) -> str:
    """Return the label of a release's state."""
    return str(Release.State(state).label)


def gate(verdict: str) -> tuple[str, str]:
    """Return label and tone of a gate's verdict."""
    return _VERDICTS[verdict]


def guarded(verdict: str) -> tuple[str, str]:
    """Return label and tone of a guard's verdict."""
    return _GUARDS[verdict]


def passed(found: list[dict[str, str]]) -> tuple[int, int]:
    """Return how many gates passed, of how many."""
    return sum(one["verdict"] == gates.PASS for one in found), len(found)


def headline(found: list[dict[str, str]]) -> str:
    """Return the outcome of an evaluation in one line: "7 gates passed, 1 is inconclusive"."""
    n = len(found)
    ok = sum(one["verdict"] == gates.PASS for one in found)
    failed = sum(one["verdict"] == gates.FAIL for one in found)
    open_ = n - ok - failed
    parts = [f"{ok} of {n} gates passed" if ok < n else f"All {n} gates passed"]
    if failed:
        parts.append(f"{failed} failed")
    if open_:
        parts.append(f"{open_} {'is' if open_ == 1 else 'are'} inconclusive")
    return ", ".join(parts)
