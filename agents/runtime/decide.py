"""From a case to a verdict: guardrails, learned exceptions, model, autonomy, the contract's review rules.

Nothing here asks a clock or a database, so replaying a case under the same policy and contract gives the same bytes.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from agents.runtime import autonomy, model, review, rules
from agents.runtime.artifact import ArtifactError, Clause, Policy
from agents.runtime.autonomy import Status
from agents.runtime.budget import OutOfSteps
from agents.runtime.bundle import Bundle, bundle
from agents.runtime.model import Case, ModelError
from agents.runtime.review import Contract

__all__ = ["Case", "ModelError", "OutOfSteps", "Program", "Reason", "Verdict", "decide", "program"]


@dataclass(frozen=True, slots=True)
class Reason:
    """Why the status is what it is: the id of a rule or a fixed code, and a sentence."""

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the policy says: `score` is the probability of the positive class, `trace` what was looked at on the way."""

    output: Mapping[str, Any] | None
    confidence: float
    score: float | None
    status: Status
    reasons: tuple[Reason, ...]
    trace: Mapping[str, Any]
    propensity: float

    def content(self) -> dict[str, Any]:
        """Return the verdict as plain JSON values: two replays are the same when these are."""
        return {
            "output": self.output,
            "confidence": self.confidence,
            "score": self.score,
            "status": self.status,
            "reasons": [{"code": reason.code, "text": reason.text} for reason in self.reasons],
            "trace": self.trace,
            "propensity": self.propensity,
        }


@dataclass(frozen=True, slots=True)
class _Answer:
    """An output with the confidence in it, and what it comes from."""

    output: Mapping[str, Any]
    confidence: float
    source: str
    reason: Reason | None = None


