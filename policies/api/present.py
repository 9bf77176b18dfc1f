"""The plane's rows as JSON."""

import math
from dataclasses import asdict
from typing import Any

from policies.evaluation.intervals import Estimate
from policies.selectors import boards, evaluations, kpis, rollouts, rows, versions


def build(row: rows.BuildRow) -> dict[str, Any]:
    """Return a build."""
    version = {"id": row.version_id, "number": row.version_number} if row.version_id else None
    return {
        "id": row.id,
        "state": row.state,
        "reason": row.reason,
        "progress": row.progress,
        "error": row.error or None,
        "requested_by": row.requested_by,
        "created_at": row.created_at,
        "finished_at": row.finished_at,
        "version": version,
    }


def version_row(row: boards.VersionRow) -> dict[str, Any]:
    """Return a version as lists show it."""
    return asdict(row)


def version(page: versions.ChangesPage, evaluation: evaluations.EvaluationRow | None) -> dict[str, Any]:
    """Return a version with its notes, gates, approval and release."""
    head = page.header
    return {
        "id": head.id,
        "agent": head.agent.slug,
        "number": head.number,
        "state": head.state,
        "digest": head.digest,
        "created_at": head.created_at,
        "built_by": head.built_by,
        "parent": {"id": head.parent_id, "number": head.parent_number} if head.parent_id else None,
        "summary": page.summary,
        "notes": page.lines,
        "counts": page.counts,
        "flips": page.flips,
        "snapshot": asdict(page.snapshot) if page.snapshot else None,
        "plan": [
            {"share_bp": stage.share_bp, "min_decisions": stage.min_decisions, "min_minutes": stage.min_minutes}
            for stage in page.plan[:-1]
        ],
        "evaluation": evaluation_of(evaluation) if evaluation else None,
        "approval": asdict(page.approval) if page.approval else None,
        "release": {"id": head.release_id, "state": head.release_state, "share_bp": head.share_bp}
        if head.release_id
        else None,
        "actions": [asdict(action) for action in head.actions],
    }


def evaluation_of(row: evaluations.EvaluationRow) -> dict[str, Any]:
    """Return an evaluation: verdict, gates, and the measures with their intervals."""
    measures = ("error", "automated", "automated_error", "people_agree")
    return {
        "id": row.id,
        "verdict": row.verdict,
        "headline": row.headline,
        "detail": row.detail,
        "cases": row.n,
        "baseline": row.baseline_number,
        "evaluated_at": row.evaluated_at,
        "gates": [asdict(gate) for gate in row.gates],
        "measures": {name: asdict(getattr(row, name)) for name in measures},
        "changed": row.changed_total,
        "mended": row.mended,
        "broken": row.broken,
    }


def release(row: rollouts.ReleaseRow) -> dict[str, Any]:
    """Return a release."""
    return asdict(row)


def rollout(page: rollouts.RolloutPage) -> dict[str, Any]:
    """Return where a rollout stands."""
    return {
        "release": asdict(page.release) if page.release else None,
        "stages": [asdict(stage) for stage in page.stages],
        "waiting": page.waiting,
        "verdict": page.verdict,
        "decisions_in_stage": page.decisions_in_stage,
        "guards": [asdict(one) for one in page.guards],
        "figures": figures(page.figures) if page.figures else None,
    }


def figures(found: kpis.Figures) -> dict[str, Any]:
    """Return the business figures of a version against those of the version it replaces."""
    return {
        "version": found.number,
        "baseline": found.baseline,
        "since": found.since,
        "rows": [
            {
                "name": row.name,
                "title": row.title,
                "unit": row.unit,
                "direction": "up" if row.more_is_better else "down",
                "arms": [{"version": side.version, "arm": side.arm, **_interval(side.estimate)} for side in row.sides],
                "difference": _interval(row.gap) if row.gap else None,
                "verdict": row.verdict,
            }
            for row in found.rows
        ],
    }


def _interval(found: Estimate) -> dict[str, Any]:
    """JSON has no infinity: an end that is not known is null."""
    low, high = (None if math.isinf(end) else end for end in (found.low, found.high))
    return {"value": found.value, "low": low, "high": high, "n": found.n}
