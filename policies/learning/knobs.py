"""What may be set of learning and guarding, checked where it is entered and not when a build runs at night."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from policies.learning import registry

Check = Callable[[Any], str]


def faults_of_learner(given: Mapping[str, Any]) -> dict[str, str]:
    """Return what is wrong with a learner's settings, by dotted path; {} when a build can use them."""
    return dict(_learner(given))


def faults_of(given: Mapping[str, Any], kind: str) -> dict[str, str]:
    """Return what is wrong with the settings of "exceptions" or "guards", by dotted path."""
    return dict(_known(given, _EXCEPTIONS if kind == "exceptions" else _GUARDS, kind))


def _learner(given: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if given.get("kind") not in registry.LEARNERS:
        yield "learner.kind", f"Use one of {', '.join(sorted(registry.LEARNERS))}."
    yield from _known({key: value for key, value in given.items() if key not in _SHAPED}, _NUMBERS, "learner")
    classes = given.get("classes")
    if classes is not None and not _is_pair(classes):
        yield "learner.classes", "Name two different actions, the negative one first."
    outputs = given.get("outputs")
    if outputs is not None and (not isinstance(outputs, Mapping) or set(outputs) != set(classes or ())):
        yield "learner.outputs", "Say for each of the two classes what is answered."
    yield from _review(given.get("review", {"kind": "fixed"}))


def _review(given: Any) -> Iterator[tuple[str, str]]:
    kind = given.get("kind") if isinstance(given, Mapping) else None
    if kind not in {"fixed", "bound"}:
        yield "learner.review", 'Use {"kind": "fixed"} or {"kind": "bound", "error": 0.1}.'
        return
    allowed = {"error": _share, "delta": _share} if kind == "bound" else {}
    yield from _known({key: value for key, value in given.items() if key != "kind"}, allowed, "learner.review")
    if kind == "bound" and "error" not in given:
        yield "learner.review.error", "Say which share of wrong decisions is the limit."


def _known(given: Mapping[str, Any], checks: Mapping[str, Check], path: str) -> Iterator[tuple[str, str]]:
    for key, value in given.items():
        if key not in checks:
            yield f"{path}.{key}", f"There is no such setting. Known are {', '.join(sorted(checks)) or 'none'}."
        elif message := checks[key](value):
            yield f"{path}.{key}", message


def _is_pair(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 2 and len({str(one) for one in value}) == 2


def _whole(low: int, high: int) -> Check:
    def check(value: Any) -> str:
        fits = isinstance(value, int) and not isinstance(value, bool) and low <= value <= high
        return "" if fits else f"Give a whole number from {low} to {high}."

    return check


def _share(value: Any) -> str:
    fits = isinstance(value, int | float) and not isinstance(value, bool) and 0 < value <= 1
    return "" if fits else "Give a number above 0, at most 1."


def _penalty(value: Any) -> str:
    fits = isinstance(value, int | float) and not isinstance(value, bool) and 0 < value <= 1000
    return "" if fits else "Give a number above 0, at most 1000."


def _switch(value: Any) -> str:
    return "" if isinstance(value, bool) else "Give true or false."


_SHAPED = {"kind", "classes", "outputs", "review"}
_NUMBERS: dict[str, Check] = {
    "inverse_penalty": _penalty,
    "bins": _whole(2, 20),
    "min_category": _whole(1, 1000),
    "folds": _whole(2, 20),
    "exemplars": _whole(1, 50),
}
_EXCEPTIONS: dict[str, Check] = {
    "on": _switch,
    "min_support": _whole(2, 1000),
    "alpha": _share,
    "max_share": _share,
    "most": _whole(1, 50),
}
_GUARDS: dict[str, Check] = {
    "alpha": _share,
    "max_faults": _share,
    "load_margin": _share,
    "min_pairs": _whole(0, 1000),
}
