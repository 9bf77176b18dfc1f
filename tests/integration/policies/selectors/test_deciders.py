"""Who may give the second signature, and who is told that one waits."""

import pytest
from django.contrib.auth.models import AnonymousUser

from policies.selectors import deciders, versions
from policies.services import versions as version_services
from tests.factories import learning as make
from tests.factories import serving

pytestmark = pytest.mark.django_db


@pytest.fixture
def school():
    return make.school()


@pytest.fixture
def submitted(school):
    make.base(school)
    make.settle(school, 0, 60)
    version = make.built(school)
    return version_services.submit(version_id=version.pk, plan=None, by=school.builder)


def test_names__submitted__everyone_with_the_right_but_its_author(school, submitted):
    serving.person("nora", "risk_officer", agent=school.world.agent)
    serving.person("everywhere", "policy_admin")
    serving.person("ann", "reviewer", agent=school.world.agent)

    found = deciders.names(submitted)

    assert found == ("Everywhere Test", school.officer.display_name, "Nora Test")


def test_names__person_left__not_named(school, submitted):
    school.officer.is_active = False
    school.officer.save()

    assert deciders.names(submitted) == ()


def test_changes__page__names_them(school, submitted):
    assert versions.changes(school.builder, submitted.pk).deciders == (school.officer.display_name,)


def test_open_count__one_submitted__counts_for_others_only(school, submitted):
    reviewer = serving.person("ann", "reviewer", agent=school.world.agent)

    assert deciders.open_count(school.officer) == 1
    assert deciders.open_count(school.builder) == 0
    assert deciders.open_count(reviewer) == 0
    assert deciders.open_count(AnonymousUser()) == 0


def test_open_count__asked_for_by_the_scheduler__still_counts(school):
    make.base(school)
    make.settle(school, 0, 60)
    build = make.builds.request(agent_id=school.agent_id, reason="Enough verdicts", by=None)
    version = make.builds.run(build_id=build.pk).version
    version_services.submit(version_id=version.pk, plan=None, by=school.builder)

    assert deciders.open_count(school.officer) == 1


def test_sees_any__with_and_without_a_role(school):
    assert deciders.sees_any(school.builder)
    assert not deciders.sees_any(serving.person("eve"))
