"""Reading the data the demo carries, with values as people write them."""

import csv
import gzip
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent

_CREDIT_FIELDS: dict[str, tuple[str, Callable[[str], Any]]] = {
    "status_of_existing_checking_account": ("checking_account", lambda raw: _CHECKING[raw]),
    "duration_in_month": ("duration_in_month", int),
    "credit_history": ("credit_history", lambda raw: _HISTORY[raw]),
    "purpose": ("purpose", str),
    "credit_amount": ("credit_amount", int),
    "savings_account_and_bonds": ("savings", lambda raw: _SAVINGS[raw]),
    "present_employment_since": ("employed_since", lambda raw: _EMPLOYED[raw]),
    "installment_rate_in_percentage_of_disposable_income": ("instalment_rate", int),
    "other_debtors_or_guarantors": ("other_debtors", str),
    "present_residence_since": ("residence_since", int),
    "property": ("property", lambda raw: _PROPERTY[raw]),
    "other_installment_plans": ("other_instalment_plans", str),
    "housing": ("housing", str),
    "number_of_existing_credits_at_this_bank": ("existing_credits", int),
    "job": ("job", lambda raw: _JOB[raw]),
    "number_of_people_being_liable_to_provide_maintenance_for": ("dependants", int),
}
_CHECKING = {
    "... < 0 DM": "overdrawn",
    "0 <= ... < 200 DM": "0 to 200 DM",
    "... >= 200 DM / salary assignments for at least 1 year": "200 DM and more",
    "no checking account": "no account",
}
_HISTORY = {
    "critical account/ other credits existing (not at this bank)": "critical or credits elsewhere",
    "existing credits paid back duly till now": "existing credits paid duly",
    "delay in paying off in the past": "past delays",
    "no credits taken/ all credits paid back duly": "no credits, or all paid duly",
    "all credits at this bank paid back duly": "all credits here paid duly",
}
_SAVINGS = {
    "unknown/ no savings account": "unknown or none",
    "... < 100 DM": "below 100 DM",
    "100 <= ... < 500 DM": "100 to 500 DM",
    "500 <= ... < 1000 DM": "500 to 1,000 DM",
    "... >= 1000 DM": "1,000 DM and more",
}
_EMPLOYED = {
    "unemployed": "unemployed",
    "... < 1 year": "under 1 year",
    "1 <= ... < 4 years": "1 to 4 years",
    "4 <= ... < 7 years": "4 to 7 years",
    "... >= 7 years": "7 years and more",
}
_PROPERTY = {
    "real estate": "real estate",
    "building society savings agreement/ life insurance": "savings agreement or life insurance",
    "car or other, not in attribute Savings account/bonds": "car or other",
    "unknown / no property": "unknown or none",
}
_JOB = {
    "skilled employee / official": "skilled employee",
    "unskilled - resident": "unskilled",
    "management/ self-employed/ highly qualified employee/ officer": "management or self-employed",
    "unemployed/ unskilled - non-resident": "unemployed or newly arrived",
}
_HOUSEHOLD = {"radio/television", "furniture/equipment", "domestic appliances"}
_MARITAL = {"1": "married", "2": "widowed", "3": "divorced", "4": "separated", "5": "never married"}


@dataclass(frozen=True, slots=True)
class Example:
    """A case with its true answer. `index` is its row in the file, `year` 0 where there is none."""

    index: int
    input: dict[str, Any]
    truth: str
    proposal: dict[str, Any] | None = None
    year: int = 0


@dataclass(frozen=True, slots=True)
class Split:
    """The credit data cut once and for all: what the base learns, what gates judge, what streams, what is held out."""

    train: tuple[Example, ...]
    evaluate: tuple[Example, ...]
    stream: tuple[Example, ...]
    holdout: tuple[Example, ...]


@lru_cache(maxsize=1)
def credit() -> tuple[Example, ...]:
    """Return the 1,000 credit applications; the truth is "approve" for credits that went well, "decline" for bad ones."""
    with (HERE / "data" / "germancredit.csv").open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    return tuple(
        Example(
            index,
            {name: read(row[column]) for column, (name, read) in _CREDIT_FIELDS.items()},
            "approve" if row["creditability"] == "good" else "decline",
        )
        for index, row in enumerate(rows)
    )


@lru_cache(maxsize=1)
def credit_split() -> Split:
    """Return the fixed split: by hash, so that nobody chose it.

    The base learns from household loans only, the agent then decides every purpose: a natural shift for people to mend.
    """
    rows = credit()
    order = sorted(range(len(rows)), key=lambda index: hashlib.sha256(f"credit:{index}".encode()).hexdigest())
    holdout, rest = order[:300], order[300:]
    train = [index for index in rest if rows[index].input["purpose"] in _HOUSEHOLD][:80]
    taken = set(train)
    others = [index for index in rest if index not in taken]
    pick = lambda listed: tuple(rows[index] for index in listed)  # noqa: E731 - four uses in the next line
    return Split(pick(train), pick(others[:130]), pick(others[130:]), pick(holdout))


def credit_output(example: Example) -> dict[str, Any]:
    """Return the output that a perfect decision gives."""
    if example.truth == "approve":
        return {"decision": "approve", "credit_limit": example.input["credit_amount"]}
    return {"decision": "decline"}


@lru_cache(maxsize=1)
def employment() -> tuple[Example, ...]:
    """Return the employment rows; the base model's own prediction and probability are the agent's proposal."""
    with gzip.open(HERE / "data" / "employment_ma_20k.csv.gz", "rt", encoding="utf-8", newline="") as lines:
        return tuple(_employment(index, row) for index, row in enumerate(csv.DictReader(lines)))


def _employment(index: int, row: dict[str, str]) -> Example:
    probability = float(row["predicted_probability"])
    proposed = "yes" if row["prediction"] == "1" else "no"
    return Example(
        index=index,
        input={
            "age": int(float(row["AGEP"])),
            "schooling": int(float(row["SCHL"])),
            "marital_status": _MARITAL.get(row["MAR"], "unknown"),
            "relationship": int(float(row["RELP"])),
            "disability": row["DIS"] == "1",
            "moved_last_year": row["MIG"] in {"2", "3"},
            "military_service": int(float(row["MIL"])),
            "citizenship": int(float(row["CIT"])),
            "parents_employed": int(float(row["ESP"])),
        },
        truth="yes" if row["employed"] == "1" else "no",
        proposal={
            "output": {"employed": proposed},
            "confidence": round(max(probability, 1 - probability), 4),
            "model": "employment-base-1",
        },
        year=int(row["year"]),
    )


@lru_cache(maxsize=1)
def refunds() -> tuple[dict[str, Any], ...]:
    """Return the refund cases: input, proposal, and what a careful person would answer."""
    return tuple(json.loads((HERE / "data" / "refund_cases.json").read_text(encoding="utf-8")))


def contract(name: str) -> dict[str, Any]:
    """Return the contract of a demo agent as written."""
    found: dict[str, Any] = json.loads((HERE / "contracts" / f"{name}.json").read_text(encoding="utf-8"))
    return found
