"""The API's description as a document and as a page."""

import json

import pytest
import yaml
from django.test import Client

from reviewapp.ops.demo import datasets
from tests.factories import serving

pytestmark = pytest.mark.django_db


@pytest.fixture
def signed_in() -> Client:
    client = Client()
    client.force_login(serving.person("ada"))
    return client


def test_schema__as_json_or_yaml__is_the_same_document(signed_in):
    as_json = signed_in.get("/api/v1/schema", {"format": "json"})
    as_yaml = signed_in.get("/api/v1/schema", {"format": "yaml"})

    assert as_json.json()["openapi"] == "3.1.0"
    assert yaml.safe_load(as_yaml.content) == json.loads(as_json.content)


def test_schema__by_key__is_read_without_a_session():
    world = serving.world()

    answer = Client().get("/api/v1/schema", headers={**world.auth, "Accept": "application/vnd.oai.openapi+json"})

    assert answer.status_code == 200
    assert "/api/v1/agents/{agent}/decisions" in answer.json()["paths"]


def test_schema__nobody__is_refused_with_a_problem():
    answer = Client().get("/api/v1/schema")

    assert answer.status_code == 401
    assert answer["Content-Type"] == "application/problem+json"


def test_schema__where_it_was_before__still_answers(signed_in):
    assert signed_in.get("/api/schema/", {"format": "json"}).json()["info"]["title"] == "Countersign API"


def test_page__without_script__lists_every_operation(signed_in):
    page = signed_in.get("/api/docs/").content.decode()

    assert "/api/v1/agents/{agent}/decisions/{decision_id}" in page
    assert "Ask for a decision" in page
    assert 'data-schema="/api/v1/schema?format=json"' in page


def test_page__loads_own_files_only(signed_in):
    answer = signed_in.get("/api/docs/")
    page = answer.content.decode()

    assert "<style" not in page
    assert "<script>" not in page
    assert "unsafe-inline" not in answer["Content-Security-Policy"]
    assert "/static/drf_spectacular_sidecar/swagger-ui-dist/swagger-ui-bundle" in page


def test_page__wrong_verb__is_a_405(signed_in):
    assert signed_in.post("/api/docs/").status_code == 405


def test_examples__request__keeps_the_demos_contract():
    from agents.api import examples
    from agents.contracts.schema import Schema

    contract = datasets.contract("refund")

    assert Schema(contract["input_schema"]).validate(examples.CASE, prefix="input") == []
    assert Schema(contract["output_schema"]).validate(examples.ANSWER, prefix="output") == []
