"""What the review API says, in one shape for claim and read."""

from typing import Any

from rest_framework import serializers

from corrections.selectors.workbench import Case


class QueueOut(serializers.Serializer):
    """A queue with counts."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    purpose = serializers.CharField()
    kind = serializers.ChoiceField(choices=["standard", "senior"])
    agent_slug = serializers.CharField()
    agent_name = serializers.CharField()
    waiting = serializers.IntegerField()
    due_soon = serializers.IntegerField()
    overdue = serializers.IntegerField()
    oldest_due = serializers.DateTimeField(allow_null=True)
    can_work = serializers.BooleanField()


class TaskOut(serializers.Serializer):
    """A task with its lease, its decision and the terms of its contract."""

    task = serializers.UUIDField()
    queue = serializers.UUIDField()
    kind = serializers.ChoiceField(choices=["review", "adjudication"])
    title = serializers.CharField()
    token = serializers.IntegerField(help_text="Send it with every change of this task.")
    lease_until = serializers.DateTimeField(allow_null=True)
    due_at = serializers.DateTimeField()
    decision = serializers.DictField()
    contract = serializers.DictField()
    draft = serializers.DictField()


class TokenIn(serializers.Serializer):
    """The fencing token of a lease."""

    token = serializers.IntegerField()
    reason = serializers.CharField(required=False, allow_blank=True, max_length=200)


class DraftIn(serializers.Serializer):
    """A draft to keep."""

    token = serializers.IntegerField(required=False, allow_null=True)
    body = serializers.DictField()


class CorrectionIn(serializers.Serializer):
    """A correction."""

    token = serializers.IntegerField()
    verdict = serializers.CharField()
    output = serializers.DictField(required=False, allow_null=True)
    reason_code = serializers.CharField(required=False, allow_blank=True, default="")
    justification = serializers.CharField(required=False, allow_blank=True, default="", max_length=10_000)
    evidence = serializers.ListField(
        child=serializers.CharField(max_length=300), required=False, max_length=50, default=list
    )
    confidence = serializers.IntegerField(required=False, allow_null=True, default=None)
    time_spent_ms = serializers.IntegerField(required=False, default=0, min_value=0, max_value=2_000_000_000)


class CorrectionOut(serializers.Serializer):
    """What became of a submission."""

    id = serializers.UUIDField()
    escalation = serializers.UUIDField(allow_null=True)
    why_escalated = serializers.ListField(child=serializers.CharField())


class DecisionIn(serializers.Serializer):
    """A second person's word on an escalation."""

    verdict = serializers.CharField()
    rationale = serializers.CharField(required=False, allow_blank=True, default="", max_length=5000)


def task_body(case: Case) -> dict[str, Any]:
    """Return a claimed or read task as JSON."""
    decision, spec = case.decision, case.spec
    return {
        "task": str(case.task_id),
        "queue": str(case.queue_id),
        "kind": case.kind,
        "state": case.state,
        "title": case.title,
        "why": case.why,
        "token": case.token,
        "lease_until": case.lease_until.isoformat() if case.lease_until else None,
        "due_at": case.due_at.isoformat(),
        "decision": {
            "id": str(decision.id),
            "agent": decision.agent_slug,
            "case_ref": decision.case_ref,
            "input": decision.input,
            "proposal": decision.proposal,
            "output": decision.output,
            "confidence": decision.confidence,
            "score": decision.score,
            "status": decision.status,
            "reasons": decision.reasons,
            "policy_version": decision.policy_version,
            "explanation": decision.trace.get("explanation"),
            "decided_at": decision.decided_at.isoformat(),
        },
        "contract": {
            "version": spec.version,
            "output_schema": spec.output_schema,
            "action_field": spec.action_field,
            "min_justification": spec.min_justification,
            "reason_codes": [
                {"code": reason.code, "title": reason.title, "verdicts": list(reason.verdicts)}
                for reason in spec.reason_codes
            ],
        },
        "earlier": case.earlier,
        "draft": case.draft,
    }
