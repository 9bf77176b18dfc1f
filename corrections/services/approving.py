"""Approving several escalations in one go: only those that ask for the same with little effect, each by its own reason."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext as _

from corrections.models import Escalation
from corrections.selectors import alike
from corrections.services import escalations
from reviewapp.core import clock
from reviewapp.core.accounts import access
from reviewapp.core.accounts.models import User
from reviewapp.core.errors import Conflict, Invalid, Missing, NotAllowed


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one of them; `why_not` says why it was not approved."""

    id: UUID
    approved: bool
    why_not: str


def approve(*, escalation_id: UUID, rationales: Mapping[UUID, str], by: User) -> list[Outcome]:
    """Approve those of `rationales` (by escalation) that are alike to `escalation_id`, and tell of each what became of it.

    Alike: of one agent and contract, with the same change, verdict and reason, which by replay turns at most
    `alike.MOST_TURNED` decisions. Each is a decision of its own, with its reason, transaction and event, under every rule
    of single ones. Raises `Missing`, `NotAllowed`, and `Invalid` when nothing or too much is named or a reason is missing.
    """
    first = Escalation.objects.select_related("agent").filter(pk=escalation_id).first()
    if first is None or not access.can(by, "agents.view_agent", first.agent):
        raise Missing("This escalation does not exist.")
    access.require(by, "agents.decide_escalation", first.agent)
    if not rationales or len(rationales) > alike.MOST:
        raise Invalid("Nothing was approved.", fields={"approvals": f"Name one to {alike.MOST} escalations."})
    if blank := [position for position, words in enumerate(rationales.values()) if not words.strip()]:
        faults = {f"approvals.{position}.rationale": "Say why for each of them." for position in blank}
        raise Invalid("Nothing was approved.", fields=faults)
    rows = {one.id: one for one in alike.beside(escalation_id, by, now=clock.now(), only=rationales)}
    outcomes = []
    for key, words in rationales.items():
        why_not = rows[key].why_not if key in rows else _("This escalation does not exist.")
        if not why_not:
            why_not = _approve(key, words, beside=escalation_id, by=by)
        outcomes.append(Outcome(key, approved=not why_not, why_not=why_not))
    return outcomes


def _approve(key: UUID, words: str, *, beside: UUID, by: User) -> str:
    # Somebody else may have been quicker, or judged the case meanwhile: that one is told, the others go on.
    try:
        escalations.decide(escalation_id=key, verdict="approved", rationale=words, alike_to=beside, by=by)
    except (Conflict, Invalid, Missing, NotAllowed) as fault:
        return fault.detail
    return ""
