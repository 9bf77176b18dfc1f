"""One decision, from a request's body to its row: whatever asks (HTTP, demo), the same happens."""

import logging
import time
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from agents.contracts.spec import ContractSpec, Failure
from agents.models import Decision
from agents.runtime import autonomy, budget, routing
from agents.runtime import decide as runtime
from agents.runtime.artifact import ArtifactError
from agents.runtime.decide import Case, ModelError, Verdict
from agents.runtime.routing import Arm
from agents.selectors import answers
from agents.selectors.contracts import Published
from agents.selectors.live import Live, Served
from agents.services import decisions
from agents.serving import capacity, features, requests, slots
from agents.serving.features import Fed
from agents.serving.requests import DecisionRequest
from reviewapp.core import clock, ids
from reviewapp.core.errors import Conflict, Missing, Throttled, Unavailable
from reviewapp.core.events import Actor

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision, the agent's slug, and whether this request made it (False: a repeat)."""

    told: Decision | decisions.Draft
    slug: str
    fresh: bool
    by: Actor

    @property
    def row(self) -> Decision:
        """Return the decision's row; built only when asked, because an answer does not need it."""
        return self.told.row(self.by) if isinstance(self.told, decisions.Draft) else self.told

    def answer(self) -> dict[str, Any]:
        """Return the members of the answer."""
        return answers.body(self.told, self.slug)


@dataclass(frozen=True, slots=True)
class _Route:
    """Where a unit falls, and the policy that serves it."""

    arm: Arm
    bucket: int
    served: Served | None


def find(slug: str) -> Live:
    """Return what an agent serves. Raises `Missing` for an unknown agent."""
    live = slots.live(slug)
    if live is None:
        raise Missing(f"There is no agent {slug!r}.", code="agent_unknown")
    return live


def decide(
    *,
    live: Live,
    body: Any,
    idempotency_key: str | None = None,
    key_id: UUID | None = None,
    began: float,
    by: Actor,
) -> Decided:
    """Decide a case and record it.

    `began` is the `time.perf_counter()` at which the request arrived; the contract's latency bound counts from there.
    Raises `Invalid` naming every faulty field, `Conflict` when the idempotency key was used for another body, and
    `Unavailable` while the agent has no contract. When no policy can answer, the contract's failure terms do. With
    `key_id`, raises `decisions.KeyFallen` when that API key does not stand any more.
    """
    request = read(live, body, idempotency_key=idempotency_key)
    # A repeat is told by PostgreSQL when its row is written: asking before would cost every first request a round trip.
    with decisions.coming():
        try:
            draft = judge(live, request, began=began)
        except Throttled:
            # What has its answer already needs no room.
            if request.idempotency_key and (known := answers.find_by_key(live.agent_id, request.idempotency_key)):
                return repeat(known, request, live.slug, by=by)
            raise
        earlier = decisions.record(draft=draft, key_id=key_id, by=by)
    if earlier is not None:
        return repeat(earlier, request, live.slug, by=by)
    return Decided(draft, live.slug, fresh=True, by=by)


def contract_of(live: Live) -> Published:
    """Return the contract an agent decides under. Raises `Unavailable` while it has none."""
    if live.contract is None:
        raise Unavailable("This agent has no contract yet, so nothing can be decided.", code="contract_missing")
    return live.contract


def read(live: Live, body: Any, *, idempotency_key: str | None, key_path: str = requests.HEADER) -> DecisionRequest:
    """Return the request in a body; `key_path` is where its idempotency key stood.

    Raises `Invalid` naming every faulty field, and `Unavailable` while the agent has no contract.
    """
    spec = contract_of(live).spec
    request = requests.read(body, spec, idempotency_key=idempotency_key, key_path=key_path)
    if spec.features:
        features.refuse_sent(spec, body["input"])
    return request


def judge(live: Live, request: DecisionRequest, *, began: float, fed: Fed | None = None) -> decisions.Draft:
    """Return the decision on a request, ready to be recorded. Asks no database, but for the features of what was done
    earlier, which are read as they were known then, and once a second for the backlog of a contract that limits it.

    `fed` is the request's input with its features, when the caller has read those of many requests at once. Raises
    `Throttled` when a person would have to look and the contract's review capacity says to refuse.
    """
    contract = contract_of(live)
    decision_id = ids.uuid7()
    unit = request.unit or str(decision_id)
    route = _route(live, unit)
    if contract.spec.features and fed is None:
        left = contract.spec.latency_ms / 1000 - (time.perf_counter() - began)
        fed = features.feed(contract.spec, request.input, now=clock.now(), done_at=request.done_at, left=left)
    # The audit sample is drawn by what was asked, not by our random id: the same traffic draws the same sample.
    known = fed.input if fed else request.input
    case = Case(known, request.proposal, unit, request.digest, request.mode == "record")
    if fed:
        verdict, arm = answer_fed(route.served, route.arm, contract.spec, case, fed, began=began)
    else:
        verdict, arm = answer(route.served, route.arm, contract.spec, case, began=began)
    if live.fault and route.served is None:
        verdict = replace(verdict, trace={**verdict.trace, "unavailable": live.fault})
    if request.dropped:
        verdict = replace(verdict, trace={**verdict.trace, "dropped": requests.told(request.dropped)})
    verdict, arm = capacity.held(live, contract.spec, verdict, arm, recorded=request.mode == "record")
    return decisions.Draft(
        id=decision_id,
        agent_id=live.agent_id,
        agent_slug=live.slug,
        contract_id=contract.id,
        artifact_digest=route.served.policy.digest if route.served else None,
        policy_version=route.served.version if route.served else None,
        case_ref=request.case_ref,
        unit=unit,
        idempotency_key=request.idempotency_key,
        request_digest=request.digest,
        input=case.input,
        proposal=request.proposal,
        output=verdict.output,
        confidence=verdict.confidence,
        score=verdict.score,
        status=verdict.status,
        reasons=[{"code": reason.code, "text": reason.text} for reason in verdict.reasons],
        trace=verdict.trace,
        arm=arm,
        bucket=route.bucket,
        slot_serial=live.serial,
        propensity=verdict.propensity,
        latency_us=round((time.perf_counter() - began) * 1e6),
        mode=request.mode,
        decided_at=request.done_at or clock.now(),
    )


