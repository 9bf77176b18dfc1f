"""Odd requests to every operation of the API: none is a fault of the server, and every answer is as described.

The requests are schemathesis', made from the description; half of them name things that exist, by people and programs
who may do most of what there is to do, so that they come further than the first refusal.
"""

import copy
import json
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi import checks

from reviewapp.core.accounts import services
from reviewapp.core.accounts.keys import SCOPES
from reviewapp.core.web import reference
from tests.factories import features, serving

# So many requests for each operation keep the whole well below a minute.
EXAMPLES = 16
# Its own threads, with connections of their own, see nothing of a test's transaction: tests/integration asks it.
LIVE = "/live/"

HELD = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
]


def _described() -> Any:
    described = copy.deepcopy(reference.document())
    described["paths"] = {path: item for path, item in described["paths"].items() if not path.startswith(LIVE)}
    # Keys are chosen here, not guessed.
    for item in described["paths"].values():
        for operation in item.values():
            operation.pop("security", None)
    made = schemathesis.openapi.from_dict(described)
    made.app = get_wsgi_application()
    return made


API = _described()
OPERATIONS = [(method.upper(), path) for path, item in API.raw_schema["paths"].items() for method in item]


@pytest.fixture
def keys(everything) -> dict[str, str]:
    """One key for who may do everything, and one for an agent's own program."""
    agent = serving.Agent.objects.get(slug=everything.parts["agent"])
    program = services.create_service_account(name="odd program", agent_id=agent.pk, by=None)
    _, key = services.issue_key(name="odd", scopes=["decide", "read", "features"], service=program, by=None)
    return {"person": serving.personal_key(everything.everyone, *SCOPES), "program": key}


@pytest.fixture(autouse=True)
def _connection_stays():
    """Keep the test's transaction open between requests, as Django's own test client does."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


# What a sound request carries, so that some get past the first look at their body.
BODIES: dict[str, Any] = {
    "decisions_create": {"input": serving.GOOD_INPUT},
    "decisions_batch_create": {"input": serving.GOOD_INPUT},
    "trials_create": {"inputs": [serving.GOOD_INPUT]},
    "features_publish": {"agent": "zanzibar", **features.VIEW},
    "features_send": {"rows": [features.row()]},
}


# Whose key gets furthest: programs decide and send features, people do the rest.
PROGRAMS = ("decisions_create", "decisions_batch_create", "features_send")


@schemathesis.serializer("application/x-ndjson")
def lines(context: Any, value: Any) -> bytes:
    """Write a value as one line, and a list as many."""
    return b"".join(json.dumps(one).encode() + b"\n" for one in (value if isinstance(value, list) else [value]))


@pytest.mark.parametrize(("method", "path"), OPERATIONS, ids=[f"{method} {path}" for method, path in OPERATIONS])
def test_operation__odd_requests__answered_as_described(everything, keys, method, path):
    operation = API[path][method]
    name = operation.definition.raw["operationId"]
    right = "program" if name in PROGRAMS else "person"
    wrong = "person" if right == "program" else "program"

    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(
        case=st.one_of(operation.as_strategy(GenerationMode.POSITIVE), operation.as_strategy(GenerationMode.NEGATIVE)),
        real=st.sampled_from([True, True, True, False]),
        sound=st.booleans(),
        who=st.sampled_from([right, right, right, right, right, wrong, None]),
    )
    def ask(case, real, sound, who):
        if real:
            known = {part: str(everything.parts[part]) for part in case.path_parameters if part in everything.parts}
            case.path_parameters = {**case.path_parameters, **known}
            if sound and name in BODIES:
                case.body = BODIES[name]
        headers = {"Authorization": f"Bearer {keys[who]}"} if who else {}
        answer = case.call(base_url="http://127.0.0.1:8000", headers=headers)
        case.validate_response(answer, checks=HELD)

    ask()
