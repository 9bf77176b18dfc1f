"""What the review API answers, for its schema."""

from typing import Any

from rest_framework import serializers

Shape = serializers.Serializer[dict[str, Any]]


class QueueOutput(Shape):
    """A queue with counts of its open tasks, which stop at 1001; `mine` are held by the asker."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    purpose = serializers.CharField()
    kind = serializers.ChoiceField(choices=["standard", "senior"])
    agent_slug = serializers.CharField()
    agent_name = serializers.CharField()
    waiting = serializers.IntegerField()
    mine = serializers.IntegerField()
    due_soon = serializers.IntegerField()
    overdue = serializers.IntegerField()
    oldest_due = serializers.DateTimeField(allow_null=True)
    can_work = serializers.BooleanField()
    lacks = serializers.ListField(
        child=serializers.CharField(), help_text="Skills it needs and you are not certified in: it gives you no tasks."
    )
    paused = serializers.CharField(help_text="Why nothing of it is given out; empty while it is.")


class TaskRowOutput(Shape):
    """A task in a list."""

    id = serializers.UUIDField()
    queue_id = serializers.UUIDField()
    title = serializers.CharField()
    why = serializers.CharField()
    kind = serializers.ChoiceField(choices=["review", "adjudication"])
    seat = serializers.IntegerField()
    priority = serializers.IntegerField(
        allow_null=True, help_text="Null for a blind case you may judge: it rises as the agent's confidence falls."
    )
    created_at = serializers.DateTimeField()
    due_at = serializers.DateTimeField()
    case_ref = serializers.CharField()
    held_by = serializers.CharField()
    mine = serializers.BooleanField()


class TaskPageOutput(Shape):
    """A page of tasks; `next` is the cursor of the next one, empty on the last."""

    tasks = TaskRowOutput(many=True)
    next = serializers.CharField()


class FlagReasonOutput(Shape):
    """Why a person is asked."""

    code = serializers.CharField()
    text = serializers.CharField()


class CaseOutput(Shape):
    """The decision behind a task. Inputs that the contract calls sensitive are left out."""

    id = serializers.UUIDField()
    agent = serializers.CharField()
    case_ref = serializers.CharField()
    input = serializers.DictField()
    proposal = serializers.DictField(allow_null=True)
    output = serializers.DictField(allow_null=True)
    confidence = serializers.FloatField(allow_null=True)
    score = serializers.FloatField(allow_null=True)
    status = serializers.ChoiceField(choices=["auto", "review", "escalate"], allow_null=True)
    reasons = FlagReasonOutput(many=True)
    policy_version = serializers.IntegerField(allow_null=True)
    explanation = serializers.DictField(allow_null=True)
    decided_at = serializers.DateTimeField()


class ReasonCodeOutput(Shape):
    """A reason of the contract and the verdicts it fits."""

    code = serializers.CharField()
    title = serializers.CharField()
    verdicts = serializers.ListField(child=serializers.CharField())


class TermsOutput(Shape):
    """What the contract asks of a judgement."""

    version = serializers.IntegerField()
    output_schema = serializers.DictField()
    action_field = serializers.CharField()
    min_justification = serializers.IntegerField()
    min_evidence = serializers.IntegerField()
    reason_codes = ReasonCodeOutput(many=True)


class TaskOutput(Shape):
    """A task with its lease, its decision and the terms of its contract; `earlier` only for who settles a dispute."""

    task = serializers.UUIDField()
    queue = serializers.UUIDField()
    kind = serializers.ChoiceField(choices=["review", "adjudication"])
    state = serializers.ChoiceField(choices=["open", "done", "cancelled"])
    blind = serializers.BooleanField(help_text="Record your own judgement first; the answer is left out until then.")
    title = serializers.CharField()
    why = FlagReasonOutput(many=True)
    token = serializers.IntegerField(help_text="Send it with every change of this task.")
    lease_until = serializers.DateTimeField(allow_null=True)
    due_at = serializers.DateTimeField()
    decision = CaseOutput()
    contract = TermsOutput()
    earlier = serializers.ListField(child=serializers.DictField())
    draft = serializers.DictField()


class ReasonCountOutput(Shape):
    """How often a reason was given with a verdict."""

    verdict = serializers.ChoiceField(choices=["agree", "correct", "cannot_tell", "escalate"])
    code = serializers.CharField()
    title = serializers.CharField()
    count = serializers.IntegerField()


class FileOutput(Shape):
    """A file by its name, kind, size in bytes and digest; `tells`: a picture that names camera, time or place."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    kind = serializers.CharField()
    media_type = serializers.CharField()
    size = serializers.IntegerField()
    digest = serializers.CharField()
    tells = serializers.BooleanField()


class LeaseOutput(Shape):
    """Until when a task is held."""

    token = serializers.IntegerField()
    lease_until = serializers.DateTimeField()


class ColleagueOutput(Shape):
    """Somebody to whom a task can be handed."""

    username = serializers.CharField()
    name = serializers.CharField()


class HandedOutput(Shape):
    """Who holds a task now, and whether what was drafted is theirs to go on from."""

    receiver = serializers.CharField()
    draft_copied = serializers.BooleanField()


