"""Between the review form and the service: what was posted, what is shown again."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.http import QueryDict

from corrections.selectors import escalations
from corrections.selectors.workbench import Case
from reviewapp.core.web import schema_form

VERDICTS = (
    ("agree", "Agree", "a", "check"),
    ("correct", "Correct", "c", "pen-line"),
    ("cannot_tell", "Can’t tell", "u", "circle-help"),
    ("escalate", "Escalate", "e", "scale"),
)
SURENESS = ((1, "Guess"), (2, "Unsure"), (3, "Fairly"), (4, "Sure"), (5, "Certain"))


@dataclass(frozen=True, slots=True)
class Form:
    """The review form as the template shows it."""

    verdict: str
    controls: tuple[schema_form.Control, ...]
    changes: list[escalations.Change]
    reasons: list[tuple[str, str]]
    reason_code: str
    justification: str
    evidence: list[tuple[str, str]]
    confidence: int | None
    time_spent_ms: int
    errors: dict[str, str] = field(default_factory=dict)

    @property
    def needs_words(self) -> bool:
        """Say whether the verdict needs a justification."""
        return self.verdict != "agree"


def body(posted: QueryDict, case: Case) -> dict[str, Any]:
    """Return what was posted as the service and the draft take it."""
    verdict = posted.get("verdict", "")
    sure = posted.get("confidence", "")
    spent = posted.get("time_spent_ms", "0")
    return {
        "verdict": verdict,
        "output": schema_form.parse(case.spec.output_schema, posted) if verdict == "correct" else None,
        "reason_code": posted.get("reason_code", ""),
        "justification": posted.get("justification", ""),
        "evidence": posted.getlist("evidence"),
        "confidence": int(sure) if sure.isdigit() else None,
        "time_spent_ms": min(int(spent), 86_400_000) if spent.isdigit() else 0,
    }


def form(
    case: Case, entered: Mapping[str, Any], *, posted: QueryDict | None = None, errors: Mapping[str, str] | None = None
) -> Form:
    """Return the form filled from what was entered (a draft, or what was just posted), with errors at their fields."""
    verdict = str(entered.get("verdict") or "")
    output = entered.get("output") if isinstance(entered.get("output"), Mapping) else None
    start = output if output is not None else case.decision.output
    titles = {one.pointer: one.title for _, listed in case.groups for one in listed}
    spec = case.spec
    use_posted = (
        posted
        if posted is not None and verdict == "correct" and any(key.startswith("output.") for key in posted)
        else None
    )
    return Form(
        verdict=verdict,
        controls=schema_form.build(spec.output_schema, value=start, posted=use_posted, errors=errors)
        if verdict == "correct"
        else (),
        changes=escalations.changes(spec, case.decision.output, dict(output))
        if verdict == "correct" and output is not None
        else [],
        reasons=[(reason.code, reason.title) for reason in spec.reasons_for(verdict)] if verdict else [],
        reason_code=str(entered.get("reason_code") or ""),
        justification=str(entered.get("justification") or ""),
        evidence=[(pointer, titles.get(pointer, pointer)) for pointer in entered.get("evidence") or []],
        confidence=entered.get("confidence"),
        time_spent_ms=int(entered.get("time_spent_ms") or 0),
        errors=dict(errors or {}),
    )
