"""What is different between two policies, item by item, in words a risk officer reads."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from agents.runtime import model

Body = Mapping[str, Any]

_KNOBS = {
    "review_below": "A person looks below confidence",
    "override_at": "The policy overrides the agent's proposal from confidence",
    "sample_rate": "Share of sure decisions a person looks at anyway",
}


@dataclass(frozen=True, slots=True)
class Step:
    """One line of a change: which values, and their points before and after (None: not there)."""

    what: str
    before: float | None
    after: float | None


@dataclass(frozen=True, slots=True)
class Change:
    """One difference. `area` is field, threshold, exception, rule or exemplars; `kind` is added, removed or changed."""

    area: str
    kind: str
    ref: str
    title: str
    before: str
    after: str
    text: str
    size: float = 0.0
    steps: tuple[Step, ...] = ()


def changes(old: Body | None, new: Body) -> tuple[Change, ...]:
    """Return every difference from `old` to `new`: rules and exceptions first, then thresholds, then fields by size."""
    earlier: Body = old or {}
    listed = [
        *_rules("rule", earlier.get("guardrails", ()), new.get("guardrails", ())),
        *_rules("exception", earlier.get("exceptions", ()), new.get("exceptions", ())),
        *_thresholds(earlier.get("autonomy", {}), new.get("autonomy", {})),
        *_exemplars(earlier.get("exemplars", ()), new.get("exemplars", ())),
        *_fields(earlier.get("model", {}), new.get("model", {})),
    ]
    return tuple(listed)


def _rules(area: str, old: Sequence[Body], new: Sequence[Body]) -> list[Change]:
    before = {str(rule["id"]): rule for rule in old}
    after = {str(rule["id"]): rule for rule in new}
    found = []
    for ref in sorted(before.keys() | after.keys()):
        was, now = before.get(ref), after.get(ref)
        if was is not None and now is not None and _effect(was) == _effect(now):
            continue
        known = now or was or {}
        kind = "added" if was is None else "removed" if now is None else "changed"
        found.append(
            Change(
                area=area,
                kind=kind,
                ref=ref,
                title=str(known.get("title", ref)),
                before=str(was["when"]) if was else "",
                after=str(now["when"]) if now else "",
                text=_rule_words(area, kind, known),
            )
        )
    return found


def _effect(rule: Body) -> tuple[Any, ...]:
    return (rule.get("when"), rule.get("action"), rule.get("output"), rule.get("text"))


def _rule_words(area: str, kind: str, rule: Body) -> str:
    if area == "exception" and kind != "removed":
        return f"From {rule.get('support', 0)} identical corrections that nobody contradicted."
    if kind == "removed":
        return "No longer applies: the model answers these cases, or a later verdict contradicts the rule."
    return str(rule.get("text", ""))


def _thresholds(old: Body, new: Body) -> list[Change]:
    found = []
    for key, words in _KNOBS.items():
        was, now = old.get(key), new.get(key)
        if was == now:
            continue
        kind = "added" if was is None else "removed" if now is None else "changed"
        found.append(
            Change("threshold", kind, key, words, _number(was), _number(now), f"{_number(was)} → {_number(now)}")
        )
    return found


def _exemplars(old: Sequence[Body], new: Sequence[Body]) -> list[Change]:
    before = {str(item.get("source", item)) for item in old}
    after = {str(item.get("source", item)) for item in new}
    if before == after:
        return []
    text = f"{len(after - before)} added, {len(before - after)} removed, {len(after & before)} kept."
    return [
        Change("exemplars", "changed", "exemplars", "Examples the agent is shown", str(len(old)), str(len(new)), text)
    ]


def _fields(old: Body, new: Body) -> list[Change]:
    before = {str(feature["path"]): feature for feature in old.get("features", ())}
    after = {str(feature["path"]): feature for feature in new.get("features", ())}
    towards = str(new["classes"][1]) if new.get("classes") else ""
    found = []
    for path in before.keys() | after.keys():
        was, now = before.get(path), after.get(path)
        steps = _steps(was, now)
        size = round(max((abs((step.after or 0.0) - (step.before or 0.0)) for step in steps), default=0.0), 4)
        if size == 0:
            continue
        known = now or was or {}
        kind = "added" if was is None else "removed" if now is None else "changed"
        found.append(
            Change(
                area="field",
                kind=kind,
                ref=str(known["name"]),
                title=str(known["label"]),
                before=_span(was),
                after=_span(now),
                text=_field_words(kind, was, now, steps, towards),
                size=size,
                steps=steps,
            )
        )
    return sorted(found, key=lambda change: (-change.size, change.ref))


def _steps(was: Body | None, now: Body | None) -> tuple[Step, ...]:
    known = now or was or {}
    if known.get("type") == "numeric":
        edges = sorted({*(was or {}).get("edges", ()), *(now or {}).get("edges", ())})
        probes = [edges[0] - 1.0, *edges] if edges else [0.0]
        names = model.ranges(edges)
        return tuple(
            Step(name, _numeric(was, probe), _numeric(now, probe)) for name, probe in zip(names, probes, strict=True)
        )
    values = sorted({*(was or {}).get("points", {}), *(now or {}).get("points", {})})
    return tuple(Step(value, _category(was, value), _category(now, value)) for value in values)


def _numeric(feature: Body | None, probe: float) -> float | None:
    if feature is None:
        return None
    return float(feature["points"][bisect_right(feature["edges"], probe)])


def _category(feature: Body | None, value: str) -> float | None:
    if feature is None:
        return None
    return float(feature["points"].get(value, feature["other"]))


def _span(feature: Body | None) -> str:
    if feature is None:
        return ""
    points = feature["points"]
    values = list(points.values()) if isinstance(points, Mapping) else list(points)
    return f"{_signed(min(values))} to {_signed(max(values))}"


def _field_words(kind: str, was: Body | None, now: Body | None, steps: Sequence[Step], towards: str) -> str:
    if kind == "added":
        return "Counts from now on."
    if kind == "removed":
        return "No longer counts."
    most = max(steps, key=lambda step: abs((step.after or 0.0) - (step.before or 0.0)))
    delta = (most.after or 0.0) - (most.before or 0.0)
    direction = "more" if delta > 0 else "less"
    weight = "stronger" if _width(now) > _width(was) else "weaker"
    return f"Counts {weight} overall; {most.what} now speaks {direction} for {towards} ({_signed(most.before)} → {_signed(most.after)} points)."


def _signed(points: float | None) -> str:
    """Return points with their sign, and a real minus."""
    return "nothing" if points is None else f"{points:+.2f}".replace("-", "−")


def _width(feature: Body | None) -> float:
    points = (feature or {}).get("points", [0.0])
    values = list(points.values()) if isinstance(points, Mapping) else list(points)
    return float(max(values, default=0.0) - min(values, default=0.0))


def _number(value: float | None) -> str:
    return "never" if value is None else f"{value:g}"
