"""The audit page: what exactly was approved, by whom, and everything that happened."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from policies.models import Build, PolicyVersion, Release
from policies.selectors import rows, versions
from reviewapp.core.approvals import selectors as approvals
from reviewapp.core.events import selectors as events


@dataclass(frozen=True, slots=True)
class Fact:
    """A name, its value, and what it means."""

    label: str
    value: str
    note: str


@dataclass(frozen=True, slots=True)
class AuditPage:
    """The page."""

    header: versions.Header
    digests: tuple[Fact, ...]
    approvals: tuple[approvals.ApprovalRow, ...]
    events: tuple[rows.LogRow, ...]


def page(user: Any, version_id: UUID) -> AuditPage:
    """Return the audit page of a version. Raises `Missing` when `user` may not see its agent."""
    found = versions.load(user, version_id)
    version = found.version
    asked = approvals.of_subject("version", str(version.pk))
    rationales = {str(one.id): one.rationale for one in asked}
    return AuditPage(
        header=versions.head(user, found),
        digests=_digests(found),
        approvals=asked,
        events=tuple(rows.log(event, rationales) for event in reversed(events.of_subjects(_subjects(version)))),
    )


def _digests(found: versions.Loaded) -> tuple[Fact, ...]:
    version = found.version
    facts = [Fact("Policy", version.artifact_id, "The exact bytes that serve; the runtime refuses any other.")]
    if version.snapshot:
        note = f"{version.snapshot.rows} cases, frozen. The same snapshot, recipe and seed build the same policy."
        facts.append(Fact("Training snapshot", version.snapshot.digest, note))
    facts.append(
        Fact("Recipe", version.recipe, f"Learner {version.learner}, seed {version.seed}, and what people wrote.")
    )
    if found.evaluation:
        facts.append(
            Fact("Evaluation", found.evaluation.digest, f"On {found.evaluation.n} cases it never learned from.")
        )
    if version.approval:
        facts.append(
            Fact("Approved together", version.approval.binding, "Policy, evaluation and rollout plan, as one.")
        )
    return tuple(facts)


def _subjects(version: PolicyVersion) -> list[tuple[str, str]]:
    subjects = [("version", str(version.pk))]
    subjects += [("release", str(key)) for key in Release.objects.filter(version=version).values_list("pk", flat=True)]
    subjects += [("build", str(key)) for key in Build.objects.filter(version=version).values_list("pk", flat=True)]
    if version.snapshot_id:
        subjects.append(("snapshot", str(version.snapshot_id)))
    return subjects
