"""What was refused becomes a page, a banner, or a problem document, each with its status."""

import pytest
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import include, path
from rest_framework.views import APIView

from reviewapp.core.errors import Conflict, DomainError, Invalid, Missing, NotAllowed, Throttled, Unavailable
from tests.factories import serving

FAULTS: dict[str, DomainError] = {
    "denied": NotAllowed("Your roles do not let you approve."),
    "missing": Missing("There is no such task."),
    "conflict": Conflict("Someone submitted this case."),
    "invalid": Invalid("One field.", fields={"limit": "Enter <a> number"}),
    "throttled": Throttled("Too fast.", extra={"retry_after": 5}),
    "unavailable": Unavailable("The queue is down."),
}


def refuse(request: HttpRequest, name: str) -> HttpResponse:
    raise FAULTS[name]


def fail(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("boom")


def away(request: HttpRequest) -> HttpResponse:
    """Find the database gone."""
    raise OperationalError("connection refused")


class Away(APIView):
    """Finds the database gone inside the framework."""

    authentication_classes = ()
    permission_classes = ()

    def get(self, request: HttpRequest) -> HttpResponse:
        """Fail as the driver does."""
        return away(request)


urlpatterns = [
    path("refuse/<name>", refuse),
    path("api/v1/refuse/<name>", refuse),
    path("away", away),
    path("api/v1/away", away),
    path("api/v1/away-in-drf", Away.as_view()),
    path("fail", fail),
    path("api/v1/fail", fail),
    path("", include("reviewapp.urls")),
]
handler400 = "reviewapp.core.web.errors.bad_request"
handler403 = "reviewapp.core.web.errors.forbidden"
handler404 = "reviewapp.core.web.errors.not_found"
handler500 = "reviewapp.core.web.errors.server_error"

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]
HTMX = {"HX-Request": "true"}


@pytest.fixture
def client() -> Client:
    made = Client(raise_request_exception=False)
    made.force_login(serving.person("ada", "auditor"))
    return made


@pytest.mark.parametrize("name", FAULTS)
def test_refusal__page__tells_it_in_the_shell(client: Client, name: str) -> None:
    page = client.get(f"/refuse/{name}")

    assert page.status_code == FAULTS[name].status
    assert FAULTS[name].detail in page.text
    assert page.text.count("<h1") == 1
    assert 'id="nav"' in page.text
    assert 'role="alert"' not in page.text.split("<template")[0]


@pytest.mark.parametrize("name", FAULTS)
def test_refusal__htmx__is_a_banner_that_replaces_nothing(client: Client, name: str) -> None:
    banner = client.post(f"/refuse/{name}", headers=HTMX)

    assert banner.status_code == FAULTS[name].status
    assert banner.headers["HX-Retarget"] == "#problem"
    assert "<html" not in banner.text
    assert "data-focus" in banner.text
    assert FAULTS[name].detail in banner.text


def test_refusal__fields__are_named_and_escaped(client: Client) -> None:
    assert "<code>limit</code> Enter &lt;a&gt; number" in client.get("/refuse/invalid").text


def test_refusal__denied__says_which_roles_one_has(client: Client) -> None:
    assert "Your roles: Auditor." in client.get("/refuse/denied").text


def test_refusal__throttled__says_when_to_come_back(client: Client) -> None:
    assert client.get("/refuse/throttled").headers["Retry-After"] == "5"


@pytest.mark.parametrize("name", FAULTS)
def test_refusal__api__is_a_problem_document(name: str) -> None:
    answer = Client().get(f"/api/v1/refuse/{name}")

    assert answer.status_code == FAULTS[name].status
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["detail"] == FAULTS[name].detail


def test_unknown_address__signed_in__is_a_404_with_a_way_on(client: Client) -> None:
    page = client.get("/no/such/page")

    assert page.status_code == 404
    assert "There is nothing at this address." in page.text
    assert 'href="/"' in page.text


def test_unknown_address__nobody_on_an_open_path__has_no_shell() -> None:
    page = Client().get("/accounts/login/nothing")

    assert page.status_code == 404
    assert 'class="gate"' in page.text
    assert 'id="nav"' not in page.text


def test_unknown_address__api__is_a_problem_document() -> None:
    assert Client().get("/api/v1/nothing").json()["code"] == "not_found"


def test_fault__page__names_a_number_that_the_log_has(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    page = client.get("/fail")

    assert page.status_code == 500
    number = page.text.split('class="mono">')[1].split("<")[0]
    assert number.startswith("E-")
    assert any(number in record.getMessage() for record in caplog.records)
    assert "boom" not in page.text


def test_fault__api__is_a_problem_document(client: Client) -> None:
    answer = client.get("/api/v1/fail")

    assert answer.status_code == 500
    assert answer.json()["code"] == "internal"


def test_form_without_token__says_the_page_is_out_of_date() -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(serving.person("grace"))

    page = strict.post("/preferences/", {"theme": "dark"})

    assert page.status_code == 403
    assert "The page is out of date" in page.text


@pytest.mark.parametrize("address", ["/api/v1/away", "/api/v1/away-in-drf"])
def test_database_away__api__is_503_and_says_when_to_come_back(client: Client, address: str) -> None:
    answer = client.get(address)

    assert answer.status_code == 503
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert int(answer.headers["Retry-After"]) > 0
    assert answer.json()["code"] == "database"


def test_database_away__page__says_so_without_the_shell(client: Client) -> None:
    page = client.get("/away")

    assert page.status_code == 503
    assert int(page.headers["Retry-After"]) > 0
    assert "The database is away for a moment" in page.text
    assert 'id="nav"' not in page.text
