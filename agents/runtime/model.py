"""The scorecard: points per field whose sum is the score, so that anyone can add a decision up again by hand."""

import math
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple

DECIMALS = 6


class ModelError(ValueError):
    """The model cannot score this case; the contract says what is answered then."""


@dataclass(frozen=True, slots=True)
class Case:
    """What is decided upon. `unit` is who or what buckets are drawn by; `decision_id` seeds the sample of sure ones.

    `done` says that the agent has acted on `proposal` already: it is judged, and nothing can answer otherwise.
    """

    input: Mapping[str, Any]
    proposal: Mapping[str, Any] | None
    unit: str
    decision_id: str
    done: bool = False


class Contribution(NamedTuple):
    """What one field added: `label` is the value in words ("Duration 24 to 36 months"), `points` are log-odds."""

    # A tuple, because twenty of them are made for every decision and a frozen dataclass takes three times as long.

    field: str
    value: Any
    label: str
    points: float


@dataclass(frozen=True, slots=True)
class Scored:
    """The sum of points, exactly the intercept plus the contributions, and the probability of `positive` it stands for.

    From `threshold` on the model answers `positive`.
    """

    intercept: float
    contributions: tuple[Contribution, ...]
    total: float
    probability: float
    positive: str
    threshold: float

    def explanation(self) -> dict[str, Any]:
        """Return the explanation as it is answered and kept."""
        return {
            "kind": "scorecard",
            "intercept": self.intercept,
            "contributions": [
                {"field": field, "value": value, "label": label, "points": points}
                for field, value, label, points in self.contributions
            ],
            "score": self.total,
            "probability": self.probability,
            "positive": self.positive,
            "threshold": self.threshold,
        }


Read = Callable[[Case], Any]


@dataclass(frozen=True, slots=True)
class _Numeric:
    name: str
    read: Read
    label: str
    edges: tuple[float, ...]
    points: tuple[float, ...]
    labels: tuple[str, ...]
    missing: float

    def contribute(self, case: Case) -> Contribution:
        value = self.read(case)
        if value is None:
            return Contribution(self.name, None, f"{self.label} not given", self.missing)
        # Exact types first: nearly every value is one of them.
        if type(value) is not float and (isinstance(value, bool) or not isinstance(value, (float, int))):
            raise ModelError(f"{self.name} is not a number")
        place = bisect_right(self.edges, value)
        return Contribution(self.name, value, self.labels[place], self.points[place])


@dataclass(frozen=True, slots=True)
class _Categorical:
    name: str
    read: Read
    label: str
    points: Mapping[str, float]
    other: float
    missing: float

    def contribute(self, case: Case) -> Contribution:
        value = self.read(case)
        if value is None:
            return Contribution(self.name, None, f"{self.label} not given", self.missing)
        code = category(value)
        return Contribution(self.name, value, f"{self.label}: {code}", self.points.get(code, self.other))


@dataclass(frozen=True, slots=True)
class Scorecard:
    """A compiled scorecard. `classes` are (negative, positive); scores are about the positive one."""

    target: str
    classes: tuple[str, str]
    intercept: float
    threshold: float
    features: tuple[_Numeric | _Categorical, ...]
    outputs: Mapping[str, Mapping[str, Any]]

    def score(self, case: Case) -> Scored:
        """Score a case. Raises `ModelError` when a numeric field holds something else."""
        contributions = tuple([feature.contribute(case) for feature in self.features])
        # Points have at most six decimals (`artifact` holds that), so this rounding restores the exact decimal sum.
        total = round(math.fsum([self.intercept, *[one.points for one in contributions]]), DECIMALS) + 0.0
        return Scored(self.intercept, contributions, total, sigmoid(total), self.classes[1], self.threshold)

    def chosen(self, probability: float) -> tuple[str, float]:
        """Return the class a probability stands for, and the confidence in it."""
        if probability >= self.threshold:
            return self.classes[1], probability
        return self.classes[0], round(1.0 - probability, DECIMALS)

    def confidence_in(self, label: str, probability: float) -> float:
        """Return the model's probability of one of its classes."""
        return probability if label == self.classes[1] else round(1.0 - probability, DECIMALS)

    def other(self, label: str) -> str:
        """Return the class that is not `label`."""
        return self.classes[0] if label == self.classes[1] else self.classes[1]

    def answer(self, label: str, case: Case) -> dict[str, Any]:
        """Return the output that a class stands for. Raises `ModelError` when it copies an input that is not there."""
        made: dict[str, Any] = {}
        for name, term in self.outputs[label].items():
            if "const" in term:
                made[name] = term["const"]
            elif term["input"] in case.input:
                made[name] = case.input[term["input"]]
            else:
                raise ModelError(f"the output {name} copies input.{term['input']}, which was not given")
        return made


