"""POST a case, get a decision. A plain view: this is the path whose milliseconds an agent waits for."""

import logging
import time
from typing import Any

import orjson
from django.conf import settings
from django.db import Error
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from agents.serving import deciding, problems
from reviewapp.core import clock
from reviewapp.core.accounts import keys
from reviewapp.core.accounts.keys import KeyHolder
from reviewapp.core.errors import DomainError, NotAllowed, TooLarge, Unavailable

log = logging.getLogger(__name__)


class BadJson(DomainError):
    """The body is not JSON."""

    code = "bad_json"
    title = "The body is not JSON"


class WrongVerb(DomainError):
    """Another HTTP method is needed."""

    status = 405
    code = "method_not_allowed"
    title = "This address takes POST"


@csrf_exempt
def decisions(request: HttpRequest, agent: str) -> HttpResponse:
    """Answer `POST /api/v1/agents/<agent>/decisions`: 201 with a decision, 200 with the same one on a repeat."""
    began = time.perf_counter()
    try:
        if request.method != "POST":
            raise WrongVerb("Send the case by POST.")
        holder = keys.authenticate(keys.bearer(request.headers.get("Authorization", "")), now=clock.now())
        body = _body(request)
        live = deciding.find(agent)
        _may(holder, live.agent_id)
        key = request.headers.get("Idempotency-Key")
        decided = deciding.decide(live=live, body=body, idempotency_key=key, began=began, by=holder.actor)
        answer = decided.answer()
    except DomainError as fault:
        response = problems.response(fault)
        if isinstance(fault, WrongVerb):
            response["Allow"] = "POST"
        return response
    except Error:
        log.exception("no decision for %s: the database refused", agent)
        return problems.response(Unavailable("The database is not reachable; try again shortly.", code="database"))
    content = orjson.dumps(answer)
    # The length is said here because no middleware of the decide process does; without it the answer goes in chunks.
    headers = {"Location": answer["links"]["self"], "Content-Length": str(len(content))}
    return HttpResponse(content, status=201 if decided.fresh else 200, content_type="application/json", headers=headers)


def _body(request: HttpRequest) -> Any:
    limit = settings.DECISION_MAX_BYTES
    refusal = TooLarge(
        f"A decision request has at most {limit // 1024} KiB. Send what the contract asks for, no documents."
    )
    stated = request.headers.get("Content-Length", "")
    # By the header first, so that a large body is not even read; then by what came, which the header may understate.
    if stated.isdigit() and int(stated) > limit:
        raise refusal
    raw = request.read(limit + 1)
    if len(raw) > limit:
        raise refusal
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError as fault:
        raise BadJson(f"The body is not JSON: {fault}.") from None


def _may(holder: KeyHolder, agent_id: object) -> None:
    if holder.user_id is not None:
        raise NotAllowed("Decisions are asked for by an agent's own key, not by a person's.", code="key_personal")
    if "decide" not in holder.scopes:
        raise NotAllowed("This key lacks the scope 'decide'. Issue one that has it.", code="scope_missing")
    if holder.agent_id is not None and holder.agent_id != agent_id:
        raise NotAllowed("This key belongs to another agent.", code="key_of_another_agent")
