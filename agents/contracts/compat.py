"""May one contract replace another? Every change in words, with what it means for those who keep to the old one."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from agents.contracts import fields, schema_diff, terms
from agents.contracts.reading import FAILURES, ON_STALE
from agents.contracts.schema import join
from agents.contracts.schema_diff import Change, Effect
from agents.contracts.spec import ContractSpec, Failure, ReasonCode, ReviewRule

__all__ = ["EFFECTS", "Change", "Effect", "breaking", "changes", "verdict"]

EFFECTS: Mapping[Effect, str] = {"breaking": "Breaking", "care": "Needs care", "safe": "Safe"}
_SEVERITY: Mapping[Effect, int] = {"breaking": 0, "care": 1, "safe": 2}
_ON = {
    "on_error": "when the policy errs",
    "on_timeout": "when the answer is late",
    "on_unavailable": "when no policy is live",
    ON_STALE: "when a feature is old or missing",
}


def changes(
    old: ContractSpec, new: ContractSpec, *, used_reasons: Collection[str] = (), fed: Collection[str] = ()
) -> tuple[Change, ...]:
    """Return what changes from one contract to another, the worst first.

    Breaking is what refuses a request the old one took, answers what the old one never answered, or gives the same
    words another meaning. `used_reasons` are the reason codes that corrections name, `fed` the input fields that feature
    views fill now and did not before.
    """
    found = [*_heads(old, new), *_schemas(old, new), *_failures(old, new), *_rules(old, new)]
    found += [*_reasons(old, new, used_reasons), *_features(old, new, fed), *_load(old, new), *_risk(old, new)]
    return tuple(sorted(found, key=lambda change: _SEVERITY[change.effect]))


def breaking(listed: Sequence[Change]) -> tuple[Change, ...]:
    """Return the changes that somebody has to answer for."""
    return tuple(change for change in listed if change.effect == "breaking")


def verdict(old: int, new: int, listed: Sequence[Change]) -> str:
    """Return in a sentence whether version `new` may replace version `old`."""
    broken, careful = (sum(change.effect == effect for change in listed) for effect in ("breaking", "care"))
    if broken:
        count = "one change breaks" if broken == 1 else f"{broken} changes break"
        return f"Version {new} may not silently replace version {old}: {count} what keeps to version {old}."
    if careful:
        count = "one change needs" if careful == 1 else f"{careful} changes need"
        return f"Version {new} may replace version {old}, but {count} care."
    return f"Version {new} may replace version {old}."


def _heads(old: ContractSpec, new: ContractSpec) -> Iterator[Change]:
    if old.mode != new.mode:
        yield Change("breaking", "mode", f"The mode changes from {old.mode} to {new.mode}.")
    if old.action_field != new.action_field:
        said = f"from {old.action_field} to {new.action_field}"
        yield Change("breaking", "action_field", f"The field that carries the action changes {said}.")
    if old.latency_ms != new.latency_ms:
        end = "agents may wait longer" if new.latency_ms > old.latency_ms else "more answers may come from on_timeout"
        yield Change("care", "latency_ms", f"The bound changes from {old.latency_ms} to {new.latency_ms} ms: {end}.")
    if old.min_justification != new.min_justification:
        said = f"from {old.min_justification} to {new.min_justification} characters"
        yield Change("safe", "min_justification", f"The shortest justification changes {said}.")
    if old.min_evidence != new.min_evidence:
        said = f"from {old.min_evidence} to {new.min_evidence}"
        yield Change("safe", "min_evidence", f"How many inputs a correction cites at least changes {said}.")
    if old.attachments != new.attachments:
        yield Change("safe", "attachments", "Which files may go with a judgement changes.")
    if old.review_minutes != new.review_minutes:
        said = f"from {old.review_minutes} to {new.review_minutes} minutes"
        yield Change("care", "review_minutes", f"The time people have changes {said}; agents wait accordingly.")
    for key, words in (("title", "title"), ("title_template", "title of a case")):
        if getattr(old, key) != getattr(new, key):
            yield Change("safe", key, f"The {words} changes.")


def _schemas(old: ContractSpec, new: ContractSpec) -> Iterator[Change]:
    yield from schema_diff.compare(
        old.input_schema, new.input_schema, side="input", path="input_schema", drops=new.drops_unknown
    )
    yield from schema_diff.compare(old.output_schema, new.output_schema, side="output", path="output_schema")
    if old.drops_unknown and not new.drops_unknown:
        yield Change("breaking", "unknown_fields", "Fields nobody knows are refused now; before they were dropped.")
    elif new.drops_unknown and not old.drops_unknown:
        yield Change("care", "unknown_fields", "Fields nobody knows are dropped now: a misspelt one is not told.")


def _failures(old: ContractSpec, new: ContractSpec) -> Iterator[Change]:
    for on in (*FAILURES, ON_STALE):
        one, other = getattr(old, on), getattr(new, on)
        if one == other:
            continue
        said = f"What is answered {_ON[on]} changes from {_term(one)} to {_term(other)}"
        waits = one.do != "review" and other.do == "review"
        end = ": agents that had an answer at once wait for a person." if waits else "."
        yield Change("breaking" if waits else "care", join("failure", on), said + end)


def _term(failure: Failure) -> str:
    return failure.do if failure.output is None else f"{failure.do} ({fields.human(failure.output)})"


def _rules(old: ContractSpec, new: ContractSpec) -> Iterator[Change]:
    for key, end in (("review_rules", "on what people look at"), ("escalation_rules", "on what needs a second person")):
        before, after = _by_id(getattr(old, key)), _by_id(getattr(new, key))
        for name, rule in before.items():
            if name not in after:
                yield Change("care", join(key, name), f"The rule goes, and with it its say {end}: {rule.text}")
            elif after[name] != rule:
                meaning = (after[name].when, after[name].action) != (rule.when, rule.action)
                text = f"The rule changes its say {end}." if meaning else "The words of the rule change."
                yield Change("care" if meaning else "safe", join(key, name), text)
        for name, rule in after.items():
            if name not in before:
                yield Change("care", join(key, name), f"A rule is new, with a say {end}: {rule.text}")


def _by_id(rules: Sequence[ReviewRule]) -> dict[str, ReviewRule]:
    return {rule.id: rule for rule in rules}


def _reasons(old: ContractSpec, new: ContractSpec, used: Collection[str]) -> Iterator[Change]:
    before: dict[str, ReasonCode] = {reason.code: reason for reason in old.reason_codes}
    after: dict[str, ReasonCode] = {reason.code: reason for reason in new.reason_codes}
    for code, reason in before.items():
        at = join("reason_codes", code)
        if code not in after and code in used:
            yield Change("breaking", at, f"“{reason.title}” goes, but corrections name it and would lose its meaning.")
        elif code not in after:
            yield Change("care", at, f"“{reason.title}” cannot be chosen any more. No correction names it.")
        elif set(reason.verdicts) - set(after[code].verdicts):
            yield Change("care", at, f"“{after[code].title}” fits fewer verdicts.")
        elif reason != after[code]:
            yield Change("safe", at, f"“{reason.title}” becomes “{after[code].title}”, or fits more verdicts.")
    for code, reason in after.items():
        if code not in before:
            yield Change("safe", join("reason_codes", code), f"“{reason.title}” may be chosen as well.")


def _features(old: ContractSpec, new: ContractSpec, fed: Collection[str]) -> Iterator[Change]:
    before = {(use.view, use.entity, use.prefix): use for use in old.features}
    after = {(use.view, use.entity, use.prefix): use for use in new.features}
    for key in sorted(before.keys() - after.keys()):
        yield Change("care", join("features", key[0]), f"The feature view {key[0]} is not read any more.")
    for key in sorted(after.keys() - before.keys()):
        yield Change("care", join("features", key[0]), f"The feature view {key[0]} is read.")
    for key in sorted(before.keys() & after.keys()):
        one, other = before[key].version, after[key].version
        if one != other:
            yield Change("care", join("features", key[0]), f"Version {other} of {key[0]} is read instead of {one}.")
        if before[key].required != after[key].required:
            words = "decides what is answered" if after[key].required else "holds no decision up any more"
            yield Change("care", join("features", key[0]), f"An old or missing {key[0]} {words}.")
    for name in sorted({field.path for field in old.input.fields} & set(fed)):
        text = f"{name} is filled from a feature view; requests that send it are refused."
        yield Change("breaking", join("input_schema.properties", name), text)


def _load(old: ContractSpec, new: ContractSpec) -> Iterator[Change]:
    one, other = old.capacity, new.capacity
    if one == other:
        return
    if other is None:
        yield Change("care", "review_capacity", "The limit on open cases goes: the backlog may grow without end.")
        return
    said = f"With {other.open_max:,} open cases or more, one more gets: {_over(other)}."
    yield Change("care", "review_capacity", said)


def _over(limit: terms.Capacity) -> str:
    if limit.then == "refuse":
        return "429, and the request to send it again later"
    return "the declared answer at once" if limit.then == "fallback" else "a person, with a note"


def _risk(old: ContractSpec, new: ContractSpec) -> Iterator[Change]:
    if old.risk_tier != new.risk_tier:
        said = f"from {old.risk_tier or 'none'} to {new.risk_tier or 'none'}"
        yield Change("care", "risk_tier", f"The risk tier changes {said}.")
    before, after = {risk.id: risk for risk in old.risks}, {risk.id: risk for risk in new.risks}
    for name, risk in before.items():
        if name not in after:
            yield Change("care", join("risks", name), f"The risk goes from the register: {risk.hazard}")
        elif after[name] != risk:
            worse = _left(after[name]) > _left(risk)
            yield Change("care" if worse else "safe", join("risks", name), "The entry in the risk register changes.")
    for name, risk in after.items():
        if name not in before:
            yield Change("safe", join("risks", name), f"The risk is new in the register: {risk.hazard}")


def _left(risk: terms.Risk) -> int:
    return terms.RESIDUALS.index(risk.residual)


def as_rows(listed: Sequence[Change], reasons: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return changes as they are kept with a contract; `reasons` are what was written for breaking ones, by path."""
    rows = []
    for change in listed:
        row = {"effect": change.effect, "path": change.path, "text": change.text}
        rows.append({**row, "reason": reasons[change.path].strip()} if change.effect == "breaking" else row)
    return rows
