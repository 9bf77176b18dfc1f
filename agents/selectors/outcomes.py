"""What became of decided cases: the observations of one, and the business figures of every policy version."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db import connection

from agents.contracts import fields
from agents.contracts.outcomes import Kpi
from agents.models import Outcome
from agents.selectors import contracts, decisions, tally, visible

# Only the newest observation of a case counts. Grouped in PostgreSQL: there may be a million of them.
_FIGURES = """
    SELECT d.policy_version, figure.key, count(*), avg(figure.value::float8)
    FROM (
        SELECT DISTINCT ON (o.decision_id) o.decision_id, o.values
        FROM agents_outcome o
        WHERE o.agent_id = %s
        ORDER BY o.decision_id, o.observed_at DESC, o.id DESC
    ) newest
    JOIN agents_decision d ON d.id = newest.decision_id
    CROSS JOIN LATERAL jsonb_each_text(newest.values) figure
    GROUP BY 1, 2
"""
_VERSIONS = 8
_EVER = datetime(1970, 1, 1, tzinfo=UTC)
# By version and arm since a moment, with what an interval needs. The fallback is nobody's doing.
_ARMS = """
    SELECT d.policy_version, d.arm, figure.key, count(*), avg(figure.value::float8),
           coalesce(var_samp(figure.value::float8), 0), bool_and(figure.value::float8 IN (0, 1))
    FROM (
        SELECT DISTINCT ON (o.decision_id) o.decision_id, o.values
        FROM agents_outcome o
        WHERE o.agent_id = %s AND o.decision_id >= %s
        ORDER BY o.decision_id, o.observed_at DESC, o.id DESC
    ) newest
    JOIN agents_decision d ON d.id = newest.decision_id
    CROSS JOIN LATERAL jsonb_each_text(newest.values) figure
    WHERE d.arm <> 'fallback' AND d.policy_version = ANY(%s) AND d.decided_at >= %s
    GROUP BY 1, 2, 3
"""


@dataclass(frozen=True, slots=True)
class Observed:
    """One observation of a case, with the business figures it gave."""

    id: UUID
    body: dict[str, Any]
    values: dict[str, float]
    contract_id: UUID
    observed_at: datetime
    recorded_at: datetime
    recorded_by: str


@dataclass(frozen=True, slots=True)
class Told:
    """An observation in words: (title, text) of its fields and of the figures it gave, and how many came before it."""

    fields: list[tuple[str, str]]
    figures: list[tuple[str, str]]
    observed_at: datetime
    recorded_at: datetime
    recorded_by: str
    earlier: int


@dataclass(frozen=True, slots=True)
class Figure:
    """The mean of one figure over `n` cases; `best` when no other version shown does better."""

    mean: float
    n: int
    best: bool
    text: str


@dataclass(frozen=True, slots=True)
class ArmFigure:
    """A business figure of the cases that one version decided in one arm: what an interval is made from.

    `variance` is the sample's; `binary` says that every value was 0 or 1.
    """

    version: int
    arm: str
    name: str
    n: int
    mean: float
    variance: float
    binary: bool


@dataclass(frozen=True, slots=True)
class VersionRow:
    """The figures of one policy version in the order of the KPIs; None where no case gave one."""

    version: int | None
    figures: tuple[Figure | None, ...]


@dataclass(frozen=True, slots=True)
class Board:
    """The business figures of an agent by policy version, newest first."""

    kpis: tuple[Kpi, ...]
    rows: tuple[VersionRow, ...]


def by_digest(decision_id: UUID, digest: str) -> Outcome | None:
    """Return the observation of a decision with this content, if it was told."""
    return Outcome.objects.filter(decision_id=decision_id, digest=digest).first()


def of_decision(asker: Any, decision_id: UUID, *, agent: str = "") -> list[Observed]:
    """Return what was observed of a case, the newest observation first. Raises `Missing` when it is out of sight."""
    found = decisions.detail(asker, decision_id, agent=agent)
    return [observed(row) for row in Outcome.objects.filter(decision_id=found.decision.pk)]


def told(decision_id: UUID) -> Told | None:
    """Return in words what became of a case by its newest observation, None while nobody told.

    The caller has checked the right to see the decision.
    """
    found = [observed(row) for row in Outcome.objects.filter(decision_id=decision_id)]
    if not found:
        return None
    first = found[0]
    spec = contracts.by_id(first.contract_id).spec
    listed = spec.outcome.fields if spec.outcome else ()
    shown = [(field, fields.at(first.body, field.path)) for field in listed if field.sensitivity != "sensitive"]
    return Told(
        fields=[(field.title, field.show(value) if value is not None else "not given") for field, value in shown],
        figures=[
            (kpi.title, fields.human(first.values[kpi.name], kpi.unit)) for kpi in spec.kpis if kpi.name in first.values
        ],
        observed_at=first.observed_at,
        recorded_at=first.recorded_at,
        recorded_by=first.recorded_by,
        earlier=len(found) - 1,
    )


def observed(row: Outcome) -> Observed:
    """Return one observation as pages and the API show it."""
    return Observed(
        id=row.pk,
        body=row.body,
        values=row.values,
        contract_id=row.contract_id,
        observed_at=row.observed_at,
        recorded_at=row.recorded_at,
        recorded_by=row.recorded_by_label,
    )


def board(asker: Any, slug: str) -> Board:
    """Return the business figures of an agent by policy version. Raises `Missing` when it is out of sight.

    The figures are those of its newest contract; versions without any are left out.
    """
    agent = visible.agent(asker, slug)
    contract = contracts.latest(agent.pk)
    listed = contract.spec.kpis if contract else ()
    if not listed:
        return Board((), ())
    with connection.cursor() as cursor:
        cursor.execute(_FIGURES, [agent.pk])
        found = {(version, key): (float(mean), int(n)) for version, key, n, mean in cursor.fetchall()}
    names = {kpi.name for kpi in listed}
    known = {version for version, key in found if key in names}
    versions = sorted(known, key=lambda version: (version is None, -(version or 0)))[:_VERSIONS]
    return Board(
        listed,
        tuple(
            VersionRow(version, tuple(_figure(found, kpi, version, versions) for kpi in listed)) for version in versions
        ),
    )


def by_arm(
    agent_id: UUID, versions: Sequence[int], *, since: datetime | None = None
) -> tuple[tuple[Kpi, ...], list[ArmFigure]]:
    """Return the figures of an agent's newest contract, and what they came to for some versions by arm.

    Of decisions made from `since` on (None: ever). The caller has checked the right to see them.
    """
    contract = contracts.latest(agent_id)
    listed = contract.spec.kpis if contract else ()
    if not listed or not versions:
        return listed, []
    with connection.cursor() as cursor:
        moment = since or _EVER
        cursor.execute(_ARMS, [agent_id, tally.first_id(moment), list(versions), moment])
        found = [ArmFigure(*row) for row in cursor.fetchall()]
    names = {kpi.name for kpi in listed}
    return listed, [one for one in found if one.name in names]


def _figure(
    found: dict[tuple[int | None, str], tuple[float, int]],
    kpi: Kpi,
    version: int | None,
    versions: Sequence[int | None],
) -> Figure | None:
    here = found.get((version, kpi.name))
    if here is None:
        return None
    means = [found[one, kpi.name][0] for one in versions if (one, kpi.name) in found]
    best = max(means) if kpi.direction == "up" else min(means)
    text = fields.human(float(f"{here[0]:.4g}"), kpi.unit)
    return Figure(here[0], here[1], best=len(means) > 1 and here[0] == best, text=text)
