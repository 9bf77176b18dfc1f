"""The list of releases, and building from it."""

import pytest

from policies.models import Build
from policies.services import builds
from tests.factories import learning as make
from tests.factories import serving
from tests.unit.policies.views.conftest import text

pytestmark = pytest.mark.django_db


def test_releases__canary_beside_stable__both_shares_and_states(pages):
    make.release(pages.school, pages.built())

    found = text(pages.get(pages.school.builder, "/releases/"))

    assert "Version 1 serves 90 %" in found
    assert "Version 2 serves 10 % as canary" in found
    assert "In rollout, 10 %" in found
    assert f"Approved by {pages.school.officer.display_name}" in found
    assert "2 of 2 versions" in found


def test_releases__agent_without_versions__says_what_happens_until_there_is_one(pages):
    found = text(pages.get(pages.outsider, "/releases/"))

    assert "No version yet" in found
    assert "every decision goes to people" in found


def test_releases__other_agents_person__missing(pages):
    assert pages.get(pages.outsider, "/releases/?agent=lending").status_code == 404


def test_releases__person_without_roles__missing_and_no_link(pages):
    nobody = serving.person("nina")

    assert pages.get(nobody, "/releases/").status_code == 404
    assert 'href="/releases/"' not in text(pages.get(nobody, "/components/"))


def test_releases__unknown_agent__missing(pages):
    assert pages.get(pages.school.builder, "/releases/?agent=nowhere").status_code == 404


def test_releases__forged_page_link__named(pages):
    response = pages.get(pages.school.builder, "/releases/?agent=lending&after=forged")

    assert response.status_code == 422
    assert "This page link is not valid" in text(response)


def test_releases__post__refused(pages):
    assert pages.post(pages.school.builder, "/releases/").status_code == 405


def test_releases__fragment__rows_only(pages):
    found = text(pages.get(pages.school.builder, "/releases/?agent=lending", fragment=True))

    assert found.startswith('<div class="stack" id="rows">')
    assert "<html" not in found


def test_releases__second_page__older_versions(pages, settings):
    settings.PAGE_SIZE = 1

    first = pages.get(pages.school.builder, "/releases/?agent=lending")
    older = pages.get(pages.school.builder, f"/releases/?agent=lending&after={first.context['older']}")

    assert [row.number for row in first.context["board"].rows] == [2]
    assert [row.number for row in older.context["board"].rows] == [1]
    assert "Newest" in text(older)


def test_releases__one_waits_for_me__counted_in_the_navigation(pages):
    pages.submitted()

    assert '<span class="count" data-tone="caution">1</span>' in text(pages.get(pages.school.officer, "/releases/"))
    assert '<span class="count" data-tone="caution">1</span>' not in text(pages.get(pages.school.builder, "/releases/"))


def test_build__asked_for__page_polls_until_it_is_done(pages):
    make.settle(pages.school, 100, 60)
    running = text(pages.post(pages.school.builder, "/releases/lending/build/", fragment=True))
    build = Build.objects.latest("created_at")
    builds.run(build_id=build.pk)
    done = text(pages.get(pages.school.builder, "/releases/lending/build/", fragment=True))

    assert 'hx-trigger="every 2s"' in running
    assert "waiting for the learner" in running
    assert "A build is under way already." in running
    assert "hx-trigger" not in done.partition('id="build-button"')[0]
    assert "Open version 3" in done


def test_build__without_script__comes_back_to_the_list(pages):
    response = pages.post(pages.school.builder, "/releases/lending/build/")

    assert response.status_code == 302
    assert response["Location"] == "/releases/?agent=lending"


def test_build__twice__conflict_in_words(pages):
    pages.post(pages.school.builder, "/releases/lending/build/")

    response = pages.post(pages.school.builder, "/releases/lending/build/", fragment=True)

    assert response.status_code == 409
    assert "A build of this agent is under way already." in text(response)


def test_build__read_only_role__refused_and_told_why_before(pages):
    shown = text(pages.get(pages.reader, "/releases/"))

    assert "do not let you build policy versions" in shown
    assert 'aria-disabled="true"' in shown
    assert pages.post(pages.reader, "/releases/lending/build/").status_code == 403
    assert not Build.objects.filter(state="queued").exists()


def test_build__other_agents_person__missing(pages):
    assert pages.post(pages.outsider, "/releases/lending/build/").status_code == 404


def test_build__agent_that_does_not_learn__says_what_to_do(pages):
    response = pages.post(pages.outsider, "/releases/elsewhere/build/", fragment=True)

    assert response.status_code == 422
    assert "Configure how this agent learns first." in text(response)


def test_build__put__refused(pages):
    assert pages.client(pages.school.builder).put("/releases/lending/build/").status_code == 405