@dataclass(frozen=True, slots=True)
class Program:
    """A policy compiled against a contract. `silent` is what the trace says of each clause that did not fire."""

    policy: Policy
    contract: Contract
    binder: rules.Binder
    clauses: tuple[Clause, ...]
    silent: tuple[Mapping[str, Any], ...]
    bundle: Bundle
    scorecard: model.Scorecard | None

    def decide(self, case: Case, steps: int | None = None) -> Verdict:
        """Return the verdict on a case. Raises `ModelError` when the model cannot answer it, and `OutOfSteps`.

        `steps` bounds policy's and contract's rules, each of the two. The model needs no bound: it looks at a fixed
        number of features once.
        """
        log: list[Mapping[str, Any]] = []
        hits, flags = self._clauses(case, log, steps)
        scored = self.scorecard.score(case) if self.scorecard else None
        if case.done:
            answer = self._done(case, scored, hits, flags)
        else:
            answer = _by_clause(hits) or self._by_model(case, scored)
        if answer.reason is not None:
            flags.append((answer.reason, "auto"))
        values = {
            "input": case.input,
            "output": answer.output,
            "confidence": answer.confidence,
            "proposal": case.proposal,
        }
        results = list(review.review_rules(self.contract).results(values, steps))
        log += [_line(rule.id, "contract", rule.text, outcome) for rule, outcome in results]
        flags += [(Reason(rule.id, rule.text), rule.action) for rule in review.fired(results)]
        below = self.policy.autonomy.review_below
        if answer.confidence < below:
            flags.append((Reason("low_confidence", _doubt(answer.confidence, below)), "review"))
        return self._verdict(case, answer, scored, flags, log)

    def _verdict(
        self,
        case: Case,
        answer: _Answer,
        scored: model.Scored | None,
        flags: list[tuple[Reason, Status]],
        log: list[Mapping[str, Any]],
    ) -> Verdict:
        terms = self.policy.autonomy
        status: Status = "auto"
        for _, asked in flags:
            status = autonomy.worse(status, asked)
        drawn = autonomy.sample(decision_id=case.decision_id, rate=terms.sample_rate, flagged=status != "auto")
        if drawn.sampled:
            status = "review"
            flags.append((Reason("sampled", "Chosen by chance, so that sure decisions are checked too."), "review"))
        return Verdict(
            output=answer.output,
            confidence=answer.confidence,
            score=scored.probability if scored else None,
            status=status,
            reasons=tuple(dict.fromkeys(reason for reason, _ in flags)),
            trace={
                "explanation": scored.explanation() if scored else _unscored(case),
                "source": answer.source,
                "rules": log,
                "autonomy": {
                    "review_below": terms.review_below,
                    "override_at": terms.override_at,
                    "sample_rate": terms.sample_rate,
                    "sampled": drawn.sampled,
                    "sample_bucket": drawn.bucket,
                },
            },
            propensity=drawn.propensity,
        )

    def _clauses(
        self, case: Case, log: list[Mapping[str, Any]], steps: int | None
    ) -> tuple[list[Clause], list[tuple[Reason, Status]]]:
        """Evaluate guardrails and exceptions; return those that set the output, in order, and what they flag."""
        hits: list[Clause] = []
        flags: list[tuple[Reason, Status]] = []
        if not self.clauses:
            return hits, flags
        bound = self.binder.bind({"input": case.input, "proposal": case.proposal})
        for clause, silent, outcome in zip(self.clauses, self.silent, self.bundle.evaluate(bound, steps), strict=True):
            if outcome is False:
                log.append(silent)
                continue
            log.append(_line(clause.id, clause.kind, clause.title, outcome))
            if isinstance(outcome, rules.RuleError):
                text = f"The rule {clause.id} could not be told ({outcome.text})."
                flags.append((Reason(clause.id, text), "escalate"))
            elif clause.action == "output":
                hits.append(clause)
            else:
                flags.append((Reason(clause.id, clause.text), "escalate" if clause.action == "escalate" else "review"))
        return hits, flags

    def _by_model(self, case: Case, scored: model.Scored | None) -> _Answer:
        card, proposal = self.scorecard, case.proposal
        if self.contract.mode == "propose":
            if proposal is None:
                raise ModelError("the agent proposed nothing")
            return self._judged(case, proposal, scored)
        if card is None or scored is None:
            raise ModelError("this policy has neither a model nor a rule for the case")
        label, confidence = card.chosen(scored.probability)
        return _Answer(card.answer(label, case), confidence, "model")

    def _done(
        self, case: Case, scored: model.Scored | None, hits: list[Clause], flags: list[tuple[Reason, Status]]
    ) -> _Answer:
        """Judge what the agent did already: a rule that would have answered otherwise asks for a person."""
        if case.proposal is None:
            raise ModelError("the agent did not say what it did")
        card, output, field = self.scorecard, case.proposal["output"], self.contract.action_field
        contrary = [hit for hit in hits if (hit.output or {}).get(field) != output.get(field)]
        flags += [(Reason(hit.id, hit.text), "review") for hit in contrary]
        label = model.category(output.get(field))
        if hits and not contrary:
            confidence = _support(hits[0])
        elif card is not None and scored is not None and label in card.classes:
            confidence = card.confidence_in(label, scored.probability)
        else:
            confidence = float(case.proposal.get("confidence") or 0.0)
        return _Answer(output, confidence, "record")

    def _judged(self, case: Case, proposal: Mapping[str, Any], scored: model.Scored | None) -> _Answer:
        """Judge a proposal: its confidence is the model's probability of the proposed class.

        Without a model, or for a class the model does not know, the agent's own confidence stands (0 if unstated: nobody
        vouches for it). From `override_at` on, the model's own answer replaces the proposal.
        """
        card, output = self.scorecard, proposal["output"]
        label = model.category(output.get(self.contract.action_field))
        if card is None or scored is None or label not in card.classes:
            return _Answer(output, float(proposal.get("confidence") or 0.0), "proposal")
        confidence = card.confidence_in(label, scored.probability)
        override_at = self.policy.autonomy.override_at
        other = card.other(label)
        against = card.confidence_in(other, scored.probability)
        if override_at is not None and against >= override_at:
            text = f"The policy is {_percent(against)} sure of {other} and overrides the agent's {label}."
            return _Answer(card.answer(other, case), against, "override", Reason("overridden", text))
        return _Answer(output, confidence, "proposal")


