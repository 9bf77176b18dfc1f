"""Who has had a say in a case: whoever judged it, and whoever decided an escalation of it. Neither judges it (again)."""

from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from corrections.models import Correction
from reviewapp.core.accounts.models import User

# Whoever withdrew an escalation wrote it, and has judged the case anyway.
_DECIDED = ("approved", "rejected", "returned")


def sql(decision: str, *, own: str = "true") -> str:
    """Return a condition, true when the person %(user)s judged or decided on the decision that `decision` names.

    Their own judgements count where the condition `own` holds. For statements of the hottest paths: "+ 0" and OFFSET 0
    keep the planner from reading all that a person ever judged. Escalations are looked at only for what was judged.
    """
    return f"""EXISTS (
        SELECT FROM corrections_correction said WHERE said.decision_id = {decision} AND (
            (said.author_id + 0 = %(user)s::int8 AND {own}) OR EXISTS (
                SELECT FROM corrections_escalation raised JOIN approvals_approvalrequest asked ON asked.id = raised.approval_id
                WHERE raised.correction_id = said.id AND asked.decided_by_id + 0 = %(user)s::int8
                    AND asked.state IN {_DECIDED}
            )
        ) OFFSET 0
    )"""  # noqa: S608 - texts of the code


def of(user: User, decision: str) -> Exists:
    """Return the same for a queryset whose column `decision` names the decision."""
    return Exists(_said(user).filter(decision_id=OuterRef(decision)))


def decided(user: User, decision: str) -> Exists:
    """Return, for a queryset whose column `decision` names a decision, whether the person decided on a judgement of it."""
    return Exists(Correction.objects.filter(_by(user), decision_id=OuterRef(decision)))


def is_involved(user: User, decision_id: UUID) -> bool:
    """Say whether the person judged the decision, or decided on a judgement of it."""
    return _said(user).filter(decision_id=decision_id).exists()


def has_decided(user: User, decision_id: UUID) -> bool:
    """Say whether the person decided on somebody's judgement of the decision."""
    return Correction.objects.filter(_by(user), decision_id=decision_id).exists()


def _said(user: User) -> "QuerySet[Correction]":
    return Correction.objects.filter(Q(author=user) | _by(user))


def _by(user: User) -> Q:
    return Q(escalation__approval__decided_by=user, escalation__approval__state__in=_DECIDED)
