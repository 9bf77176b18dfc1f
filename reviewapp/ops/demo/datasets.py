"""The cases of the three demo agents, read from the files this package carries, each with its known answer."""

import csv
import gzip
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from reviewapp.ops.demo import codes

HERE = Path(__file__).resolve().parent

CREDIT_SOURCE = "Statlog German credit (UCI, CC BY 4.0)"
EMPLOYMENT_SOURCE = "US Census ACS microdata, Massachusetts (public domain)"
REFUND_SOURCE = "Written for this project (Apache-2.0)"


@dataclass(frozen=True, slots=True)
class Example:
    """A case with its true answer. `index` is its row in the file, `year` 0 where there is none."""

    index: int
    input: Mapping[str, Any]
    answer: Mapping[str, Any]
    proposal: Mapping[str, Any] | None = None
    year: int = 0

    def reference(self) -> dict[str, Any]:
        """Return the case as a reference case is stored."""
        case: dict[str, Any] = {"input": dict(self.input), "output": dict(self.answer)}
        return case if self.proposal is None else {**case, "proposal": dict(self.proposal)}

    def request(self, **extra: str) -> dict[str, Any]:
        """Return the body by which an agent asks for a decision; `extra` are members such as case_ref and unit."""
        body: dict[str, Any] = {"input": dict(self.input), **extra}
        return body if self.proposal is None else {**body, "proposal": dict(self.proposal)}


@dataclass(frozen=True, slots=True)
class RefundCase:
    """A refund request with the assistant's proposal, a careful person's answer, and their reason when they differ."""

    case_ref: str
    example: Example
    reason: str
    why: str


@lru_cache(maxsize=1)
def credit() -> tuple[Example, ...]:
    """Return the 1,000 applications; credits that went well should have been approved in full, bad ones declined."""
    with (HERE / "data" / "germancredit.csv").open(encoding="utf-8", newline="") as lines:
        return tuple(_credit(index, row) for index, row in enumerate(csv.DictReader(lines)))


@lru_cache(maxsize=1)
def employment() -> tuple[Example, ...]:
    """Return the 20,000 survey records; the base model's own prediction and probability are the agent's proposal."""
    with gzip.open(HERE / "data" / "employment_ma_20k.csv.gz", "rt", encoding="utf-8", newline="") as lines:
        return tuple(_employment(index, row) for index, row in enumerate(csv.DictReader(lines)))


@lru_cache(maxsize=1)
def refunds() -> tuple[RefundCase, ...]:
    """Return the refund requests in the order in which they were written."""
    cases = json.loads((HERE / "data" / "refund_cases.json").read_text(encoding="utf-8"))
    return tuple(
        RefundCase(
            case_ref=case["case_ref"],
            example=Example(index, case["input"], case["answer"], case["proposal"]),
            reason=case.get("reason", ""),
            why=case.get("why", ""),
        )
        for index, case in enumerate(cases)
    )


@lru_cache(maxsize=3)
def contract(agent: str) -> dict[str, Any]:
    """Return the contract of a demo agent as written, without agent and version."""
    found: dict[str, Any] = json.loads((HERE / "contracts" / f"{agent}.json").read_text(encoding="utf-8"))
    return found


def by_hash(salt: str, indexes: list[int]) -> list[int]:
    """Return row numbers in an order that nobody chose: by the SHA-256 of salt and number."""
    return sorted(indexes, key=lambda index: hashlib.sha256(f"{salt}:{index}".encode()).hexdigest())


def _credit(index: int, row: Mapping[str, str]) -> Example:
    amount = int(row["credit_amount"])
    good = row["creditability"] == "good"
    return Example(
        index=index,
        input={
            "purpose": codes.PURPOSE[row["purpose"]],
            "credit_amount": amount,
            "duration_in_month": int(row["duration_in_month"]),
            "instalment_rate": int(row["installment_rate_in_percentage_of_disposable_income"]),
            "checking_account": codes.CHECKING[row["status_of_existing_checking_account"]],
            "savings": codes.SAVINGS[row["savings_account_and_bonds"]],
            "credit_history": codes.HISTORY[row["credit_history"]],
            "existing_credits": int(row["number_of_existing_credits_at_this_bank"]),
            "other_instalment_plans": row["other_installment_plans"],
            "other_debtors": row["other_debtors_or_guarantors"],
            "property": codes.PROPERTY[row["property"]],
            "housing": row["housing"],
            "employed_since": codes.EMPLOYED[row["present_employment_since"]],
            "job": codes.JOB[row["job"]],
            "residence_since": int(row["present_residence_since"]),
            "dependants": int(row["number_of_people_being_liable_to_provide_maintenance_for"]),
        },
        answer=credit_answer("approve" if good else "decline", amount),
    )


def credit_answer(decision: str, amount: int) -> dict[str, Any]:
    """Return the whole output that goes with a decision on a loan of `amount` DM."""
    return {"decision": decision, "credit_limit": amount if decision == "approve" else None, "conditions": []}


def _employment(index: int, row: Mapping[str, str]) -> Example:
    probability = float(row["predicted_probability"])
    return Example(
        index=index,
        input={
            "age": int(float(row["AGEP"])),
            "schooling": int(row["SCHL"]),
            "marital_status": codes.MARITAL[row["MAR"]],
            "disability": row["DIS"] == "1",
            "relationship": codes.RELATIONSHIP[row["RELP"]],
            "parents_at_work": codes.PARENTS[row["ESP"]],
            "moved": codes.MOVED[row["MIG"]],
            "military_service": codes.MILITARY[row["MIL"]],
        },
        answer={"employed": codes.YES_NO[row["employed"]]},
        proposal={
            "output": {"employed": codes.YES_NO[row["prediction"]]},
            "confidence": round(max(probability, 1 - probability), 4),
            "model": "employment-base-1",
        },
        year=int(row["year"]),
    )
