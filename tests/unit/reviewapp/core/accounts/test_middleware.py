"""Who is let through to a page, and what a browser may keep of it."""

import pytest

from tests.factories import serving

pytestmark = pytest.mark.django_db


def test_page__signed_out__leads_to_signing_in_and_back(client):
    answer = client.get("/escalations/?state=decided")

    assert answer.status_code == 302
    assert answer.url == "/accounts/login/?next=/escalations/%3Fstate%3Ddecided"


def test_fragment__signed_out__makes_the_page_reload(client):
    answer = client.get("/escalations/", headers={"HX-Request": "true"})

    assert answer.status_code == 401
    assert answer.headers["HX-Refresh"] == "true"


def test_page__signed_in__is_not_kept_by_the_browser(client):
    client.force_login(serving.person("amina", "reviewer", agent=serving.world().agent))

    assert client.get("/").headers["Cache-Control"] == "private, no-store"
