"""What the processes without pages answer when no view does."""

import pytest
from django.db import OperationalError
from django.test import Client, RequestFactory

from agents.serving import problems


@pytest.mark.parametrize("urlconf", ["reviewapp.urls_live", "reviewapp.urls_decide"])
def test_address__unknown__is_a_problem_document(settings, urlconf):
    settings.ROOT_URLCONF = urlconf
    settings.MIDDLEWARE = ["django.middleware.security.SecurityMiddleware"]

    answer = Client().get("/api/v1/nowhere")

    assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")
    assert answer.json()["code"] == "not_found"


@pytest.mark.parametrize(("fault", "status"), [(ValueError("odd"), 500), (OperationalError("gone"), 503)])
def test_fault__in_a_view__is_a_problem_document(fault, status):
    try:
        raise fault
    except (ValueError, OperationalError):
        answer = problems.server_error(RequestFactory().get("/api/v1/x"))

    assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json")


def test_request__unreadable__is_a_problem_document():
    assert problems.bad_request(RequestFactory().get("/")).status_code == 400