class DraftOutput(Shape):
    """When a draft was saved, and whether its author still holds the task."""

    saved_at = serializers.DateTimeField()
    holds = serializers.BooleanField()


class SubmittedOutput(Shape):
    """What became of a submission."""

    id = serializers.UUIDField()
    escalation = serializers.UUIDField(allow_null=True)
    why_escalated = serializers.ListField(child=serializers.CharField())


class EscalationOutput(Shape):
    """A correction that waits for a second person, or was decided by one."""

    id = serializers.UUIDField()
    title = serializers.CharField()
    agent_slug = serializers.CharField()
    agent_name = serializers.CharField()
    author = serializers.CharField()
    mine = serializers.BooleanField()
    judged = serializers.BooleanField(help_text="You judged this case, so someone else decides it.")
    sealed = serializers.BooleanField(
        help_text="It waits for a blind judgement that could be yours: no answer is told."
    )
    may_decide = serializers.BooleanField()
    why = serializers.CharField()
    decided = serializers.CharField()
    corrected = serializers.CharField()
    raised_at = serializers.DateTimeField()
    due_at = serializers.DateTimeField()
    state = serializers.ChoiceField(choices=["pending", "approved", "rejected", "returned", "withdrawn"])
    decided_by = serializers.CharField()
    decided_at = serializers.DateTimeField(allow_null=True)


class EscalationDecidedOutput(Shape):
    """How an escalation was decided."""

    id = serializers.UUIDField()
    state = serializers.ChoiceField(choices=["approved", "rejected", "returned"])


class ReadingOutput(Shape):
    """One way to read the correction: of the decisions `alike`, `turned` would have another answer."""

    title = serializers.CharField()
    alike_in = serializers.ListField(child=serializers.CharField(), help_text="Fields with the value they share.")
    alike = serializers.IntegerField()
    turned = serializers.IntegerField()
    agreed = serializers.IntegerField(help_text="Of those turned, settled by people as the correction proposes.")
    against = serializers.IntegerField(help_text="Of those turned, settled by people in another way.")


class PreviewOutput(Shape):
    """What a correction would change if it stood as a learned exception; `fault` says why there are no readings."""

    escalation_id = serializers.UUIDField()
    case_ref = serializers.CharField()
    proposed = serializers.CharField()
    version = serializers.IntegerField(allow_null=True, help_text="The policy version that decided again.")
    days = serializers.IntegerField()
    replayed = serializers.IntegerField()
    unreadable = serializers.IntegerField(help_text="Decisions that could not be decided again.")
    bounded = serializers.BooleanField(help_text="The period holds more decisions than were replayed.")
    readings = ReadingOutput(many=True)
    fault = serializers.CharField()


class ConsensusOutput(Shape):
    """How far the feedback of an agent is: `conflicting` waits for a senior, `pending` for anybody."""

    usable = serializers.IntegerField()
    changed = serializers.IntegerField()
    abstained = serializers.IntegerField()
    conflicting = serializers.IntegerField()
    pending = serializers.IntegerField()
    open_reviews = serializers.IntegerField()
    open_adjudications = serializers.IntegerField()
    open_escalations = serializers.IntegerField()


class JudgementOutput(Shape):
    """One person's judgement of a decision and whether it counts."""

    id = serializers.UUIDField()
    author = serializers.CharField()
    mine = serializers.BooleanField()
    kind = serializers.ChoiceField(choices=["review", "adjudication"])
    verdict = serializers.ChoiceField(choices=["agree", "correct", "cannot_tell", "escalate"])
    output = serializers.DictField(allow_null=True)
    reason_code = serializers.CharField()
    justification = serializers.CharField()
    evidence = serializers.ListField(child=serializers.CharField())
    confidence = serializers.IntegerField(allow_null=True)
    escalation = serializers.CharField()
    decided_by = serializers.CharField()
    standing = serializers.ChoiceField(
        choices=["waits", "counts", "overruled", "replaced", "rejected", "undone", "recalled"]
    )
    submitted_at = serializers.DateTimeField()


class SettledOutput(Shape):
    """What people settled on."""

    id = serializers.UUIDField()
    state = serializers.ChoiceField(choices=["usable", "abstained"])
    output = serializers.DictField(allow_null=True)
    confidence = serializers.FloatField()
    method = serializers.CharField()
    changed = serializers.BooleanField()
    formed_at = serializers.DateTimeField()


class JudgementsOutput(Shape):
    """What people said of a decision and what it came to. `withheld` is true for who may still judge it unseen."""

    consensus = SettledOutput(allow_null=True)
    corrections = JudgementOutput(many=True)
    withheld = serializers.BooleanField()


class MyCorrectionOutput(Shape):
    """One of the asker's corrections and what became of it."""

    id = serializers.UUIDField()
    decision_id = serializers.UUIDField()
    title = serializers.CharField()
    verdict = serializers.CharField()
    submitted_at = serializers.DateTimeField()
    fate = serializers.CharField()
    tone = serializers.CharField()
    recallable = serializers.BooleanField(help_text="Whether you can still take it back.")
