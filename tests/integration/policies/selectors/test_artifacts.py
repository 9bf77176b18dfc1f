"""A policy's source: what a reader sees is what serves."""

import json

import pytest

from policies.models import PolicyVersion
from policies.selectors import artifacts, boards
from reviewapp.core import ids
from reviewapp.core.errors import Missing
from tests.factories import learning as make
from tests.factories import serving

pytestmark = pytest.mark.django_db


@pytest.fixture
def school():
    made = make.school()
    make.base(made)
    return made


def test_sealed__bytes__have_the_digest_they_are_named_by(school):
    version = PolicyVersion.objects.get()

    found = artifacts.sealed(school.builder, version.pk)

    assert ids.digest_bytes(found.content) == found.digest == version.artifact_id
    assert found.name == "lending-1.policy.json"


def test_source__first_version__all_of_it(school):
    lines = artifacts.source(school.builder, PolicyVersion.objects.get().pk)

    assert {line.kind for line in lines} == {"same"}
    assert json.loads("\n".join(line.text for line in lines))["agent"] == "lending"


def test_source__later_version__what_is_different(school):
    make.settle(school, 0, 60)
    version = make.built(school)

    lines = artifacts.source(school.builder, version.pk)

    assert {"added", "removed", "gap"} <= {line.kind for line in lines}
    assert any("intercept" in line.text for line in lines if line.kind == "added")


def test_source__stranger__missing(school):
    with pytest.raises(Missing):
        artifacts.source(serving.person("eve"), PolicyVersion.objects.get().pk)


def test_board__pages__older_versions_follow(school):
    for at in range(2):
        make.settle(school, at * 100, 60)
        make.built(school)

    first = boards.board(school.builder, "lending", limit=2)
    second = boards.board(school.builder, "lending", limit=2, before=first.older_than)

    assert [row.number for row in first.rows] == [3, 2]
    assert (first.older_than, first.total) == (2, 3)
    assert [row.number for row in second.rows] == [1]
    assert second.older_than is None
