"""The rollout plan as people enter it: shares in per cent, one stage to a row, empty rows left out."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from django.http import QueryDict

from reviewapp.core.errors import Invalid

_MOST_STAGES = 8
_SPARE_ROWS = 2
Raw = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class StageRow:
    """A row of the form, as entered, with what is wrong in it."""

    number: int
    share: str
    decisions: str
    minutes: str
    share_error: str = ""
    decisions_error: str = ""
    minutes_error: str = ""


def entered(posted: QueryDict) -> list[Raw]:
    """Return the rows in which anything was entered."""
    columns = (posted.getlist(name) for name in ("share", "decisions", "minutes"))
    rows = zip(*columns, strict=False)
    return [(share.strip(), decisions.strip(), minutes.strip()) for share, decisions, minutes in rows if share.strip()]


def plan(posted: QueryDict) -> list[dict[str, int]]:
    """Return the stages that were entered. Raises `Invalid` naming each cell that is not a number."""
    faults: dict[str, str] = {}
    stages = []
    for at, (share, decisions, minutes) in enumerate(entered(posted)):
        stage = {
            "share_bp": _basis_points(share),
            "min_decisions": _whole(decisions),
            "min_minutes": _whole(minutes),
        }
        words = {"share_bp": "Enter a share such as 5 or 12.5.", "min_decisions": "", "min_minutes": ""}
        for key, value in stage.items():
            if value is None:
                faults[f"plan.{at}.{key}"] = words[key] or "Enter a whole number, or nothing."
        stages.append({key: value for key, value in stage.items() if value is not None})
    if faults:
        raise Invalid("The rollout plan cannot be read.", fields=faults)
    return stages


def planned(stages: Iterable[tuple[int, int, int]]) -> list[Raw]:
    """Return stages (share in basis points, decisions, minutes) as they would be entered."""
    return [(f"{share_bp / 100:g}", str(decisions), str(minutes)) for share_bp, decisions, minutes in stages]


def rows(filled: Sequence[Raw], errors: Mapping[str, str] | None = None) -> tuple[StageRow, ...]:
    """Return the form's rows: what was entered, its errors, and room for more stages."""
    found = errors or {}
    spare = max(0, min(_SPARE_ROWS, _MOST_STAGES - len(filled)))
    padded = [*filled, *[("", "", "")] * spare]
    return tuple(
        StageRow(
            number=at + 1,
            share=share,
            decisions=decisions,
            minutes=minutes,
            share_error=found.get(f"plan.{at}.share_bp", ""),
            decisions_error=found.get(f"plan.{at}.min_decisions", ""),
            minutes_error=found.get(f"plan.{at}.min_minutes", ""),
        )
        for at, (share, decisions, minutes) in enumerate(padded)
    )


def _basis_points(text: str) -> int | None:
    try:
        share = Decimal(text.removesuffix("%").strip().replace(",", "."))
    except InvalidOperation:
        return None
    points = share * 100
    return int(points) if points.is_finite() and points == points.to_integral_value() and abs(points) < 10**6 else None


def _whole(text: str) -> int | None:
    if not text:
        return 0
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else None
