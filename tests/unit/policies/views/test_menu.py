"""What the release pages add to the palette."""

import pytest

from policies.views import menu
from tests.factories import serving

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("typed", "labels"),
    [
        ("lending", ["Lending version 2", "Lending version 1"]),
        ("version 2", ["Lending version 2"]),
        ("serving", ["Lending version 1"]),
        ("nothing like it", []),
    ],
)
def test_find_versions__typed__newest_first(pages, typed, labels):
    found = list(menu.find_versions(pages.school.builder, typed))

    assert [entry.label for entry in found] == labels


def test_find_versions__entry__opens_the_version(pages):
    found = next(iter(menu.find_versions(pages.reader, "lending")))

    assert found.href == pages.path(2)
    assert found.note == "Policy version, evaluated"


def test_find_versions__stranger__nothing(pages):
    assert not list(menu.find_versions(pages.outsider, "lending"))
    assert not list(menu.find_versions(serving.person("nina"), "lending"))
