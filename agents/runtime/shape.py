"""The shape of a policy document: what must stand where, by dotted path."""

import math
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

from agents.runtime import model

FORMAT = "countersign.policy/1"
_TOP = {"format", "agent", "contract", "guardrails", "exceptions", "model", "autonomy", "exemplars", "guidance"}
_POINTS = f"a number with at most {model.DECIMALS} decimals"

Fault = tuple[str, str]


def faults_of(body: Any) -> Iterator[Fault]:
    """Yield what keeps `body` from being a policy: (dotted path, what is wrong), in the document's order."""
    if not isinstance(body, Mapping):
        yield "", "a policy is a JSON object"
        return
    if body.get("format") != FORMAT:
        yield "format", f"must be {FORMAT}"
    for key in set(body) - _TOP:
        yield str(key), "policies have no such field"
    if not isinstance(body.get("agent"), str):
        yield "agent", "name the agent"
    contract = body.get("contract")
    if (
        not isinstance(contract, Mapping)
        or not isinstance(contract.get("version"), int)
        or not isinstance(contract.get("digest"), str)
    ):
        yield "contract", "give version and digest of the contract"
    yield from _clause_faults(body.get("guardrails", []), "guardrails")
    yield from _clause_faults(body.get("exceptions", []), "exceptions")
    yield from _autonomy_faults(body.get("autonomy"))
    yield from _model_faults(body.get("model"))
    if not isinstance(body.get("exemplars", []), list):
        yield "exemplars", "give a list"
    if not isinstance(body.get("guidance", ""), str):
        yield "guidance", "give text"


def _clause_faults(rules: Any, key: str) -> Iterator[Fault]:
    if not isinstance(rules, list):
        yield key, "give a list of rules"
        return
    seen: set[str] = set()
    for index, rule in enumerate(rules):
        path = f"{key}[{index}]"
        if (
            not isinstance(rule, Mapping)
            or not isinstance(rule.get("id"), str)
            or not isinstance(rule.get("when"), str)
        ):
            yield path, "a rule has an id and a condition (when)"
            continue
        if rule["id"] in seen:
            yield f"{path}.id", f"{rule['id']} is used twice"
        seen.add(rule["id"])
        action = rule.get("action", "output" if key == "exceptions" else None)
        if action not in {"review", "escalate", "output"} or (key == "exceptions" and action != "output"):
            yield f"{path}.action", "must be review, escalate or output"
        elif action == "output" and not isinstance(rule.get("output"), Mapping):
            yield f"{path}.output", "say what is answered"


def _autonomy_faults(terms: Any) -> Iterator[Fault]:
    if not isinstance(terms, Mapping):
        yield "autonomy", "give review_below, override_at and sample_rate"
        return
    for key, optional in (("review_below", False), ("override_at", True), ("sample_rate", True)):
        value = terms.get(key)
        if value is None and optional:
            continue
        if value is None or not _finite(value) or not 0 <= value <= 1:
            yield f"autonomy.{key}", "must be a number from 0 to 1"


def _model_faults(body: Any) -> Iterator[Fault]:
    if not isinstance(body, Mapping) or body.get("kind") not in {"scorecard", "none"}:
        yield "model.kind", "must be scorecard or none"
        return
    if body["kind"] == "none":
        return
    classes = body.get("classes")
    if not isinstance(classes, list) or len(classes) != 2 or not all(isinstance(name, str) for name in classes):
        yield "model.classes", "name the two classes, negative first"
        return
    if not isinstance(body.get("target"), str):
        yield "model.target", "name the action field"
    if not _points_ok(body.get("intercept")):
        yield "model.intercept", _POINTS
    if not _finite(body.get("threshold", 0.5)):
        yield "model.threshold", "must be a number"
    yield from _output_faults(body.get("outputs"), classes)
    features = body.get("features")
    if not isinstance(features, list):
        yield "model.features", "give a list"
        return
    for index, feature in enumerate(features):
        yield from _feature_faults(feature, f"model.features[{index}]")


def _output_faults(outputs: Any, classes: list[str]) -> Iterator[Fault]:
    for label in classes:
        terms = outputs.get(label) if isinstance(outputs, Mapping) else None
        if not isinstance(terms, Mapping) or not all(
            isinstance(term, Mapping) and len(term) == 1 and ("const" in term or isinstance(term.get("input"), str))
            for term in terms.values()
        ):
            yield f"model.outputs.{label}", 'say per output field {"const": value} or {"input": field}'


def _feature_faults(feature: Any, path: str) -> Iterator[Fault]:
    if not isinstance(feature, Mapping) or not all(
        isinstance(feature.get(key), str) for key in ("name", "path", "type")
    ):
        yield path, "a feature has name, path and type"
        return
    if feature["path"].partition(".")[0] not in {"input", "proposal"}:
        yield f"{path}.path", "must start with input. or proposal."
    for key in ("missing", "other"):
        if not _points_ok(feature.get(key, 0.0)):
            yield f"{path}.{key}", _POINTS
    points = feature.get("points")
    if feature["type"] == "categorical":
        if not isinstance(points, Mapping) or not all(_points_ok(point) for point in points.values()):
            yield f"{path}.points", f"per value: {_POINTS}"
        return
    edges = feature.get("edges")
    if feature["type"] != "numeric" or not isinstance(edges, list) or not all(_finite(edge) for edge in edges):
        yield path, "must be numeric with edges, or categorical"
    elif any(low >= high for low, high in pairwise(edges)):
        yield f"{path}.edges", "must rise"
    elif not isinstance(points, list) or len(points) != len(edges) + 1 or not all(_points_ok(one) for one in points):
        yield f"{path}.points", f"one more than edges: {_POINTS}"


def _points_ok(value: Any) -> bool:
    return _finite(value) and abs(value) < 1e6 and round(float(value), model.DECIMALS) == float(value)


def _finite(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
