"""Addresses of the release pages."""

from django.urls import path

from policies.views import audit, evaluation, lineage, releases, rollout, versions

app_name = "policies"

urlpatterns = [
    path("decisions/<uuid:decision_id>/lineage/", lineage.lineage, name="lineage"),
    path("releases/", releases.releases, name="releases"),
    path("releases/<slug:agent>/build/", releases.build, name="build"),
    path("versions/<uuid:version_id>/", versions.version, name="version"),
    path("versions/<uuid:version_id>/policy.json", versions.policy, name="policy"),
    path("versions/<uuid:version_id>/policy.dsse.json", versions.envelope, name="envelope"),
    path("versions/<uuid:version_id>/submit", versions.submit, name="submit"),
    path("versions/<uuid:version_id>/decision", versions.decide, name="decide"),
    path("versions/<uuid:version_id>/withdraw", versions.withdraw, name="withdraw"),
    path("versions/<uuid:version_id>/evaluation/", evaluation.evaluation, name="evaluation"),
    path("versions/<uuid:version_id>/rollout/", rollout.rollout, name="rollout"),
    path("versions/<uuid:version_id>/release", rollout.act, {"move": "release"}, name="release"),
    path("versions/<uuid:version_id>/advance", rollout.act, {"move": "advance"}, name="advance"),
    path("versions/<uuid:version_id>/pause", rollout.act, {"move": "pause"}, name="pause"),
    path("versions/<uuid:version_id>/resume", rollout.act, {"move": "resume"}, name="resume"),
    path("versions/<uuid:version_id>/rollback", rollout.act, {"move": "rollback"}, name="rollback"),
    path("versions/<uuid:version_id>/revoke", rollout.act, {"move": "revoke"}, name="revoke"),
    path("versions/<uuid:version_id>/audit/", audit.audit, name="audit"),
]
