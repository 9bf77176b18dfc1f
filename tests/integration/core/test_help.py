"""Help pages, their search, and the tour."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import Resolver404, resolve

from reviewapp.core.accounts.models import User
from reviewapp.core.web import help as help_pages
from reviewapp.core.web import palette
from tests.factories.serving import person

pytestmark = pytest.mark.django_db

ROOT = Path(settings.BASE_DIR)
# Every place of a template that sends somebody to a section of the help.
ASKED = sorted(
    {
        (path.name, found[1], found[2])
        for path in (ROOT / "templates").rglob("*.html")
        for found in re.finditer(r'{% help "([a-z-]+)" "([a-z-]+)"', path.read_text())
    }
)


@pytest.fixture
def ann() -> Any:
    client = Client()
    client.user = person("ann")  # type: ignore[attr-defined]
    client.force_login(client.user)  # type: ignore[attr-defined]
    return client


@pytest.mark.parametrize("slug", help_pages.PAGES)
def test_page__each__has_sections_whose_links_lead_somewhere(ann, slug):
    answer = ann.get(f"/help/{slug}/")
    text = answer.content.decode()
    assert answer.status_code == 200
    assert help_pages.sections(slug)
    article = text[text.index("<article") : text.index("</article>")]
    for target in re.findall(r'href="(/[^"#]*)', article):
        try:
            resolve(target)
        except Resolver404:
            pytest.fail(f"{slug} leads to {target}, which is nowhere")


def test_sections__anchors__are_named_once_in_a_page():
    for slug in help_pages.PAGES:
        anchors = [section.anchor for section in help_pages.sections(slug)]
        assert len(anchors) == len(set(anchors))


@pytest.mark.parametrize(("template", "slug", "anchor"), ASKED)
def test_marks__beside_fields__lead_to_a_section(template, slug, anchor):
    assert help_pages.exists(slug, anchor), template


def test_search__words__find_headings_first(ann):
    assert "/help/escalations/#four-eyes" in ann.get("/help/", {"q": "wrote correction cannot decide"}).content.decode()
    first = next(iter(help_pages.search("deadlines")))
    assert (first.page.slug, first.anchor) == ("reviewing", "deadlines")
    assert "0 found" in ann.get("/help/", {"q": "xylophone"}).content.decode()


def test_palette__typed__finds_help(ann):
    groups = dict(palette.find(ann.user, "verdicts"))
    assert groups["Help"][0].href == "/help/reviewing/#verdict"


def test_page__unknown__is_not_found(ann):
    assert ann.get("/help/nothing/").status_code == 404


def test_help__wrong_verb_and_nobody__are_refused(ann):
    assert ann.post("/help/").status_code == 405
    assert ann.get("/tour/").status_code == 405
    assert Client().get("/help/").status_code == 302


def test_tour__from_the_offer_to_the_end__is_shown_step_by_step(ann):
    assert "Take the tour" in ann.get("/").content.decode()
    places = []
    for step in range(1, help_pages.DONE):
        answer = ann.post("/tour/", {"step": step})
        places.append(answer["Location"])
        text = ann.get(answer["Location"]).content.decode()
        assert f"{step} of 5:" in text
    assert places == ["/", "/", "/escalations/", "/releases/", "/decisions/"]
    assert ann.post("/tour/", {"step": help_pages.DONE})["Location"] == "/"
    text = ann.get("/").content.decode()
    assert "of 5:" not in text
    assert "Take the tour" not in text


@pytest.mark.parametrize("step", ["0", "7", "two", ""])
def test_tour__no_such_step__is_refused(ann, step):
    assert ann.post("/tour/", {"step": step}).status_code == 422


def test_database__step_beyond_the_end__is_refused(ann):
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.filter(pk=ann.user.pk).update(tour_step=7)
