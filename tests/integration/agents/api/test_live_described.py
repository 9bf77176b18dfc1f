"""Odd requests to the live process: its answers are as the API's description says."""

import copy

import pytest
import schemathesis
from django.core.wsgi import get_wsgi_application
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi import checks

from agents.services import resolutions
from reviewapp.core.accounts import actors
from reviewapp.core.web import reference
from tests.factories import serving
from tests.factories.decisions import decided

pytestmark = pytest.mark.django_db(transaction=True)

RESOLUTION = "/live/v1/agents/{agent}/decisions/{decision_id}/resolution"
HELD = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
]


def test_resolution__odd_requests__answered_as_described(settings_of_live):
    world = serving.world()
    waiting, settled = decided(world, serving.UNSURE_INPUT), decided(world, serving.UNSURE_INPUT)
    resolutions.resolve(decision_id=settled.pk, output={"action": "decline"}, source="review", by=actors.SYSTEM)
    described = copy.deepcopy(reference.document())
    described["paths"][RESOLUTION]["get"].pop("security")
    api = schemathesis.openapi.from_dict(described)
    api.app = get_wsgi_application()
    operation = api[RESOLUTION]["GET"]
    seen = set()

    @settings(
        max_examples=40,
        derandomize=True,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(
        case=st.one_of(operation.as_strategy(GenerationMode.POSITIVE), operation.as_strategy(GenerationMode.NEGATIVE)),
        decision=st.sampled_from([waiting.pk, settled.pk, None]),
        key=st.sampled_from([world.key, world.key, "cs_odd"]),
    )
    def ask(case, decision, key):
        if decision:
            case.path_parameters = {"agent": "lending", "decision_id": str(decision)}
        answer = case.call(base_url="http://127.0.0.1:8001", headers={"Authorization": f"Bearer {key}"})
        case.validate_response(answer, checks=HELD)
        seen.add(answer.status_code)

    ask()
    assert {200, 204, 401, 404, 422} <= seen


@pytest.fixture
def settings_of_live(settings):
    """The live process has its own addresses, and here it never waits."""
    settings.ROOT_URLCONF = "reviewapp.urls_live"
    settings.MIDDLEWARE = ["django.middleware.security.SecurityMiddleware"]
    settings.WAIT_MAX_SECONDS = 0
