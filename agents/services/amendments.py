"""Telling an agent that people now say something else than they answered."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import transaction

from agents.models import Amendment, Resolution
from agents.selectors import contracts
from agents.services import resolutions
from reviewapp.core import clock, events
from reviewapp.core.errors import Invalid


@transaction.atomic
def amend(
    *, decision_id: UUID, output: Mapping[str, Any] | None, cause: str, reference: str = "", by: events.Actor
) -> Amendment | None:
    """Tell the agent of an answered decision what people say now; `output` None while nothing stands in its place.

    None, and nothing is told, when people gave no answer (the contract's terms did, or none is given yet), or when the agent
    was told the same last. Raises `Missing`, and `Invalid` when the output breaks the contract.
    """
    decision = resolutions.locked(decision_id)
    answer = Resolution.objects.filter(decision=decision, source__in=resolutions.PEOPLE).first()
    if answer is None:
        return None
    last = Amendment.objects.filter(resolution=answer).order_by("-number").first()
    told = last.output if last is not None else answer.output
    plain = dict(output) if output is not None else None
    if told == plain:
        return None
    if plain is not None:
        faults = contracts.by_id(decision.contract_id).spec.output.validate(plain, prefix="output")
        if faults:
            raise Invalid("The answer breaks the agent's contract.", fields=dict(faults))
    made = Amendment.objects.create(
        resolution=answer,
        number=last.number + 1 if last is not None else 1,
        output=plain,
        cause=cause,
        reference=reference,
        told_at=clock.now(),
    )
    events.record(
        "decision.amended",
        subject=("decision", str(decision.pk)),
        actor=by,
        scope=decision.agent.slug,
        data={"amendment": str(made.pk), "number": made.number, "cause": cause, "withdrawn": plain is None},
    )
    return made
