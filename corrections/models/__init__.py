"""Tables of the feedback plane."""

from corrections.models.attachments import Attachment
from corrections.models.blind import FirstJudgement
from corrections.models.calendars import Calendar
from corrections.models.corrections import Consensus, Correction, Escalation, Recall, Undo
from corrections.models.deadlines import DeadlineAction, DeadlineRules
from corrections.models.handing import Handover
from corrections.models.queues import Draft, Queue, Task
from corrections.models.routing import PriorityWeights, RoutingRule
from corrections.models.search import SavedView, SearchText
from corrections.models.skills import Certificate, CertificateRevocation, CertificateWarning, Skill, SkillNeed

__all__ = [
    "Attachment",
    "Calendar",
    "Certificate",
    "CertificateRevocation",
    "CertificateWarning",
    "Consensus",
    "Correction",
    "DeadlineAction",
    "DeadlineRules",
    "Draft",
    "Escalation",
    "FirstJudgement",
    "Handover",
    "PriorityWeights",
    "Queue",
    "Recall",
    "RoutingRule",
    "SavedView",
    "SearchText",
    "Skill",
    "SkillNeed",
    "Task",
    "Undo",
]
