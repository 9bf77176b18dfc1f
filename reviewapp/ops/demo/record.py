"""The demo's feature view: what became of the loans a bank knows already, by purpose.

Counted in the reference cases, which the credit agent's first version was learned from and is judged by; nothing of the
stream or the hold-out is in it. It is told in words: a learner weighs numbers and closed lists, so what people read here
moves no model.
"""

import copy
import dataclasses
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from agents.contracts.features import FeatureUse
from agents.models import Agent
from agents.services import features, ingestion
from reviewapp.core import events
from reviewapp.ops.demo import datasets, splits
from reviewapp.ops.demo.datasets import Example

_YEAR = 365 * 86_400
VIEW: Mapping[str, Any] = {
    "name": "loan-purpose",
    "entity": "purpose",
    "title": "What became of earlier loans for a purpose",
    "owner": "Credit risk",
    "freshness_seconds": _YEAR,
    "features": [{"name": "record", "title": "Earlier loans", "type": "string", "class": "internal"}],
}
USE = FeatureUse(view="loan-purpose", version=1, entity="/input/purpose", prefix="purpose_", required=False)
_FIELD = {
    "type": "string",
    "maxLength": 200,
    "title": "Earlier loans for this purpose",
    "description": "How many loans for the same purpose are known, and how many of them were repaid",
    "x-group": "Request",
    "x-source": datasets.CREDIT_SOURCE,
    "x-class": "internal",
}


def reading(contract: Mapping[str, Any]) -> dict[str, Any]:
    """Return the credit contract with the view it reads, and goes on without while the view is old or missing.

    What is told in words cannot decide, so nobody need wait for it: Redis may be away, or slow on a busy machine.
    """
    changed = copy.deepcopy(dict(contract))
    changed["input_schema"]["properties"][f"{USE.prefix}record"] = _FIELD
    changed["features"] = [dataclasses.asdict(USE)]
    return changed


def sentences(purposes: Iterable[str], cases: Iterable[Example]) -> dict[str, str]:
    """Return what is told of each purpose: how many of the cases are known, and how many were repaid."""
    known: dict[str, list[bool]] = {purpose: [] for purpose in purposes}
    for case in cases:
        known[case.input["purpose"]].append(case.answer["decision"] == "approve")
    return {
        purpose: f"{sum(repaid)} of {len(repaid)} were repaid" if repaid else "none is known"
        for purpose, repaid in known.items()
    }


def publish(agent: Agent, *, now: datetime, by: events.Actor) -> None:
    """Publish the view for the credit agent and take in what is known, as of now.

    This runs inside the seed's transaction. When that is undone, what is in Redis already is written again, under the
    same names, by the start that begins anew.
    """
    split = splits.credit()
    purposes = datasets.contract("credit")["input_schema"]["properties"]["purpose"]["enum"]
    view = features.put(agent=agent, body=dict(VIEW), by=by)
    told = sentences(purposes, [*split.train, *split.evaluate])
    rows = [
        {"entity": purpose, "event_time": now.isoformat(), "values": {"record": words}}
        for purpose, words in told.items()
    ]
    ingestion.ingest(view=view, rows=rows, by=by)
