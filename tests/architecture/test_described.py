"""Every address of the API stands in its description, with its errors."""

import re

import pytest

from reviewapp.core.web import reference
from tests.architecture.test_doors import _addresses

# The description does not describe itself.
ITSELF = {"/api/v1/schema"}


def _paths(urlconf: str) -> set[str]:
    routes = {"/" + re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", route) for _, route in _addresses(urlconf)}
    return {route for route in routes if route.startswith(("/api/v1/", "/live/"))} - ITSELF


@pytest.mark.parametrize("urlconf", ["reviewapp.urls", "reviewapp.urls_live", "reviewapp.urls_decide"])
def test_address__of_the_api__is_described(urlconf):
    assert _paths(urlconf) <= set(reference.document()["paths"])


def test_description__names_no_address_that_is_not_there():
    there = set.union(*map(_paths, ("reviewapp.urls", "reviewapp.urls_live", "reviewapp.urls_decide")))

    assert set(reference.document()["paths"]) <= there


def _operations():
    described = reference.document()["paths"]
    return [(f"{method} {path}", operation) for path, item in described.items() for method, operation in item.items()]


def test_operations__errors__are_problem_documents():
    for name, operation in _operations():
        refusals = {code: body for code, body in operation["responses"].items() if code >= "400"}
        assert {"401", "403"} <= set(refusals), name
        for code, body in refusals.items():
            assert list(body["content"]) == ["application/problem+json"], (name, code)
            schema = body["content"]["application/problem+json"]["schema"]
            assert schema == {"$ref": "#/components/schemas/ProblemOutput"}, (name, code)


def test_operations__each__has_a_summary_a_tag_and_a_key():
    for name, operation in _operations():
        assert operation["summary"], name
        assert operation["tags"] in (["Agents and decisions"], ["Review"], ["Releases"], ["Incidents"]), name
        assert {"key": []} in operation["security"], name


def test_answers__none__is_any_object_without_a_shape():
    for name, operation in _operations():
        for code, body in operation["responses"].items():
            for content in body.get("content", {}).values():
                assert content["schema"].get("type") != "object", (name, code)
