"""Rulings: like escalations that were decided before, what came of them and who decided."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from agents.contracts import fields
from agents.contracts.spec import ContractSpec
from corrections.models import Escalation
from corrections.selectors import shown, similar

# The latest ones are compared in memory: a bound for the page's time, whatever the agent's age.
_LOOK_AT = 100
_DECIDED = ("approved", "rejected", "returned")


@dataclass(frozen=True, slots=True)
class Ruling:
    """A decided escalation: how alike its case is (0 to 1), what was proposed, and what a second person said to it."""

    escalation_id: UUID
    case_ref: str
    likeness: float
    same_change: bool
    decided: str
    proposed: str
    state: str
    decided_by: str
    decided_at: datetime | None
    rationale: str


def like(escalation: Escalation, spec: ContractSpec, *, limit: int) -> list[Ruling]:
    """Return decided escalations of the same agent, those that proposed the same change first, then the most alike.

    Likeness is `similar.likenesses` over the inputs that reviewers see. The caller has checked the right to see the agent.
    """
    found = (
        Escalation.objects.filter(agent_id=escalation.agent_id, approval__state__in=_DECIDED)
        .exclude(pk=escalation.pk)
        .select_related("approval__decided_by", "correction__decision")
        .order_by("-raised_at")[:_LOOK_AT]
    )
    past = list(found)
    paths = [field.path for field in fields.describe(spec.input_schema) if field.sensitivity != "sensitive"]
    own = escalation.correction
    values = [fields.at(own.decision.input, path) for path in paths]
    columns = [[fields.at(one.correction.decision.input, path) for one in past] for path in paths]
    change = (shown.outcome(spec, own.decision.output), shown.outcome(spec, own.output))
    rows = [
        _ruling(one, spec, score, change)
        for one, score in zip(past, similar.likenesses(values, columns, len(past)), strict=True)
    ]
    return sorted(rows, key=lambda row: (not row.same_change, -row.likeness))[:limit]


def _ruling(one: Escalation, spec: ContractSpec, likeness: float, change: tuple[str, str]) -> Ruling:
    correction, approval = one.correction, one.approval
    made = (shown.outcome(spec, correction.decision.output), shown.outcome(spec, correction.output))
    return Ruling(
        escalation_id=one.pk,
        case_ref=correction.decision.case_ref,
        likeness=likeness,
        same_change=made == change,
        decided=made[0],
        proposed=made[1],
        state=approval.state,
        decided_by=approval.decided_by.display_name if approval.decided_by else "",
        decided_at=approval.decided_at,
        rationale=approval.rationale,
    )
