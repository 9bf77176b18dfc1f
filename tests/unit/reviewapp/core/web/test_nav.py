"""The navigation shows what a person may open, with what waits there."""

from types import SimpleNamespace
from typing import Any

import pytest
from django.test import RequestFactory

from reviewapp.core.web import context, nav

ADA = SimpleNamespace(is_authenticated=True, name="ada")


@pytest.fixture(autouse=True)
def _own_registry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nav, "_items", [])


def shown(path: str = "/", user: Any = ADA) -> list[context.Link]:
    request = RequestFactory().get(path)
    request.user = user
    return [link for group in context.shell(request)["nav_groups"] for link in group.items]


def test_shell__items__are_grouped_and_in_order() -> None:
    nav.register(label="Later", url_name="shortcuts", icon="x", group="Second", order=20)
    nav.register(label="First", url_name="components", icon="x", group="First", order=10)

    request = RequestFactory().get("/")
    request.user = ADA  # type: ignore[assignment]

    assert [group.title for group in context.shell(request)["nav_groups"]] == ["First", "Second"]


def test_shell__count_and_sight__are_asked_for_the_person() -> None:
    nav.register(label="Mine", url_name="components", icon="x", group="G", count=lambda user: len(user.name))
    nav.register(label="Hidden", url_name="shortcuts", icon="x", group="G", visible=lambda user: user.name == "grace")

    assert [(link.label, link.count) for link in shown()] == [("Mine", 3)]


@pytest.mark.parametrize(
    ("path", "current"), [("/components/", True), ("/components/deeper/", True), ("/other/", False)]
)
def test_shell__current__is_the_page_and_what_is_below_it(path: str, current: bool) -> None:
    nav.register(label="Gallery", url_name="components", icon="x", group="G")

    assert shown(path)[0].current is current


def test_shell__front_page__is_not_above_everything() -> None:
    nav.register(label="Home", url_name="corrections:home", icon="x", group="G")

    assert shown("/components/")[0].current is False


def test_register__same_address__replaces() -> None:
    nav.register(label="Old", url_name="components", icon="x", group="G")
    nav.register(label="New", url_name="components", icon="x", group="G")

    assert [item.label for item in nav.items()] == ["New"]


def test_shell__nobody__has_no_navigation_and_no_query() -> None:
    nav.register(label="Mine", url_name="components", icon="x", group="G", count=lambda user: 1 // 0)

    assert shown(user=SimpleNamespace(is_authenticated=False)) == []
