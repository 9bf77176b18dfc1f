"""Builds, versions and releases over HTTP. Each operation makes one call into the domain."""

from typing import Any, ClassVar
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from policies.api import inputs, outputs, present
from policies.selectors import boards, evaluations, rollouts, sources, versions
from policies.selectors import builds as build_rows
from policies.services import builds, releases, revoking
from policies.services import versions as version_services
from reviewapp.core.accounts import api_auth
from reviewapp.core.accounts.models import User
from reviewapp.core.errors import Conflict, NotAllowed


class Operation(APIView):
    """Reads need the scope `read` or `policies`, writes need `policies` and a person behind the key."""

    Input: ClassVar[type[serializers.Serializer[dict[str, Any]]]] = inputs.RationaleInput

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Check the key's scope before anything else."""
        super().initial(request, *args, **kwargs)
        holder = request.auth
        reads = request.method in {"GET", "HEAD", "OPTIONS"} and "read" in getattr(holder, "scopes", ())
        if not reads:
            api_auth.require_scope(request, "policies")

    def given(self, request: Request) -> dict[str, Any]:
        """Return the validated body. Raises a validation error that names each faulty field."""
        form = self.Input(data=request.data)
        form.is_valid(raise_exception=True)
        found: dict[str, Any] = form.validated_data
        return found

    def person(self, request: Request) -> User:
        """Return who asks. Raises `NotAllowed` for a service account: people answer for versions."""
        if not isinstance(request.user, User):
            raise NotAllowed("A person must do this: use a personal key.", code="person_needed")
        return request.user


class Builds(Operation):
    """The builds of one agent."""

    Input = inputs.BuildInput

    @extend_schema(request=inputs.BuildInput, responses={202: outputs.BuildOutput})
    def post(self, request: Request, agent: str) -> Response:
        """Ask for a new version of the agent."""
        by = self.person(request)
        found = sources.named(by, agent)
        build = builds.request(agent_id=found.id, reason=self.given(request)["reason"], by=by)
        return Response(present.build(build_rows.get(by, build.pk)), status=status.HTTP_202_ACCEPTED)


class BuildDetail(Operation):
    """One build."""

    @extend_schema(responses=outputs.BuildOutput)
    def get(self, request: Request, build_id: UUID) -> Response:
        """Return how far it is, or what came of it."""
        return Response(present.build(build_rows.get(request.user, build_id)))


class Versions(Operation):
    """The versions of one agent."""

    @extend_schema(responses=outputs.VersionsOutput)
    def get(self, request: Request, agent: str) -> Response:
        """Return who serves now and every version, newest first."""
        board = boards.board(request.user, agent)
        serving = [
            {"version": one.version_id, "number": one.number, "share_bp": one.share_bp, "role": one.role}
            for one in board.serving
        ]
        return Response(
            {
                "serving": serving,
                "new_consensus": board.new_consensus,
                "versions": [present.version_row(row) for row in board.rows],
            }
        )


class VersionDetail(Operation):
    """One version."""

    @extend_schema(responses=outputs.VersionOutput)
    def get(self, request: Request, version_id: UUID) -> Response:
        """Return its notes, gates, approval, release, and what may be done with it."""
        return Response(_version(request.user, version_id))


class Submission(Operation):
    """Asking for approval."""

    Input = inputs.PlanInput

    @extend_schema(request=inputs.PlanInput, responses={200: outputs.VersionOutput})
    def post(self, request: Request, version_id: UUID) -> Response:
        """Ask a second person to approve the version with its evaluation and rollout plan."""
        by = self.person(request)
        version_services.submit(version_id=version_id, plan=self.given(request).get("plan"), by=by)
        return Response(_version(by, version_id))


class Approval(Operation):
    """Deciding on a submitted version."""

    Input = inputs.ApprovalInput

    @extend_schema(request=inputs.ApprovalInput, responses={200: outputs.VersionOutput})
    def post(self, request: Request, version_id: UUID) -> Response:
        """Approve, reject or return it; never by who built or submitted it."""
        by = self.person(request)
        version_services.decide(version_id=version_id, by=by, **self.given(request))
        return Response(_version(by, version_id))


class ReleaseStart(Operation):
    """Beginning a rollout."""

    Input = inputs.PlanInput

    @extend_schema(request=inputs.PlanInput, responses={201: outputs.ReleaseOutput})
    def post(self, request: Request, version_id: UUID) -> Response:
        """Release an approved version to the first stage of the plan that was approved with it."""
        by = self.person(request)
        plan = self.given(request).get("plan")
        approved = versions.load(by, version_id).version.plan
        if plan is not None and [dict(stage) for stage in plan] != approved:
            raise Conflict("Another plan was approved. Submit the version again with this one.", code="plan_differs")
        release = releases.start(version_id=version_id, by=by)
        return Response(present.release(rollouts.row(release)), status=status.HTTP_201_CREATED)


class Advance(Operation):
    """The next stage."""

    @extend_schema(request=inputs.RationaleInput, responses={200: outputs.ReleaseOutput})
    def post(self, request: Request, release_id: UUID) -> Response:
        """Go to the next stage, or to all traffic after the last one."""
        by = self.person(request)
        return Response(
            present.release(rollouts.row(releases.advance(release_id=release_id, by=by, **self.given(request))))
        )


class Pause(Operation):
    """Holding a rollout."""

    @extend_schema(request=inputs.RationaleInput, responses={200: outputs.ReleaseOutput})
    def post(self, request: Request, release_id: UUID) -> Response:
        """Give all traffic to the stable version for now."""
        by = self.person(request)
        return Response(
            present.release(rollouts.row(releases.pause(release_id=release_id, by=by, **self.given(request))))
        )


class Resume(Operation):
    """Going on with a paused rollout."""

    @extend_schema(request=inputs.RationaleInput, responses={200: outputs.ReleaseOutput})
    def post(self, request: Request, release_id: UUID) -> Response:
        """Give the rollout its share again."""
        by = self.person(request)
        return Response(
            present.release(rollouts.row(releases.resume(release_id=release_id, by=by, **self.given(request))))
        )


class Rollback(Operation):
    """Going back."""

    Input = inputs.RollbackInput

    @extend_schema(request=inputs.RollbackInput, responses={200: outputs.ReleaseOutput})
    def post(self, request: Request, release_id: UUID) -> Response:
        """Take the release out of traffic; answers with the release that serves now."""
        by, given = self.person(request), self.given(request)
        back = releases.rollback(
            release_id=release_id, rationale=given["rationale"], to_version_id=given.get("to_version"), by=by
        )
        return Response(present.release(rollouts.row(back)))


class Revocation(Operation):
    """Taking a version out of service for ever."""

    @extend_schema(request=inputs.RationaleInput, responses={200: outputs.VersionOutput})
    def post(self, request: Request, version_id: UUID) -> Response:
        """Make sure no process serves the version again, and take it out of traffic if it is there."""
        by = self.person(request)
        revoking.revoke(version_id=version_id, by=by, **self.given(request))
        return Response(_version(by, version_id))


class Rollout(Operation):
    """Where a version's rollout stands."""

    @extend_schema(responses=outputs.RolloutOutput)
    def get(self, request: Request, version_id: UUID) -> Response:
        """Return stages, guards and what the stage waits for."""
        return Response(present.rollout(rollouts.page(request.user, version_id)))


def _version(user: Any, version_id: UUID) -> dict[str, Any]:
    page = versions.changes(user, version_id)
    return present.version(page, evaluations.page(user, version_id).evaluation)
