"""From corrections to one authoritative consensus per decision."""

from uuid import UUID

from django.db import transaction
from django.db.models import Max

from agents.contracts.spec import ContractSpec
from agents.selectors import contracts, facts
from agents.services import amendments, resolutions, timeouts
from corrections.models import Consensus, Correction, Task
from corrections.rules import consensus as rules
from corrections.selectors import shown
from corrections.services import seats
from reviewapp.core import clock, events
from reviewapp.core.errors import Conflict
from reviewapp.core.events import live

events.external("consensus.retired")


@transaction.atomic
def aggregate(*, decision_id: UUID, by: events.Actor) -> Consensus | None:
    """Work out what people say about a decision, and write it when it is settled; return the authoritative consensus.

    Idempotent: running twice, or two at once, changes nothing more. While seats or escalations are open nothing is
    written; a dispute opens one adjudication task. The waiting agent gets the
    consensus, or what its contract declares when nobody could tell.
    """
    _serialise(decision_id)
    earlier = Consensus.objects.filter(decision_id=decision_id, authoritative=True).first()
    if earlier is not None:
        return earlier
    return _form(decision_id, revision=_next_revision(decision_id), by=by)


@transaction.atomic
def reform(*, decision_id: UUID, cause: str, by: events.Actor) -> Consensus | None:
    """Form the consensus on a decision anew, because a judgement counts no more (`cause`: "recalled" or "quarantined") or again.

    Idempotent. What stood is retired and kept; what the others say takes its place, as the next revision, or the case is open
    again when nobody is left. The agent is told when that is not what it was told last.
    """
    _serialise(decision_id)
    stood = Consensus.objects.filter(decision_id=decision_id, authoritative=True).first()
    _open_again(decision_id, stood, by)
    if stood is None:
        return _form(decision_id, revision=_next_revision(decision_id), by=by)
    decision = facts.of_decision(decision_id)
    outcome, _ = _settled(decision, contracts.by_id(decision.contract_id).spec, _said(decision_id))
    if outcome is not None and _is_same(stood, outcome):
        return stood
    Consensus.objects.filter(pk=stood.pk).update(authoritative=False)
    events.record(
        "consensus.retired",
        subject=("decision", str(decision_id)),
        actor=by,
        scope=decision.agent_slug,
        data={"consensus": str(stood.pk), "agent": decision.agent_slug, "cause": cause},
    )
    row = _form(decision_id, revision=stood.revision + 1, by=by)
    if row is None or row.output is None:
        amendments.amend(decision_id=decision_id, output=None, cause=cause, reference=f"consensus:{stood.pk}", by=by)
    return row


def _form(decision_id: UUID, *, revision: int, by: events.Actor) -> Consensus | None:
    """Write what people say when it is settled; the caller holds the lock, and there is no authoritative consensus."""
    decision = facts.of_decision(decision_id)
    spec = contracts.by_id(decision.contract_id).spec
    said = _said(decision_id)
    outcome, counted = _settled(decision, spec, said)
    if outcome is None:
        return None
    if outcome.state == "disputed":
        seats.open_adjudication(decision_id=decision_id, why=_cause(outcome.method, counted, spec), by=by)
        return None
    if outcome.state == "ask_more":
        seats.open_more(decision_id=decision_id, by=by)
    if outcome.state in {"ask_more", "waiting"}:
        return None
    row = _write(decision, outcome, spec.action_field, revision, by)
    seats.cancel_all(decision_id=decision_id, by=by)
    if row.output is not None:
        _answer(row, counted, by)
    else:
        timeouts.give_up(decision_id=row.decision_id, reference=f"consensus:{row.pk}", by=by)
    if revision > 1 and row.output is not None:
        reference = f"consensus:{row.pk}"
        amendments.amend(decision_id=decision_id, output=row.output, cause="settled", reference=reference, by=by)
    live.push(f"decision.{row.decision_id}", {"decision": str(row.decision_id)})
    return row


def _said(decision_id: UUID) -> list[Correction]:
    """Return what people say of a decision and have neither undone nor recalled, in its order."""
    rows = Correction.objects.filter(decision_id=decision_id, undone__isnull=True, recalled__isnull=True)
    return list(rows.select_related("task", "author", "escalation__approval").order_by("submitted_at", "id"))


def _settled(
    decision: facts.Facts, spec: ContractSpec, said: list[Correction]
) -> tuple[rules.Outcome | None, list[Correction]]:
    """Return what the corrections that count amount to, with those; None while one of them may still change."""
    if any(_approval(correction) == "pending" for correction in said):
        return None, []
    now = clock.now()
    if any(correction.held_until is not None and correction.held_until > now for correction in said):
        # Its author may still undo it. When the hold ends its own event comes, and this is done again.
        return None, []
    counted = [correction for correction in said if _approval(correction) in {"", "approved"}]
    outcome = rules.settle(
        [_opinion(correction) for correction in counted],
        seats_open=Task.objects.filter(decision_id=decision.id, state=Task.State.OPEN, kind=Task.Kind.REVIEW).count(),
        action_field=spec.action_field,
        classes=max(len(spec.actions), 2),
        more=_more(decision.id),
    )
    return outcome, counted