def build(body: Mapping[str, Any], *, units: Mapping[str, str]) -> Scorecard:
    """Compile an artifact's scorecard; `units` names the unit of each input field, for the labels."""
    negative, positive = body["classes"]
    features = tuple(_feature(feature, body, units) for feature in body["features"])
    return Scorecard(
        target=body["target"],
        classes=(negative, positive),
        intercept=float(body["intercept"]),
        threshold=float(body.get("threshold", 0.5)),
        features=features,
        outputs=body["outputs"],
    )


def category(value: Any) -> str:
    """Return the code of a categorical value; booleans read as JSON writes them."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def sigmoid(total: float) -> float:
    """Return the probability of log-odds, to six decimals: the last bits of exp() differ between machines."""
    if total >= 0:
        return round(1.0 / (1.0 + math.exp(-min(total, 700.0))), DECIMALS)
    power = math.exp(max(total, -700.0))
    return round(power / (1.0 + power), DECIMALS)


def _feature(body: Mapping[str, Any], model: Mapping[str, Any], units: Mapping[str, str]) -> _Numeric | _Categorical:
    read = _reader(body["path"], model["target"], model["classes"][1])
    label, missing = str(body.get("label") or body["name"]), float(body.get("missing", 0.0))
    if body["type"] == "numeric":
        edges = tuple(float(edge) for edge in body["edges"])
        unit = units.get(body["path"].removeprefix("input."), "")
        return _Numeric(
            name=body["name"],
            read=read,
            label=label,
            edges=edges,
            points=tuple(float(point) for point in body["points"]),
            labels=tuple(f"{label} {words}" for words in ranges(edges, unit)),
            missing=missing,
        )
    points = {value: float(point) for value, point in body["points"].items()}
    return _Categorical(body["name"], read, label, points, float(body.get("other", 0.0)), missing)


def ranges(edges: Sequence[float], unit: str = "") -> list[str]:
    """Return the words for each bin: "below 12", "12 to 24", "24 and above", with the unit."""
    tail = f" {unit}" if unit else ""
    if not edges:
        return [f"any number of {unit}" if unit else "any value"]
    shown = [_figure(edge) for edge in edges]
    inner = [f"{low} to {high}{tail}" for low, high in pairwise(shown)]
    return [f"below {shown[0]}{tail}", *inner, f"{shown[-1]}{tail} and above"]


def _figure(value: float) -> str:
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.6g}"


def _reader(path: str, target: str, positive: str) -> Read:
    if path == "proposal.probability":
        return lambda case: probability_of(case.proposal, target=target, positive=positive)
    root, _, rest = path.partition(".")
    steps = rest.split(".")
    if root == "input" and len(steps) == 1:
        return lambda case: case.input.get(rest)

    def read(case: Case) -> Any:
        value: Any = case.input if root == "input" else case.proposal
        for step in steps:
            value = value.get(step) if isinstance(value, Mapping) else None
        return value

    return read


def probability_of(proposal: Mapping[str, Any] | None, *, target: str, positive: str) -> float | None:
    """Return the proposing agent's own probability of the positive class, or None when it stated no confidence.

    Its confidence when it proposes that class, the rest when it proposes the other.
    """
    if proposal is None or proposal.get("confidence") is None:
        return None
    confidence = float(proposal["confidence"])
    proposed = category(proposal.get("output", {}).get(target))
    return confidence if proposed == positive else round(1.0 - confidence, DECIMALS)