@lru_cache(maxsize=64)
def program(policy: Policy, contract: Contract) -> Program:
    """Compile a policy against its contract, kept per pair of digests.

    Raises `ArtifactError` when the policy was made for another contract or has a rule that does not compile; `faults`
    names each condition.
    """
    if policy.contract_digest != contract.digest:
        raise ArtifactError("the policy was made for another contract", {"contract.digest": "must be this contract's"})
    scope = review.policy_scope(contract)
    faults: dict[str, str] = {}

    def compiled(clauses: tuple[Clause, ...], key: str) -> list[rules.Rule]:
        made = []
        for index, clause in enumerate(clauses):
            try:
                made.append(rules.compile(clause.when, scope))
            except rules.RuleFault as fault:
                faults[f"{key}[{index}].when"] = str(fault)
        return made

    made = [*compiled(policy.guardrails, "guardrails"), *compiled(policy.exceptions, "exceptions")]
    if faults:
        raise ArtifactError("; ".join(f"{path}: {message}" for path, message in faults.items()), faults)
    properties = contract.input_schema.get("properties", {})
    units = {name: str(prop.get("x-unit", "")) for name, prop in properties.items()}
    card = model.build(policy.model, units=units) if policy.model["kind"] == "scorecard" else None
    clauses = (*policy.guardrails, *policy.exceptions)
    binder = scope.binder(clause.when for clause in clauses)
    silent = tuple(_line(clause.id, clause.kind, clause.title, False) for clause in clauses)
    return Program(policy, contract, binder, clauses, silent, bundle(made, scope), card)


def decide(policy: Policy, contract: Contract, *, case: Case, steps: int | None = None) -> Verdict:
    """Return the verdict of `policy` on `case` under `contract`.

    `steps` is how much work there is time for (`budget.within`); a case that could take more raises `OutOfSteps` before
    any rule is run. Whether it does depends on the case alone, so a replay without a bound gives what was answered.
    Raises `ArtifactError` when they do not fit together and `ModelError` when the model cannot answer the case; the
    contract's failure terms say what is answered then. A rule that errs does not raise: it escalates.
    """
    return program(policy, contract).decide(case, steps)


def _by_clause(hits: list[Clause]) -> _Answer | None:
    """Return the answer of the first rule that sets the output: guardrails come before learned exceptions."""
    if not hits:
        return None
    clause = hits[0]
    return _Answer(clause.output or {}, _support(clause), clause.kind, Reason(clause.id, clause.text))


def _support(clause: Clause) -> float:
    """Return how sure a rule is: a guardrail by decree, a learned exception by its support (rule of succession)."""
    return 1.0 if clause.kind == "guardrail" else round((clause.support + 1) / (clause.support + 2), 6)


def _line(identity: str, kind: str, title: str, outcome: rules.Outcome) -> dict[str, Any]:
    line: dict[str, Any] = {"id": identity, "kind": kind, "title": title}
    if isinstance(outcome, rules.RuleError):
        return {**line, "result": "error", "error": outcome.text}
    return {**line, "result": "true" if outcome else "false"}


def _unscored(case: Case) -> dict[str, Any]:
    stated = (case.proposal or {}).get("confidence")
    return {
        "kind": "none",
        "intercept": 0.0,
        "contributions": [],
        "score": 0.0,
        "probability": stated,
    }


def _doubt(confidence: float, below: float) -> str:
    return f"The confidence of {_percent(confidence)} is below the limit of {_percent(below)}."


def _percent(share: float) -> str:
    # Rounded down, so that a confidence just under its limit does not read like the limit.
    return f"{math.floor(share * 1000 + 1e-9) / 10:g} %"
