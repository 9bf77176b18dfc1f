"""What an incident can be about."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class Kind:
    """One matter: its code, its name, a title over the incident's data, how bad it is, its icon, and what to do about it."""

    code: str
    label: Any
    title: Any
    tone: str
    icon: str
    advice: Any


ROLLED_BACK, PAUSED, WEBHOOK, PARKED, REFUSED, DECLARED = (
    "release_rolled_back",
    "release_paused",
    "webhook_disabled",
    "events_parked",
    "slot_refused",
    "declared",
)

KINDS = {
    kind.code: kind
    for kind in (
        Kind(
            ROLLED_BACK,
            _("Release rolled back"),
            _("A guard took version %(number)s of %(agent)s out of traffic"),
            "critical",
            "undo-2",
            _("All traffic goes to the version before. Read the guards, and the cases that the version decided."),
        ),
        Kind(
            PAUSED,
            _("Release paused"),
            _("A guard paused the release of version %(number)s of %(agent)s"),
            "caution",
            "pause",
            _("All traffic goes to the version before. Resume the rollout or roll it back."),
        ),
        Kind(
            WEBHOOK,
            _("Webhook switched off"),
            _("A webhook of %(agent)s was switched off because it kept failing"),
            "caution",
            "power",
            _("Answers wait. Mend the receiver, then resume the address."),
        ),
        Kind(
            PARKED,
            _("Events set aside"),
            _("Events were set aside because handing them on kept failing"),
            "critical",
            "octagon-alert",
            _("Later events of the same subject wait behind them. Mend the cause, then hand them on again."),
        ),
        Kind(
            REFUSED,
            _("Version refused"),
            _("What %(agent)s is to serve cannot be trusted"),
            "critical",
            "octagon-x",
            _(
                "The last good version stays in place until its statement runs out. Release a version that can be trusted."
            ),
        ),
        Kind(
            DECLARED,
            _("Declared by a person"),
            # Typed by a person, and shown as it is.
            "%(title)s",
            "critical",
            "flag",
            _("Who looks after it says when it is over."),
        ),
    )
}
