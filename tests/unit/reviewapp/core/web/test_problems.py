"""Errors as problem documents, from wherever they come."""

import json

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404
from rest_framework import exceptions

from reviewapp.core.errors import Invalid, Throttled, Unauthenticated
from reviewapp.core.web import problems


def test_problem_response__domain_error__names_fields_by_path() -> None:
    fault = Invalid("Two fields.", fields={"input.amount": "Enter a number"}, extra={"limit": 3})

    response = problems.problem_response(fault)

    assert response.status_code == 422
    assert response["Content-Type"] == "application/problem+json"
    assert json.loads(response.content) == {
        "type": "urn:countersign:problem:invalid",
        "title": "Some fields need attention",
        "status": 422,
        "code": "invalid",
        "detail": "Two fields.",
        "errors": [{"path": "input.amount", "message": "Enter a number"}],
        "limit": 3,
    }


def test_problem_response__headers__say_how_to_go_on() -> None:
    assert problems.problem_response(Unauthenticated("Send a key."))["WWW-Authenticate"].startswith("Bearer")
    assert problems.problem_response(Throttled("Slowly.", extra={"retry_after": 7}))["Retry-After"] == "7"


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        (Http404(), 404),
        (PermissionDenied(), 403),
        (exceptions.MethodNotAllowed("PUT"), 405),
        (exceptions.NotAuthenticated(), 401),
        (exceptions.ValidationError({"a": ["b"]}), 422),
    ],
)
def test_exception_handler__known_fault__is_a_problem_document(fault: Exception, status: int) -> None:
    response = problems.exception_handler(fault, {})

    assert response is not None
    assert response.status_code == response.data["status"] == status
    assert response["Content-Type"] == "application/problem+json"


def test_exception_handler__nested_fields__become_dotted_paths() -> None:
    response = problems.exception_handler(
        exceptions.ValidationError({"inputs": [{}, {"amount": ["Too high.", "Not whole."]}], "name": ["Missing."]}), {}
    )

    assert response is not None
    assert response.data["errors"] == [
        {"path": "inputs.1.amount", "message": "Too high. Not whole."},
        {"path": "name", "message": "Missing."},
    ]


def test_exception_handler__true_fault__stays_one() -> None:
    assert problems.exception_handler(RuntimeError("boom"), {}) is None
