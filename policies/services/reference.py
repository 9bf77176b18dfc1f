"""Cases with known answers that come with an agent."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import transaction

from agents.contracts.spec import ContractSpec
from policies.evaluation import replay
from policies.models import ReferenceCase
from policies.selectors import sources
from reviewapp.core import clock, events, ids
from reviewapp.core.errors import Invalid

events.external("reference.added")


@transaction.atomic
def add_cases(*, agent_id: UUID, role: str, cases: Sequence[Mapping[str, Any]], source: str, by: events.Actor) -> int:
    """Add cases for training ("train") or for evaluation ("evaluate"); return how many were new.

    A case has `input`, `output`, and `proposal` where the agent proposes; it is checked against the agent's contract.
    A case that is there already, in either role, stays as it is. Raises `Missing` and `Invalid` with the first fault's
    place, in which case none is added.
    """
    if role not in ReferenceCase.Role.values:
        raise Invalid("Say what the cases are for.", fields={"role": "Use train or evaluate."})
    if not source.strip():
        raise Invalid("Say where the cases come from.", fields={"source": "Name the source and its licence."})
    agent = sources.agent(agent_id)
    contract = sources.contract(agent_id)
    now = clock.now()
    rows = []
    for at, case in enumerate(cases):
        faults = _faults(case, contract)
        if faults:
            path, message = faults[0]
            raise Invalid("A case does not fit the contract.", fields={f"cases[{at}].{path}": message})
        proposal = case.get("proposal")
        rows.append(
            ReferenceCase(
                id=ids.uuid7(),
                agent_id=agent_id,
                role=role,
                input=case["input"],
                proposal=proposal,
                output=case["output"],
                label=replay.label_of(case["output"], contract),
                source=source,
                digest=ids.digest({"input": case["input"], "proposal": proposal, "output": case["output"]}),
                created_at=now,
            )
        )
    known = set(ReferenceCase.objects.filter(agent_id=agent_id).values_list("digest", flat=True))
    fresh = list({row.digest: row for row in rows if row.digest not in known}.values())
    ReferenceCase.objects.bulk_create(fresh)
    if fresh:
        events.record(
            "reference.added",
            subject=("agent", str(agent_id)),
            actor=by,
            scope=agent.slug,
            data={"role": role, "cases": len(fresh), "source": source},
        )
    return len(fresh)


def _faults(case: Mapping[str, Any], contract: ContractSpec) -> list[tuple[str, str]]:
    found = contract.input.validate(case.get("input"), prefix="input")
    found += contract.output.validate(case.get("output"), prefix="output")
    if contract.mode == "propose" or case.get("proposal") is not None:
        found += contract.check_proposal(case.get("proposal"))
    return found
