"""Addresses of the plane's API, below /api/v1/."""

from django.urls import path

from policies.api import views

urlpatterns = [
    path("agents/<slug:agent>/builds", views.Builds.as_view(), name="api-builds"),
    path("builds/<uuid:build_id>", views.BuildDetail.as_view(), name="api-build"),
    path("agents/<slug:agent>/versions", views.Versions.as_view(), name="api-versions"),
    path("versions/<uuid:version_id>", views.VersionDetail.as_view(), name="api-version"),
    path("versions/<uuid:version_id>/submit", views.Submission.as_view(), name="api-version-submit"),
    path("versions/<uuid:version_id>/approval", views.Approval.as_view(), name="api-version-approval"),
    path("versions/<uuid:version_id>/release", views.ReleaseStart.as_view(), name="api-version-release"),
    path("versions/<uuid:version_id>/rollout", views.Rollout.as_view(), name="api-version-rollout"),
    path("versions/<uuid:version_id>/revoke", views.Revocation.as_view(), name="api-version-revoke"),
    path("releases/<uuid:release_id>/advance", views.Advance.as_view(), name="api-release-advance"),
    path("releases/<uuid:release_id>/pause", views.Pause.as_view(), name="api-release-pause"),
    path("releases/<uuid:release_id>/resume", views.Resume.as_view(), name="api-release-resume"),
    path("releases/<uuid:release_id>/rollback", views.Rollback.as_view(), name="api-release-rollback"),
]
