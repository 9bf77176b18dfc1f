"""The life of an agent's contracts over HTTP. Each operation makes one call into the domain."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from agents.api import contract_shapes as shapes
from agents.api import tags
from agents.api.views import Operation
from agents.contracts.compat import Change
from agents.selectors import contract_pages, visible
from agents.selectors.contract_pages import Draft, Version
from agents.services import contracts, deprecations, drafts
from reviewapp.core.accounts.models import User
from reviewapp.core.errors import Missing, NotAllowed

_PAIR = [
    OpenApiParameter("old", OpenApiTypes.INT, description="The version before `new` when it is left out."),
    OpenApiParameter("new", OpenApiTypes.INT, description="The newest version when it is left out."),
]


class Contracts(Operation):
    """An agent's contracts."""

    @extend_schema(operation_id="contracts_list", responses=shapes.ContractListOutput)
    def get(self, request: Request, agent: str) -> Response:
        """Return every published version, newest first, with what it changed, and the draft of the next one."""
        found = contract_pages.shelf(request.user, agent)
        draft = found.draft
        return Response({"contracts": [_row(one) for one in found.versions], "draft": _draft(draft) if draft else None})


class ContractDetail(Operation):
    """One published contract."""

    @extend_schema(
        operation_id="contracts_retrieve",
        parameters=tags.PARAMETERS,
        responses={200: shapes.ContractDetailOutput, 304: tags.UNCHANGED},
    )
    def get(self, request: Request, agent: str, version: int) -> Response:
        """Return a version with its whole document."""
        found = contract_pages.shelf(request.user, agent)
        row = found.version(version)
        return tags.answer(request, {**_row(row), "body": contract_pages.spec(found.agent_id, version).body})


class ContractDraft(Operation):
    """The draft of an agent's next contract. Needs a person who may develop the agent."""

    @extend_schema(operation_id="contract_draft_retrieve", responses=shapes.ContractDraftOutput)
    def get(self, request: Request, agent: str) -> Response:
        """Return the draft; while there is none, the newest contract's document to begin with, at revision 0."""
        return Response(_draft(contract_pages.start(request.user, agent)[1]))

    @extend_schema(
        operation_id="contract_draft_save", request=shapes.ContractDraftInput, responses=shapes.ContractDraftOutput
    )
    def put(self, request: Request, agent: str) -> Response:
        """Keep a draft as it is, faults and all. A 409 says that somebody else saved since `revision`."""
        agent_id, by = _developer(request, agent)
        given = _given(shapes.ContractDraftInput, request.data)
        drafts.save(agent_id=agent_id, body=given["body"], revision=given["revision"], by=by)
        return Response(_draft(contract_pages.start(by, agent)[1]))

    @extend_schema(operation_id="contract_draft_discard", request=None, responses={204: None})
    def delete(self, request: Request, agent: str) -> Response:
        """Throw the draft away."""
        agent_id, by = _developer(request, agent)
        drafts.discard(agent_id=agent_id, by=by)
        return Response(status=status.HTTP_204_NO_CONTENT)


class ContractValidate(Operation):
    """Looking at a contract before it is published."""

    @extend_schema(operation_id="contracts_validate", request=shapes.BodyInput, responses=shapes.ExaminedOutput)
    def post(self, request: Request, agent: str) -> Response:
        """Say what publishing would meet: every fault by its path, or every change in words. Nothing is written."""
        found = contract_pages.shelf(request.user, agent)
        body = _body(_given(shapes.BodyInput, request.data), found.draft)
        examined = contracts.examine(agent_id=found.agent_id, body=body)
        return Response(
            {
                "valid": examined.spec is not None,
                "version": examined.version,
                "digest": examined.spec.digest if examined.spec else None,
                "errors": dict(examined.errors),
                "verdict": examined.verdict,
                "changes": [_change(one) for one in examined.changes],
            }
        )


class ContractCompare(Operation):
    """Holding one version against another."""

    @extend_schema(operation_id="contracts_compare", responses=shapes.ComparisonOutput, parameters=_PAIR)
    def get(self, request: Request, agent: str) -> Response:
        """Say whether the version `new` may replace the version `old`, change by change."""
        visible.agent(request.user, agent)
        given = _given(shapes.CompareQuery, request.query_params)
        found = contract_pages.compare(request.user, agent, given.get("old"), given.get("new"))
        changes = [_change(one) for one in found.changes]
        return Response({"old": found.old, "new": found.new, "verdict": found.verdict, "changes": changes})


class ContractPublish(Operation):
    """Publishing a contract."""

    @extend_schema(
        operation_id="contracts_publish", request=shapes.PublishInput, responses={201: shapes.ContractDetailOutput}
    )
    def post(self, request: Request, agent: str) -> Response:
        """Publish the body, or the saved draft, as the next version. It governs from the first policy released for it.

        A 422 names every fault, and every breaking change for which `acknowledged` has no reason. Needs a person who may
        develop the agent.
        """
        agent_id, by = _developer(request, agent)
        given = _given(shapes.PublishInput, request.data)
        body = _body(given, contract_pages.shelf(by, agent).draft)
        made = contracts.publish_by(agent_id=agent_id, body=body, acknowledged=given.get("acknowledged"), by=by)
        row = contract_pages.shelf(by, agent).version(made.version)
        return Response({**_row(row), "body": made.body}, status=status.HTTP_201_CREATED)


class ContractDeprecate(Operation):
    """Saying until when a contract is good."""

    @extend_schema(
        operation_id="contracts_deprecate", request=shapes.DeprecateInput, responses=shapes.ContractRowOutput
    )
    def post(self, request: Request, agent: str, version: int) -> Response:
        """Deprecate a version; answers under it then carry `Deprecation` (RFC 9745) and `Sunset` (RFC 8594)."""
        agent_id, by = _developer(request, agent)
        given = _given(shapes.DeprecateInput, request.data)
        deprecations.deprecate(agent_id=agent_id, version=version, by=by, **given)
        return Response(_row(contract_pages.shelf(by, agent).version(version)))


def _developer(request: Request, slug: str) -> tuple[Any, User]:
    agent = visible.agent(request.user, slug)
    if not isinstance(request.user, User):
        raise NotAllowed("A person must do this: use a personal key.", code="person_needed")
    return agent.pk, request.user


def _given(shape: type[shapes.Shape], data: Any) -> dict[str, Any]:
    form: serializers.Serializer[dict[str, Any]] = shape(data=data)
    form.is_valid(raise_exception=True)
    found: dict[str, Any] = form.validated_data
    return found


def _body(given: Mapping[str, Any], draft: Draft | None) -> Mapping[str, Any]:
    body: Mapping[str, Any] | None = given.get("body")
    if body is not None:
        return body
    if draft is None:
        raise Missing("There is no draft. Send the contract as body, or save a draft first.")
    return draft.body


def _row(one: Version) -> dict[str, Any]:
    return {
        "version": one.version,
        "title": one.title,
        "digest": one.digest,
        "published_at": one.published_at,
        "published_by": one.published_by,
        "live": one.live,
        "changes": list(one.changes),
        "deprecation": asdict(one.deprecation) if one.deprecation else None,
    }


def _draft(draft: Draft) -> dict[str, Any]:
    return {
        "body": draft.body,
        "revision": draft.revision,
        "saved_at": draft.saved_at,
        "saved_by": draft.saved_by,
    }


def _change(one: Change) -> dict[str, str]:
    return {"effect": one.effect, "path": one.path, "text": one.text}
