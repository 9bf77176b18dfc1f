"""What the live policy would answer: decided, not recorded."""

import time
from collections.abc import Mapping
from typing import Any

from django.conf import settings

from agents.runtime.decide import Case
from agents.selectors.live import Live
from agents.serving import deciding, requests
from reviewapp.core.errors import Invalid, Unavailable


def run(*, live: Live, body: Any) -> dict[str, Any]:
    """Answer up to a thousand cases with the stable policy; nothing is stored, nobody is asked.

    `body` has `inputs`, or `cases` of {input, proposal}. Raises `Invalid` naming case and field, and `Unavailable` while
    the agent has no contract.
    """
    if live.contract is None:
        raise Unavailable("This agent has no contract yet, so nothing can be decided.", code="contract_missing")
    key, cases = _cases(body)
    faults: dict[str, str] = {}
    results = []
    for index, case in enumerate(cases):
        try:
            results.append(_answer(live, live.contract.spec, case))
        except Invalid as fault:
            for path, message in fault.fields.items():
                inner = path.removeprefix("input").removeprefix(".") if key == "inputs" else path
                place = f"{key}[{index}]"
                faults[f"{place}.{inner}" if inner else place] = message
            if len(faults) >= 20:
                break
    if faults:
        raise Invalid("Some cases do not keep the agent's contract.", fields=faults)
    served = live.stable
    return {
        "agent": live.slug,
        "policy": {"version": served.version, "digest": served.policy.digest} if served else None,
        "contract": {"version": live.contract.version},
        "results": results,
    }


def _cases(body: Any) -> tuple[str, list[Any]]:
    known = {"inputs", "cases"}
    if not isinstance(body, Mapping) or len(set(body) & known) != 1 or set(body) - known:
        raise Invalid("Send the cases to try.", fields={"inputs": "Send either inputs or cases, a list."})
    key = next(iter(body))
    cases = body[key]
    if not isinstance(cases, list) or not 0 < len(cases) <= settings.TRIAL_MAX_CASES:
        raise Invalid(
            "Send the cases to try.", fields={key: f"Send a list of 1 to {settings.TRIAL_MAX_CASES:,} cases."}
        )
    return key, [{"input": case} for case in cases] if key == "inputs" else cases


def _answer(live: Live, spec: Any, body: Any) -> dict[str, Any]:
    request = requests.read(body, spec, idempotency_key=None)
    # Chance is drawn by the case itself, so that a trial repeated gives the same.
    case = Case(
        request.input, request.proposal, request.unit or request.digest, request.digest, request.mode == "record"
    )
    verdict, _ = deciding.answer(live.stable, "stable", spec, case, began=time.perf_counter())
    return {
        "output": verdict.output,
        "status": verdict.status,
        "confidence": verdict.confidence,
        "score": verdict.score,
        "reasons": [reason.code for reason in verdict.reasons],
    }