def _more(decision_id: UUID) -> int | None:
    """Return how many more reviewers may be asked about a decision when they disagree; None where its queue asks no more."""
    rows = Task.objects.filter(decision_id=decision_id, kind=Task.Kind.REVIEW)
    asked = rows.order_by("seat", "round").values_list("queue__most_seats", flat=True).first()
    if not asked:
        return None
    return max(0, asked - (rows.aggregate(last=Max("seat"))["last"] or 0))


def _is_same(stood: Consensus, outcome: rules.Outcome) -> bool:
    output = dict(outcome.output) if outcome.output is not None else None
    carried = [UUID(opinion) for opinion in outcome.opinions]
    return (stood.state, stood.output, stood.corrections, stood.confidence) == (
        outcome.state,
        output,
        carried,
        outcome.confidence,
    )


def _next_revision(decision_id: UUID) -> int:
    last = Consensus.objects.filter(decision_id=decision_id).aggregate(last=Max("revision"))["last"]
    return (last or 0) + 1


def _open_again(decision_id: UUID, stood: Consensus | None, by: events.Actor) -> None:
    """Open the seats whose judgement was recalled, unless what others said of a settled case stands without it."""
    recalled = Correction.objects.filter(decision_id=decision_id, recalled__isnull=False).select_related("task")
    left = [one for one in _said(decision_id) if _approval(one) in {"", "approved"} and one.output is not None]
    for correction in recalled:
        senior = correction.task.kind == Task.Kind.ADJUDICATION
        if senior or not left or stood is None:
            seats.reopen(correction=correction, reserved_for=None, note="", by=by, recalled=True)


def _write(
    decision: facts.Facts, outcome: rules.Outcome, action_field: str, revision: int, by: events.Actor
) -> Consensus:
    output = dict(outcome.output) if outcome.output is not None else None
    label = str(output.get(action_field, "")) if output is not None else ""
    row = Consensus.objects.create(
        decision_id=decision.id,
        agent_id=decision.agent_id,
        revision=revision,
        state=outcome.state,
        output=output,
        label=label[:120],
        confidence=outcome.confidence,
        method=outcome.method,
        changed=output is not None and output != decision.output,
        corrections=[UUID(opinion) for opinion in outcome.opinions],
        formed_at=clock.now(),
    )
    events.record(
        "consensus.formed",
        subject=("decision", str(decision.id)),
        actor=by,
        scope=decision.agent_slug,
        data={
            "consensus": str(row.pk),
            "agent": decision.agent_slug,
            "agent_id": str(decision.agent_id),
            "state": row.state,
            "label": row.label,
            "changed": row.changed,
            "method": row.method,
            **({"revision": revision} if revision > 1 else {}),
        },
    )
    return row


def _answer(row: Consensus, counted: list[Correction], by: events.Actor) -> None:
    carrying = [correction for correction in counted if correction.pk in row.corrections]
    if any(_approval(correction) == "approved" for correction in carrying):
        source = "escalation"
    else:
        source = "adjudication" if row.method == "adjudication" else "review"
    try:
        resolutions.resolve(
            decision_id=row.decision_id,
            output=row.output or {},
            source=source,
            reference=f"consensus:{row.pk}",
            by=by,
        )
    except Conflict as fault:
        # The contract answered first, because the review was overdue: what people say is still learned from.
        if fault.code != "resolved":
            raise


def _serialise(decision_id: UUID) -> None:
    # The decision's tasks are the lock: whoever submits the last seat and whoever decides the escalation may meet here.
    list(Task.objects.select_for_update().filter(decision_id=decision_id).order_by("id").values_list("pk", flat=True))


def _approval(correction: Correction) -> str:
    escalation = getattr(correction, "escalation", None)
    return str(escalation.approval.state) if escalation is not None else ""


def _cause(code: str, counted: list[Correction], spec: ContractSpec) -> dict[str, str]:
    """Return why a senior is asked, in words; who said what stands beside it in the workbench."""
    actions = [shown.outcome(spec, correction.output) for correction in counted if correction.output is not None]
    words = {
        "disagreement": f"Reviewers disagree: {', '.join(dict.fromkeys(actions))}.",
        "escalated": "A reviewer passed this on.",
        "cannot_tell": "A reviewer could not tell.",
    }
    return {"code": code, "text": words[code]}


def _opinion(correction: Correction) -> rules.Opinion:
    return rules.Opinion(
        id=str(correction.pk),
        digest=correction.digest,
        verdict=correction.verdict,
        output=correction.output,
        senior=correction.task.kind == Task.Kind.ADJUDICATION,
    )
