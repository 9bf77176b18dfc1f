"""The shell's own pages: search, preferences, shortcuts, gallery, sign-in."""

import re

import pytest
from django.conf import settings
from django.contrib import messages
from django.contrib.messages import storage
from django.template.loader import render_to_string
from django.test import Client, RequestFactory

from reviewapp.core.accounts.models import User
from tests.factories import serving

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def ada() -> User:
    return serving.person("ada")


@pytest.fixture
def client(ada: User) -> Client:
    made = Client()
    made.force_login(ada)
    return made


@pytest.mark.parametrize("path", ["/palette/", "/preferences/", "/shortcuts/", "/components/", "/accounts/2fa/"])
def test_pages__signed_in__are_whole_pages(client: Client, path: str) -> None:
    page = client.get(path)

    assert page.status_code == 200
    assert page.text.count("<h1") == 1
    assert "{%" not in page.text
    assert "{#" not in page.text


@pytest.mark.parametrize("path", ["/palette/", "/preferences/", "/shortcuts/", "/components/"])
def test_pages__nobody__goes_to_sign_in(path: str) -> None:
    assert Client().get(path).headers["Location"] == f"/accounts/login/?next={path}"


@pytest.mark.parametrize("path", ["/palette/", "/shortcuts/", "/components/"])
def test_pages__wrong_verb__is_a_405(client: Client, path: str) -> None:
    assert client.post(path).status_code == 405


def test_search__htmx__options_only(client: Client) -> None:
    found = client.get("/palette/?q=compo", headers=HTMX)

    assert "<html" not in found.text
    assert 'role="option"' in found.text
    assert 'data-href="/components/"' in found.text
    assert "HX-Request" in found.headers["Vary"]


def test_search__nothing_found__says_so_and_escapes(client: Client) -> None:
    found = client.get("/palette/?q=<b>", headers=HTMX)

    assert "Nothing found for “&lt;b&gt;”" in found.text


def test_preferences__theme__is_on_the_next_page_from_the_start(client: Client, ada: User) -> None:
    answer = client.post("/preferences/", {"theme": "dark", "next": "/components/"})

    assert answer.headers["Location"] == "/components/"
    assert '<html lang="en" data-theme="dark"' in client.get("/components/").text


def test_preferences__density__is_on_the_next_page_from_the_start(client: Client, ada: User) -> None:
    assert "data-density" not in client.get("/components/").text

    client.post("/preferences/", {"density": "compact", "next": "/components/"})

    ada.refresh_from_db()
    assert ada.density == "compact"
    assert '<html lang="en" data-density="compact"' in client.get("/components/").text
    assert 'name="density" value="compact" checked' in client.get("/preferences/").text


@pytest.mark.parametrize("name", ["density", "theme"])
def test_preferences__unknown_word__is_refused(client: Client, ada: User, name: str) -> None:
    page = client.post("/preferences/", {name: "tiny"})

    ada.refresh_from_db()
    assert page.status_code == 422
    assert (ada.density, ada.theme) == ("comfortable", "auto")


def test_preferences__by_script__answers_nothing(client: Client, ada: User) -> None:
    answer = client.post("/preferences/", {"single_keys": "off"}, headers={"X-Requested-With": "fetch"})

    ada.refresh_from_db()
    assert answer.status_code == 204
    assert ada.single_keys is False
    assert 'data-shortcuts="off"' in client.get("/components/").text


def test_preferences__whole_form__the_ticked_box_wins_over_its_hidden_field(client: Client, ada: User) -> None:
    client.post("/preferences/", {"single_keys": ["off", "on"], "theme": "light", "time_zone": "Europe/Berlin"})

    ada.refresh_from_db()
    assert (ada.single_keys, ada.theme, ada.time_zone) == (True, "light", "Europe/Berlin")


def test_preferences__unknown_zone__keeps_what_was_typed(client: Client, ada: User) -> None:
    page = client.post("/preferences/", {"time_zone": "Berlin"})

    assert page.status_code == 422
    assert 'value="Berlin"' in page.text
    assert 'aria-invalid="true"' in page.text
    assert 'href="#p-time_zone"' in page.text
    ada.refresh_from_db()
    assert ada.time_zone == "UTC"


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "javascript:alert(1)"])
def test_preferences__foreign_target__goes_home(client: Client, target: str) -> None:
    assert client.post("/preferences/", {"theme": "auto", "next": target}).headers["Location"] == "/"


def test_shell__page__keeps_the_policy_and_names_what_script_needs(client: Client) -> None:
    page = client.get("/components/")

    policy = page.headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    assert re.search(r"""hx-headers='\{"X-CSRFToken": "\w{20,}"\}'""", page.text)
    assert 'href="#main"' in page.text
    assert 'id="live"' in page.text


def test_toasts__message_with_undo__is_a_form_that_works_without_script(ada: User) -> None:
    request = RequestFactory().get("/")
    request._messages = storage.base.BaseStorage(request)  # type: ignore[attr-defined]
    messages.success(request, "Submitted", extra_tags="undo=/tasks/1/undo")
    messages.warning(request, "Not sent")

    found = render_to_string(
        "components/toasts.html",
        {"messages": request._messages._queued_messages},
        request=None,  # type: ignore[attr-defined]
    )

    assert 'action="/tasks/1/undo"' in found
    assert 'data-seconds="30"' in found
    assert 'data-tone="caution" data-seconds="10"' in found


@pytest.mark.parametrize(
    "path", ["/accounts/login/", "/accounts/password/reset/", "/accounts/signup/", "/accounts/inactive/"]
)
def test_account_pages__nobody__wear_the_look_and_say_it_in_our_words(path: str) -> None:
    page = Client().get(path)

    assert page.status_code == 200
    assert 'class="gate"' in page.text
    assert page.text.count("<h1") == 1
    assert "Please" not in page.text


def test_login__wrong_password__keeps_the_name(ada: User) -> None:
    page = Client().post("/accounts/login/", {"login": "ada", "password": "wrong"})

    assert 'value="ada"' in page.text
    assert 'role="alert"' in page.text


# Parts that are whole pages or lie over them, what only says how wide something is, and series and marks of charts.
FRAMES = {
    *("main", "tour", "split", "narrow", "menu", "palette", "toasts", "bench", "benchhead", "help", "qr"),
    *("roomy", "shrink", "sprite", "event", "s2", "s3"),
}


def test_gallery__every_component_of_the_style_sheets__is_shown(client: Client) -> None:
    sheets = "".join(
        re.sub(r"/\*.*?\*/", "", (settings.BASE_DIR / "static" / "css" / name).read_text(encoding="utf-8"), flags=re.S)
        for name in ("parts.css", "forms.css", "data.css")
    )
    drawn = {one for one in re.findall(r"\.([a-z][a-z0-9]*)(?![\w-])", sheets) if "_" not in one}
    shown = {one for names in re.findall(r'class="([^"]*)"', client.get("/components/").text) for one in names.split()}

    assert sorted(drawn - shown - FRAMES) == [], " ".join(sorted(drawn - shown - FRAMES))
