"""The contract of an agent: what goes in, what comes out, how fast, what happens on failure, and when people look."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

from agents.contracts import features, fields, outcomes, proof, reading, terms
from agents.contracts.faults import Fault, SpecError
from agents.contracts.features import FeatureUse
from agents.contracts.outcomes import Kpi
from agents.contracts.proof import Attachments
from agents.contracts.reading import FAILURES, VERDICTS
from agents.contracts.schema import Schema, ordered_copy
from agents.contracts.terms import Capacity, Risk
from reviewapp.core import ids

Mode = Literal["decide", "propose"]
Action = Literal["review", "escalate"]

__all__ = ["FAILURES", "VERDICTS", "Action", "ContractSpec", "Failure", "Mode", "ReasonCode", "ReviewRule", "SpecError"]


@dataclass(frozen=True, slots=True)
class ReviewRule:
    """When `when` (CEL) is true, a person looks ("review") or a risk officer does ("escalate"); `text` says why."""

    id: str
    when: str
    action: Action
    text: str


@dataclass(frozen=True, slots=True)
class ReasonCode:
    """A reason a reviewer may give, and the verdicts it fits."""

    code: str
    title: str
    verdicts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Failure:
    """What the agent is answered when no policy could: "review" waits for a person, "deny" and "fallback" answer."""

    do: Literal["review", "deny", "fallback"]
    output: Mapping[str, Any] | None


@dataclass(frozen=True)
class ContractSpec:
    """One version of a contract. Equal digests mean equal contracts."""

    agent: str
    version: int
    title: str
    mode: Mode
    input_schema: Mapping[str, Any]
    output_schema: Mapping[str, Any]
    action_field: str
    latency_ms: int
    on_error: Failure
    on_timeout: Failure
    on_unavailable: Failure
    on_stale_features: Failure
    features: tuple[FeatureUse, ...]
    outcome_schema: Mapping[str, Any] | None
    kpis: tuple[Kpi, ...]
    review_rules: tuple[ReviewRule, ...]
    escalation_rules: tuple[ReviewRule, ...]
    reason_codes: tuple[ReasonCode, ...]
    min_justification: int
    min_evidence: int
    attachments: Attachments
    title_template: str
    review_minutes: int
    drops_unknown: bool
    capacity: Capacity | None
    risk_tier: str
    risks: tuple[Risk, ...]
    body: Mapping[str, Any]
    digest: str

    @classmethod
    def parse(cls, body: Any) -> "ContractSpec":
        """Read a contract document; raises `SpecError` with every fault by dotted path.

        The properties of both schemas get an `x-order`, so the digest covers the order in which people see them.
        """
        faults = reading.faults_of(body)
        if faults:
            raise SpecError(faults)
        complete = terms.without_silent({**reading.DEFAULTS, **body}, {**terms.SILENT, **proof.SILENT})
        complete["input_schema"] = ordered_copy(body["input_schema"])
        complete["output_schema"] = ordered_copy(body["output_schema"])
        complete["failure"] = {**reading.DEFAULTS["failure"], **body.get("failure", {})}
        if not complete.get("features"):
            # None named and an empty list are one contract, with one digest.
            complete.pop("features", None)
        if "outcome_schema" in complete:
            complete["outcome_schema"] = ordered_copy(body["outcome_schema"])
        failures = {on: Failure(term["do"], term.get("output")) for on, term in complete["failure"].items()}
        return cls(
            agent=body["agent"],
            version=body["version"],
            title=body["title"],
            mode=body["mode"],
            input_schema=complete["input_schema"],
            output_schema=complete["output_schema"],
            action_field=body["action_field"],
            latency_ms=complete["latency_ms"],
            on_error=failures["on_error"],
            on_timeout=failures["on_timeout"],
            on_unavailable=failures["on_unavailable"],
            on_stale_features=failures.get(reading.ON_STALE, Failure("review", None)),
            features=features.parse(complete.get("features", ())),
            outcome_schema=complete.get("outcome_schema"),
            kpis=outcomes.parse(complete.get("kpis", ())),
            review_rules=tuple(_rule(rule) for rule in complete["review_rules"]),
            escalation_rules=tuple(_rule(rule) for rule in complete["escalation_rules"]),
            reason_codes=tuple(
                ReasonCode(code["code"], code["title"], tuple(code.get("verdicts", VERDICTS)))
                for code in complete["reason_codes"]
            ),
            min_justification=complete["min_justification"],
            min_evidence=complete.get("min_evidence", 0),
            attachments=proof.attachments(complete),
            title_template=complete["title_template"],
            review_minutes=complete["review_minutes"],
            drops_unknown=complete.get("unknown_fields") == "drop",
            capacity=terms.capacity(complete),
            risk_tier=complete.get("risk_tier", ""),
            risks=terms.risks(complete),
            body=complete,
            digest=ids.digest(complete),
        )

    def __hash__(self) -> int:
        """Hash by content, so that a compiled form can be kept per contract."""
        return hash(self.digest)

    def __eq__(self, other: object) -> bool:
        """Compare by content."""
        return isinstance(other, ContractSpec) and other.digest == self.digest

    @cached_property
    def input(self) -> Schema:
        """Return the compiled input schema."""
        return Schema(self.input_schema)

    @cached_property
    def output(self) -> Schema:
        """Return the compiled output schema."""
        return Schema(self.output_schema)

    @cached_property
    def outcome(self) -> Schema | None:
        """Return the compiled schema of what became of a case, None when the contract takes no outcomes."""
        return Schema(self.outcome_schema) if self.outcome_schema is not None else None

    @property
    def actions(self) -> tuple[Any, ...]:
        """Return the values the action field may take; empty when the schema does not list them."""
        return fields.constants(
            fields.resolved(self.output_schema, self.output_schema["properties"][self.action_field])
        )

    def reasons_for(self, verdict: str) -> tuple[ReasonCode, ...]:
        """Return the reason codes that fit a verdict."""
        return tuple(reason for reason in self.reason_codes if verdict in reason.verdicts)

    def case_title(self, document: Mapping[str, Any]) -> str:
        """Return the one line that names a case in queues: the title template filled from its input."""
        if not self.title_template:
            return self.title
        return fields.fill(self.title_template, document)

    def check_proposal(self, proposal: Any, *, prefix: str = "proposal") -> list[Fault]:
        """Return the faults of an agent's proposal: its output against the contract, its confidence and its words."""
        return reading.proposal_faults(proposal, self.output, required=self.mode == "propose", prefix=prefix)


def _rule(body: Mapping[str, Any]) -> ReviewRule:
    return ReviewRule(body["id"], body["when"], body.get("action", "escalate"), body["text"])
