"""POST a case, get a decision. A plain view: this is the path whose milliseconds an agent waits for."""

import logging
import time
from collections.abc import Callable
from typing import Any

import orjson
from django.conf import settings
from django.db import Error
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.views.decorators.csrf import csrf_exempt

from agents.selectors.live import Live
from agents.services.decisions import KeyFallen
from agents.serving import batch, deciding, notices, plain, problems
from agents.serving.plain import Answer, Asked
from reviewapp.core import clock
from reviewapp.core.accounts import keys
from reviewapp.core.accounts.keys import KeyHolder
from reviewapp.core.errors import DomainError, NotAllowed, TooLarge, Unavailable

log = logging.getLogger(__name__)

NDJSON = "application/x-ndjson"
_ONE = "A decision request has at most {limit}. Send what the contract asks for, no documents."
_MANY = "A batch has at most {limit}. Send it in parts."


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
    """Answer `POST /api/v1/agents/<agent>/decisions` as a view; see `answer`."""
    return answer(Asked.of(request), agent).response()


def answer(asked: Asked, agent: str) -> Answer:
    """Answer a request for a decision: 201 with a decision, 200 with the same one on a repeat, or a problem."""
    began = time.perf_counter()

    def decide(holder: KeyHolder, *, stands: bool) -> Answer:
        body = _json(_content(asked, settings.DECISION_MAX_BYTES, _ONE))
        live = _live(agent, holder)
        key = asked.environ.get("HTTP_IDEMPOTENCY_KEY")
        decided = deciding.decide(
            live=live,
            body=body,
            idempotency_key=key,
            key_id=None if stands else holder.key_id,
            began=began,
            by=holder.actor,
        )
        if not stands and not decided.fresh:
            _holder(asked)
        said = decided.answer()
        headers = {"Location": said["links"]["self"], **notices.ending(live)}
        return plain.answer(201 if decided.fresh else 200, orjson.dumps(said), headers=headers)

    try:
        _posted(asked)
        return _remembering(asked, decide)
    except (DomainError, Error) as fault:
        return _refused(fault, agent)


@csrf_exempt
def decisions_batch(request: HttpRequest, agent: str) -> HttpResponseBase:
    """Answer `POST …/decisions/batch`: a decision request per line in, a result per line out, as each part is done."""

    asked = Asked.of(request)
    try:
        _posted(asked)
        holder = _holder(asked)
        lines = batch.lines(_content(asked, settings.BATCH_MAX_BYTES, _MANY))
        live = _live(agent, holder)
        deciding.contract_of(live)
        results = batch.decide(live=live, lines=lines, by=holder.actor)
        return StreamingHttpResponse(results, content_type=NDJSON, headers=notices.ending(live))
    except (DomainError, Error) as fault:
        return _refused(fault, agent).response()


def _posted(asked: Asked) -> None:
    if asked.method != "POST":
        raise WrongVerb("Send the case by POST.")


def _refused(fault: DomainError | Error, agent: str) -> Answer:
    if isinstance(fault, Error):
        log.error("no decision for %s: the database refused", agent, exc_info=fault)
        return problems.answer(problems.unreachable())
    said = problems.answer(fault)
    if isinstance(fault, WrongVerb):
        said.headers["Allow"] = "POST"
    return said


def _remembering(asked: Asked, decide: Callable[..., Answer]) -> Answer:
    """Decide for a key this process has just seen, without asking for it: it must stand when the decision is written.

    Whatever else is answered, be it a refusal, the key is looked at first: a revoked one learns nothing more.
    """
    holder = keys.recall(_bearer(asked), now=clock.now())
    if holder is None:
        return decide(_holder(asked), stands=True)
    try:
        return decide(holder, stands=False)
    except KeyFallen:
        _holder(asked)
        raise Unavailable("The key changed just now. Send the request again.", code="key_changed") from None
    except DomainError:
        _holder(asked)
        raise


def _holder(asked: Asked) -> KeyHolder:
    return keys.authenticate(_bearer(asked), now=clock.now())


def _bearer(asked: Asked) -> str:
    return keys.bearer(asked.environ.get("HTTP_AUTHORIZATION", ""))


def _live(agent: str, holder: KeyHolder) -> Live:
    live = deciding.find(agent)
    _may(holder, live.agent_id)
    return live


def _content(asked: Asked, limit: int, sentence: str) -> bytes:
    refusal = TooLarge(sentence.format(limit=f"{limit // 1024:,} KiB"))
    stated = asked.environ.get("CONTENT_LENGTH", "")
    # By the header first, so that a large body is not even read; then by what came, which the header may understate.
    if stated.isdigit() and int(stated) > limit:
        raise refusal
    raw = asked.read(limit + 1)
    if len(raw) > limit:
        raise refusal
    return raw


def _json(raw: bytes) -> Any:
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
