"""The palette finds what a person may open."""

import pytest

from reviewapp.core.web import nav, palette
from reviewapp.core.web.palette import Entry


@pytest.fixture(autouse=True)
def _own_registry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(palette, "_providers", {})
    monkeypatch.setattr(nav, "_items", [])
    nav.register(label="Gallery", url_name="components", icon="boxes", group="Look", key="l")
    nav.register(label="Hidden", url_name="shortcuts", icon="x", group="Look", visible=lambda user: user == "root")


def labels(user: object, typed: str) -> list[str]:
    return [entry.label for _, entries in palette.find(user, typed) for entry in entries]


def test_find__nothing_typed__pages_only() -> None:
    palette.register("Agents", lambda user, typed: [Entry("Consumer credit", "/agents/credit/")])

    assert [group for group, _ in palette.find("ada", " ")] == ["Go to"]
    assert labels("ada", "")[0] == "Gallery"


def test_find__typed__matches_every_word_in_any_order_and_case() -> None:
    assert labels("ada", "SHORT key") == ["Keyboard shortcuts"]
    assert labels("ada", "nonsense") == []


def test_find__page_out_of_sight__is_not_found() -> None:
    assert "Hidden" not in labels("ada", "")
    assert "Hidden" in labels("root", "")


def test_find__providers__six_of_each_after_the_pages() -> None:
    palette.register("Agents", lambda user, typed: (Entry(f"{typed} {n}", "/") for n in range(20)))

    found = dict(palette.find("ada", "cr"))

    assert [entry.label for entry in found["Agents"]] == [f"cr {n}" for n in range(6)]


def test_register__same_group__replaces() -> None:
    palette.register("Agents", lambda user, typed: [Entry("old", "/")])
    palette.register("Agents", lambda user, typed: [Entry("new", "/")])

    assert "new" in labels("ada", "n")
    assert "old" not in labels("ada", "n")