def repeat(earlier: Decision | decisions.Draft, request: DecisionRequest, slug: str, *, by: Actor) -> Decided:
    """Return the decision an idempotency key has already; raises `Conflict` when it was for another request."""
    if earlier.request_digest == request.digest:
        return Decided(earlier, slug, fresh=False, by=by)
    raise Conflict(
        "This idempotency key was used for another request. Take a new key for a new case.",
        code="idempotency_key_reused",
        fields={"Idempotency-Key": f"It belongs to decision {earlier.pk}."},
        extra={"decision": str(earlier.pk)},
    )


def _route(live: Live, unit: str) -> _Route:
    place = routing.bucket(live.salt, unit)
    if live.canary is not None and routing.arm(place, live.canary_share) == "canary":
        return _Route("canary", place, live.canary)
    return _Route("stable" if live.stable else "fallback", place, live.stable)


def answer(served: Served | None, arm: Arm, spec: ContractSpec, case: Case, *, began: float) -> tuple[Verdict, Arm]:
    """Return the policy's verdict, or what the contract says when there is none, it errs, or it is late."""
    if served is None:
        return _failed(spec.on_unavailable, case, "unavailable", "No policy is live for this agent."), "fallback"
    # What was done already waits for nobody.
    steps = None if case.done else budget.within(spec.latency_ms / 1000 - (time.perf_counter() - began))
    try:
        verdict = runtime.decide(served.policy, spec, case=case, steps=steps)
    except runtime.OutOfSteps as fault:
        text = f"The answer would take longer than the {spec.latency_ms} ms that the contract allows: {fault}."
        return _failed(spec.on_timeout, case, "timeout", text), "fallback"
    except (ModelError, ArtifactError) as fault:
        return _failed(spec.on_error, case, "error", f"The policy could not answer: {fault}."), "fallback"
    faults = spec.output.validate(verdict.output, prefix="output")
    if faults:
        text = f"The policy's answer breaks the contract: {faults[0][0]}: {faults[0][1]}"
        return _failed(spec.on_error, case, "error", text), "fallback"
    spent = (time.perf_counter() - began) * 1000
    if spent > spec.latency_ms and not case.done:
        text = f"The answer took {spent:.0f} ms; the contract allows {spec.latency_ms} ms."
        return _late(spec.on_timeout, verdict, text), "fallback"
    return verdict, arm


def answer_fed(
    served: Served | None, arm: Arm, spec: ContractSpec, case: Case, fed: Fed, *, began: float
) -> tuple[Verdict, Arm]:
    """Return the verdict on a case with features; when some are old, missing or late, as the contract says.

    "review" lets the policy answer with what there is and a person look at it; "deny" and "fallback" answer at once.
    The trace tells what was read and how old it was.
    """
    terms, text = spec.on_stale_features, " ".join(fed.faults)
    if fed.late:
        spent = (time.perf_counter() - began) * 1000
        late = f"Features had not come after {spent:.0f} ms; the contract allows {spec.latency_ms} ms for the answer."
        verdict, arm = _failed(spec.on_timeout, case, "timeout", late), "fallback"
    elif fed.faults and terms.do != "review":
        verdict, arm = _failed(terms, case, "stale_features", text), "fallback"
    else:
        verdict, arm = answer(served, arm, spec, case, began=began)
        if fed.faults:
            verdict = _doubted(terms, case, verdict, text)
    return replace(verdict, trace={**verdict.trace, "features": list(fed.read)}), arm


def _doubted(terms: Failure, case: Case, verdict: Verdict, text: str) -> Verdict:
    """Send a verdict on old or missing features to a person; what asked for more still does."""
    return replace(
        verdict,
        output=verdict.output if case.done or terms.output is None else terms.output,
        status=autonomy.worse(verdict.status, "review"),
        reasons=(*verdict.reasons, runtime.Reason("stale_features", text)),
        propensity=1.0,
    )


def _late(terms: Failure, verdict: Verdict, text: str) -> Verdict:
    """Apply the terms for lateness to a verdict that is there: what asked for a person still does."""
    waits: autonomy.Status = "review" if terms.do == "review" else "auto"
    status = autonomy.worse(verdict.status, waits)
    return replace(
        verdict,
        output=terms.output if terms.output is not None else verdict.output,
        status=status,
        reasons=(*verdict.reasons, runtime.Reason("timeout", text)),
        trace={**verdict.trace, "source": f"contract:{terms.do}"},
        propensity=0.0 if status == "auto" else 1.0,
    )


def _failed(terms: Failure, case: Case, code: str, text: str) -> Verdict:
    """Apply a contract's failure terms: "review" waits for a person, "deny" and "fallback" answer at once."""
    proposed = case.proposal["output"] if case.proposal else None
    output = proposed if case.done or terms.output is None else terms.output
    waits = terms.do == "review"
    return Verdict(
        output=output,
        confidence=0.0,
        score=None,
        status="review" if waits else "auto",
        reasons=(runtime.Reason(code, text),),
        trace={"explanation": None, "source": f"contract:{terms.do}", "rules": [], "autonomy": None},
        propensity=1.0 if waits else 0.0,
    )
