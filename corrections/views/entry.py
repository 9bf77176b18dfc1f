"""Between the review form and the service: what was posted, what is shown again."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.http import QueryDict

from agents.contracts.spec import ContractSpec
from corrections.rules import files, fitting, verdicts
from corrections.selectors import diff, workbench
from corrections.selectors.taken import Taken
from corrections.selectors.workbench import Case
from corrections.services import attachments
from reviewapp.core import schemas
from reviewapp.core.web import schema_form

# Verdict, word on the radio, what the submit button says, key, icon.
VERDICTS = (
    ("agree", "Agree", "Submit agreement", "a", "check"),
    ("correct", "Correct", "Submit correction", "c", "pen-line"),
    ("cannot_tell", "Can’t tell", "Submit, pass it on", "u", "circle-help"),
    ("escalate", "Escalate", "Submit escalation", "e", "scale"),
)
SURENESS = ((1, "Guess"), (2, "Unsure"), (3, "Fairly"), (4, "Sure"), (5, "Certain"))
_DAY_MS = 86_400_000


@dataclass(frozen=True, slots=True)
class Form:
    """The review form as the template shows it."""

    verdict: str
    controls: tuple[schema_form.Control, ...]
    changes: list[diff.Change]
    second_person: list[str]
    reasons: list[tuple[str, str]]
    reason_needed: bool
    follows: str
    reason_code: str
    justification: str
    evidence: list[tuple[str, str]]
    confidence: int | None
    time_spent_ms: int
    errors: dict[str, str] = field(default_factory=dict)
    left: list[fitting.Left] = field(default_factory=list)
    carried: bool = False
    moved_from: int | None = None
    fits: list[str] = field(default_factory=list)
    unfit: list[tuple[str, str]] = field(default_factory=list)

    @property
    def asks(self) -> str:
        """Return what the justification should tell, beyond being one."""
        return {"cannot_tell": "what is missing", "escalate": "why somebody else must decide"}.get(self.verdict, "")

    @property
    def needs_words(self) -> bool:
        """Say whether the verdict needs a justification."""
        return self.verdict != "agree"

    @property
    def action(self) -> str:
        """Return what the submit button says."""
        return next((words for code, _, words, _, _ in VERDICTS if code == self.verdict), "Submit review")

    @property
    def cited(self) -> set[str]:
        """Return the pointers of the evidence."""
        return {pointer for pointer, _ in self.evidence}

    @property
    def problems(self) -> list[tuple[str, str]]:
        """Return (element id, sentence) of every error, for the summary."""
        titles = {control.path: control.title for control in _flat(self.controls)}
        return [
            (_anchor(path, self.unsaid), f"{titles[path]}: {text}" if path in titles else text)
            for path, text in self.errors.items()
        ]

    @property
    def file_faults(self) -> list[str]:
        """Return what is wrong with the files."""
        return [text for path, text in self.errors.items() if path.startswith("attachments")]

    @property
    def unsaid(self) -> dict[str, str]:
        """Return the errors that no field of the form shows."""
        told = ("verdict", "output", "reason_code", "justification", "confidence", "attachments")
        return {path: text for path, text in self.errors.items() if not path.startswith(told)}


def body(posted: QueryDict, case: Case | Taken) -> dict[str, Any]:
    """Return what was posted as the service and the draft take it.

    The output that was typed is kept while another verdict hides its fields.
    """
    sure = posted.get("confidence", "")
    spent = posted.get("time_spent_ms", "")
    shown = "output_shown" in posted
    # Without script evidence is ticked in a list; with it, chips carry the pointers.
    cited = posted.getlist("cited" if "cited_shown" in posted else "evidence")
    return {
        "verdict": posted.get("verdict", ""),
        "output": _output(posted, case) if shown else case.draft.get("output"),
        "reason_code": posted.get("reason_code", ""),
        "justification": posted.get("justification", ""),
        "evidence": list(dict.fromkeys(cited)),
        "confidence": int(sure) if sure in {"1", "2", "3", "4", "5"} else None,
        "time_spent_ms": min(int(spent), _DAY_MS) if spent.isdecimal() else 0,
        "attachments": list(dict.fromkeys(posted.getlist("attachment"))),
    }


def _output(posted: QueryDict, case: Case | Taken) -> dict[str, Any]:
    """Return the output that was entered, with what the agent answered in fields that the contract allows unnamed."""
    schema = case.spec.output_schema
    plain = schemas.resolved(schema, schema)
    held = case.decision.output if isinstance(case.decision.output, Mapping) else {}
    unnamed = set(held) - set(plain["properties"]) if schemas.is_open(schema, plain) else set()
    return {**{name: held[name] for name in held if name in unnamed}, **schema_form.parse(schema, posted)}


def draft(entered: Mapping[str, Any], case: Case | Taken, posted: QueryDict) -> dict[str, Any]:
    """Return what was entered as a draft of this case: with the contract it was entered for, and with all that has no
    place in this case's form, be it from the draft before or from a form that was drawn for another version.
    """
    written = version(posted)
    left = fitting.left_over(case.draft, case.spec) if case.draft else []
    if written not in (None, case.spec.version):
        drawn = {one.name for one in _flat(schema_form.build(case.spec.output_schema, posted=posted))}
        strays = {name: values for name, values in posted.lists() if name.startswith("output.") and name not in drawn}
        left += [
            fitting.Left(name, ", ".join(values))
            for name, values in strays.items()
            if any(values) and not {"~", "@"} & set(name)
        ]
    kept = {"left_over": [{"path": one.path, "text": one.text} for one in dict.fromkeys(left)]} if left else {}
    return {**entered, "contract_version": case.spec.version if written is None else written, **kept}


def takes(spec: ContractSpec) -> dict[str, Any]:
    """Return which files the contract takes, as the template says it: how many, how large, which kinds and endings."""
    allowed = spec.attachments
    limit = min(allowed.max_kb * 1024, settings.ATTACHMENT_MAX_BYTES)
    return {
        "most_files": allowed.most,
        "file_limit": attachments.words_of(limit),
        "file_kinds": ", ".join(files.title(kind) for kind in allowed.kinds),
        "file_endings": files.endings(allowed.kinds),
    }


def version(posted: QueryDict) -> int | None:
    """Return the version of the contract that a form was drawn for, None where it does not say."""
    text = posted.get("contract_version", "")
    return int(text) if text.isdecimal() and len(text) < 10 else None


def token(posted: QueryDict) -> int:
    """Return the fencing token of a form; -1, which never fits, for what is none."""
    text = posted.get("token", "")
    return int(text) if text.isdecimal() and len(text) < 19 else -1


def form(
    case: Case, entered: Mapping[str, Any], *, posted: QueryDict | None = None, errors: Mapping[str, str] | None = None
) -> Form:
    """Return the form filled from what was entered (a draft, or what was just posted), with errors at their fields."""
    spec = case.spec
    # Of a sealed case there is nothing to agree with yet: they say what they would answer.
    verdict = "correct" if case.sealed else str(entered.get("verdict") or "")
    correcting = verdict == "correct"
    output = entered.get("output") if isinstance(entered.get("output"), Mapping) else None
    start = dict(output) if output is not None else case.decision.output
    told = {schema_form.dotted(path): _for_people(path, text) for path, text in (errors or {}).items()}
    titles = {one.pointer: one.title for _, listed in case.groups for one in listed}
    held = case.draft
    written = held.get("contract_version")
    moved_from = written if isinstance(written, int) and written != spec.version else None
    left = fitting.left_over(held, spec) if held else []
    fits, unfit = _standing(spec, output) if left or moved_from else ([], [])
    typed = posted if posted is not None and "output_shown" in posted else None
    return Form(
        verdict=verdict,
        controls=schema_form.build(spec.output_schema, value=start, posted=typed, errors=told) if correcting else (),
        changes=diff.changes(spec, case.decision.output, start) if correcting and not case.sealed else [],
        second_person=workbench.second_person(case, start) if correcting else [],
        reasons=[(reason.code, reason.title) for reason in verdicts.offered(spec, verdict)],
        reason_needed=verdict != "agree" and bool(spec.reasons_for(verdict)),
        follows=_follows(case, verdict),
        reason_code=str(entered.get("reason_code") or ""),
        justification=str(entered.get("justification") or ""),
        evidence=[(str(pointer), titles.get(str(pointer), str(pointer))) for pointer in entered.get("evidence") or ()],
        confidence=entered.get("confidence"),
        time_spent_ms=int(entered.get("time_spent_ms") or 0),
        errors=told,
        left=left,
        carried=written == spec.version and bool(held.get("left_over")),
        moved_from=moved_from,
        fits=fits,
        unfit=unfit,
    )


def _follows(case: Case, verdict: str) -> str:
    """Return what happens next when a case is passed on."""
    if verdict not in verdicts.USUAL:
        return ""
    if case.kind == "adjudication":
        return (
            "Nobody is asked after you: the agent gets what its contract declares for a case without an answer, and"
            " nothing is learned from it."
        )
    whom = f"A senior reviewer of {case.decision.agent_name} gets the case next, with your reason and your words."
    return f"{whom} The agent waits until then, or until its contract ends the waiting."


def _standing(spec: ContractSpec, output: Mapping[str, Any] | None) -> tuple[list[str], list[tuple[str, str]]]:
    """Return the titles of a draft's fields that fit a contract, and (title, fault) of those that need a look."""
    faults = dict(spec.output.validate(dict(output), prefix="output")) if output else {}
    members = schemas.resolved(spec.output_schema, spec.output_schema)["properties"]
    fits, unfit = [], []
    for name in (one for one in members if output is not None and one in output):
        title = str(schemas.resolved(spec.output_schema, members[name]).get("title") or name)
        wrong = [text for path, text in faults.items() if re.match(rf"output\.{re.escape(name)}(?![^.\[])", path)]
        if wrong:
            unfit.append((title, _for_people(f"output.{name}", wrong[0])))
        else:
            fits.append(title)
    return fits, unfit


def _for_people(path: str, text: str) -> str:
    """Return a sentence of the validator, which speaks to programs, as somebody at a form reads it."""
    if not path.startswith("output."):
        return text
    return text.replace("Send null or ", "Leave it empty, or enter ").replace("Send ", "Enter ")


def _anchor(path: str, unsaid: Mapping[str, str]) -> str:
    if path == "verdict":
        return "v-agree"
    if path.startswith("attachments"):
        return "f-attachments"
    return "evidence" if path in unsaid else "f-" + path.replace(".", "-")


def _flat(controls: Iterable[schema_form.Control]) -> Iterator[schema_form.Control]:
    for control in controls:
        yield control
        yield from _flat(control.controls)
