"""The members of a contract about risk and load: unknown fields, capacity for review, risk tier and risk register."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from agents.contracts.faults import Fault
from agents.contracts.schema import Schema, join

UNKNOWN = ("refuse", "drop")
TIERS = ("minimal", "limited", "high")
RESIDUALS = ("low", "medium", "high")
OVER_CAPACITY = ("refuse", "fallback", "review")
# A member that says what goes without saying is left out of the document, so that digests of older contracts stay.
SILENT: Mapping[str, Any] = {"unknown_fields": "refuse", "review_capacity": None, "risk_tier": "", "risks": []}
_RISK = ("id", "hazard", "control", "residual", "owner", "next_review")
_MOST_RISKS = 100
_MOST_OPEN = 10_000_000
_ID = re.compile(r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,39}$")
_DAY = re.compile(r"^\d{4}-\d{2}-\d{2}$")


@dataclass(frozen=True, slots=True)
class Capacity:
    """How many flagged decisions may wait for people, and what is answered to one more.

    "refuse" answers 429, "fallback" answers `output` at once, "review" lets it wait like the others and says so.
    """

    open_max: int
    then: Literal["refuse", "fallback", "review"]
    output: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class Risk:
    """A line of the risk register: what may go wrong, what is done about it, what is left, and who looks again when."""

    id: str
    hazard: str
    control: str
    residual: str
    owner: str
    next_review: date


def capacity(body: Mapping[str, Any]) -> Capacity | None:
    """Return the review capacity of a contract document without faults, None when it has no limit."""
    given = body.get("review_capacity")
    return Capacity(given["open_max"], given["then"], given.get("output")) if given else None


def risks(body: Mapping[str, Any]) -> tuple[Risk, ...]:
    """Return the risk register of a contract document without faults."""
    return tuple(
        Risk(one["id"], one["hazard"], one["control"], one["residual"], one["owner"], _day(one["next_review"]))
        for one in body.get("risks", ())
    )


def overdue(body: Mapping[str, Any], *, today: date) -> int:
    """Return how many risks of a contract document without faults were to be reviewed before `today`."""
    return sum(risk.next_review < today for risk in risks(body))


def without_silent(body: Mapping[str, Any], silent: Mapping[str, Any] = SILENT) -> dict[str, Any]:
    """Return the document without the members that say what goes without saying, which is what `silent` says."""
    return {key: value for key, value in body.items() if key not in silent or value != silent[key]}


def faults_of(body: Mapping[str, Any], output: Schema | None) -> Iterator[Fault]:
    """Yield what is wrong with these members, by dotted path; `output` is None while its schema is faulty itself."""
    if body.get("unknown_fields", "refuse") not in UNKNOWN:
        yield "unknown_fields", 'Say "refuse" (a request with a field nobody knows is refused) or "drop".'
    if body.get("risk_tier", "") not in {"", *TIERS}:
        yield "risk_tier", f"Choose one of {', '.join(TIERS)}."
    if body.get("review_capacity") is not None:
        yield from _capacity_faults(body["review_capacity"], output)
    yield from _risk_faults(body.get("risks", []))


def _capacity_faults(given: Any, output: Schema | None) -> Iterator[Fault]:
    if not isinstance(given, Mapping):
        yield "review_capacity", 'Give an object with "open_max" and "then".'
        return
    for extra in sorted(set(map(str, given)) - {"open_max", "then", "output"}):
        yield join("review_capacity", extra), "Known are open_max, then, output."
    most, then, answer = given.get("open_max"), given.get("then"), given.get("output")
    if isinstance(most, bool) or not isinstance(most, int) or not 1 <= most <= _MOST_OPEN:
        yield "review_capacity.open_max", f"Give how many cases may be open, a whole number from 1 to {_MOST_OPEN:,}."
    if then not in OVER_CAPACITY:
        yield "review_capacity.then", f"Choose one of {', '.join(OVER_CAPACITY)}."
    elif then == "fallback" and answer is None:
        yield "review_capacity.output", '"fallback" answers at once: say with which output.'
    elif then != "fallback" and answer is not None:
        yield "review_capacity.output", 'Only "fallback" answers with an output. Leave it out.'
    if answer is not None and output is not None:
        yield from output.validate(answer, prefix="review_capacity.output")


def _risk_faults(given: Any) -> Iterator[Fault]:
    if not isinstance(given, Sequence) or isinstance(given, str) or len(given) > _MOST_RISKS:
        yield "risks", f"Give a list of at most {_MOST_RISKS} risks, each with {', '.join(_RISK)}."
        return
    seen: set[str] = set()
    for index, risk in enumerate(given):
        path = join("risks", index)
        if not isinstance(risk, Mapping):
            yield path, f"A risk is an object with {', '.join(_RISK)}."
            continue
        for extra in sorted(set(map(str, risk)) - set(_RISK)):
            yield join(path, extra), f"Known are {', '.join(_RISK)}."
        identity = risk.get("id")
        if not isinstance(identity, str) or not _ID.match(identity) or identity in seen:
            yield join(path, "id"), "Give every risk its own id of letters, digits, dots, hyphens or underscores."
        else:
            seen.add(identity)
        for key, longest in (("hazard", 500), ("control", 1_000), ("owner", 120)):
            value = risk.get(key)
            if not isinstance(value, str) or not value.strip() or len(value) > longest:
                yield join(path, key), f"Write 1 to {longest:,} characters."
        if risk.get("residual") not in RESIDUALS:
            yield join(path, "residual"), f"Choose what is left of the risk: {', '.join(RESIDUALS)}."
        if _day_or_none(risk.get("next_review")) is None:
            yield join(path, "next_review"), "Give the day of the next review, for example 2027-01-31."


def _day(text: str) -> date:
    return date.fromisoformat(text)


def _day_or_none(value: Any) -> date | None:
    # fromisoformat alone would take "20270131" and weeks too; people read what is stored.
    if not isinstance(value, str) or not _DAY.match(value):
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None
