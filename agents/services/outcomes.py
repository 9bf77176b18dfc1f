"""Taking in what became of decided cases."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction

from agents.models import Decision, Outcome
from agents.runtime import kpis
from agents.selectors import answers, contracts, outcomes
from agents.selectors.contracts import Published
from reviewapp.core import clock, events, ids
from reviewapp.core.errors import Conflict, Invalid

events.external("decision.outcome_recorded")

# How far the teller's clock may run ahead of ours.
_SKEW = timedelta(seconds=60)


def record(*, decision: Decision, outcome: Any, observed_at: datetime, by: events.Actor) -> tuple[Outcome, bool]:
    """Record what was observed of a case, with the contract's business figures; return (row, is new).

    Several may come over time: the newest `observed_at` counts. The same again returns the first. The outcome is typed
    by the decision's contract, or by the agent's newest when that one takes none yet. Raises `Invalid` naming every
    faulty path, and `Conflict` when no contract takes outcomes.
    """
    contract = _contract(decision)
    body, faults = _checked(contract, outcome)
    if observed_at > clock.now() + _SKEW:
        faults["observed_at"] = "This lies in the future. Say when it was observed."
    if faults:
        raise Invalid("The outcome cannot be recorded.", fields=faults)
    digest = ids.digest({"outcome": body, "observed_at": observed_at.isoformat()})
    try:
        with transaction.atomic():
            return _write(decision, contract, body, digest, observed_at, by), True
    except IntegrityError:
        first = outcomes.by_digest(decision.pk, digest)
        if first is None:
            raise
        return first, False


def _contract(decision: Decision) -> Published:
    for found in (contracts.by_id(decision.contract_id), contracts.latest(decision.agent_id)):
        if found is not None and found.spec.outcome is not None:
            return found
    raise Conflict(
        "This agent's contract takes no outcomes. Publish one that says by outcome_schema what an outcome looks like.",
        code="outcome_untyped",
    )


def _checked(contract: Published, outcome: Any) -> tuple[Mapping[str, Any], dict[str, str]]:
    schema = contract.spec.outcome
    if schema is None or not isinstance(outcome, Mapping):
        return {}, {"outcome": "Send an object with what was observed."}
    faults: dict[str, str] = {}
    for path, message in schema.validate(outcome, prefix="outcome"):
        faults.setdefault(path, message)
    return (outcome if faults else schema.with_defaults(outcome)), faults


def _write(
    decision: Decision,
    contract: Published,
    body: Mapping[str, Any],
    digest: str,
    observed_at: datetime,
    by: events.Actor,
) -> Outcome:
    # What the case came to in the end is what its outcome speaks of, whoever answered.
    final = answers.resolution_of(decision, answers.resolution_row(decision.pk))
    row = Outcome.objects.create(
        id=ids.uuid7(),
        agent_id=decision.agent_id,
        decision=decision,
        contract_id=contract.id,
        body=dict(body),
        values=kpis.values(
            contract.spec, input=decision.input, output=final["output"] if final else decision.output, outcome=body
        ),
        digest=digest,
        observed_at=observed_at,
        recorded_at=clock.now(),
        recorded_by_kind=by.kind,
        recorded_by=by.id,
        recorded_by_label=by.label,
    )
    events.record(
        "decision.outcome_recorded",
        subject=("decision", str(decision.pk)),
        actor=by,
        scope=contract.spec.agent,
        data={"outcome": str(row.pk), "observed_at": observed_at.isoformat(), "figures": sorted(row.values)},
    )
    return row
