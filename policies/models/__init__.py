"""Tables of the learning and release plane. Private: other apps name them as strings and call services."""

from policies.models.learning import Build, LearningSettings, ReferenceCase, Snapshot
from policies.models.releases import GuardReading, Release
from policies.models.versions import Evaluation, PolicyVersion

__all__ = [
    "Build",
    "Evaluation",
    "GuardReading",
    "LearningSettings",
    "PolicyVersion",
    "ReferenceCase",
    "Release",
    "Snapshot",
]
