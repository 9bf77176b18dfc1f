"""Cursors are ours or refused."""

import pytest

from reviewapp.core.errors import Invalid
from reviewapp.core.web import paging


def test_read__own_cursor__gives_the_parts() -> None:
    assert paging.read(paging.write("2026-11-20", "7"), parts=2) == ["2026-11-20", "7"]


def test_read__no_cursor__is_the_first_page() -> None:
    assert paging.read("", parts=2) == ()


# Cursors carry the time; without names of their own, two collecting processes would see different tests.
@pytest.mark.parametrize(
    "cursor",
    ["x", paging.write("one"), paging.write("a", "b")[:-2] + "zz"],
    ids=["no cursor", "other length", "forged"],
)
def test_read__foreign_cursor__is_refused(cursor: str) -> None:
    with pytest.raises(Invalid):
        paging.read(cursor, parts=2)
