"""Feature views: read whole, refused by dotted path, compared in words."""

import copy
from typing import Any

import pytest

from agents.contracts import views
from agents.contracts.faults import SpecError
from agents.contracts.views import ViewSpec
from tests.factories.features import VIEW


def made(**changes: Any) -> ViewSpec:
    return ViewSpec.parse({**copy.deepcopy(VIEW), **changes})


def feature(**changes: Any) -> list[dict[str, Any]]:
    return [{"name": "income", "type": "number", **changes}]


def test_parse__good_view__features_take_over_what_they_leave_out() -> None:
    income, loans, *_ = made().features

    assert (income.title, income.owner, income.freshness_seconds) == ("Income", "Credit data", 3600)
    assert loans.freshness_seconds == 86400
    assert loans.sensitivity == "internal"
    assert ViewSpec.parse(made().body).digest == made().digest


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"name": "No Name"}, "name"),
        ({"entity": "1st"}, "entity"),
        ({"owner": ""}, "owner"),
        ({"title": 7}, "title"),
        ({"freshness_seconds": 0}, "freshness_seconds"),
        ({"freshness_seconds": True}, "freshness_seconds"),
        ({"colour": "red"}, "colour"),
        ({"features": []}, "features"),
        ({"features": ["income"]}, "features[0]"),
        ({"features": feature(name="a b")}, "features[0].name"),
        ({"features": feature(type="date")}, "features[0].type"),
        ({"features": feature(unit=7)}, "features[0].unit"),
        ({"features": feature(freshness_seconds=-1)}, "features[0].freshness_seconds"),
        ({"features": feature(**{"class": "secret"})}, "features[0].class"),
        ({"features": feature(colour="red")}, "features[0].colour"),
        ({"features": feature() * 2}, "features[1].name"),
    ],
)
def test_parse__bad_view__named_by_path(changes: dict[str, Any], path: str) -> None:
    with pytest.raises(SpecError) as caught:
        made(**changes)

    assert path in caught.value.faults


def test_parse__no_object__refused() -> None:
    with pytest.raises(SpecError):
        ViewSpec.parse([])


@pytest.mark.parametrize(
    ("values", "paths"),
    [
        ({"income": 1, "loans": 2, "region": "north", "health": None}, set()),
        ({}, {"values"}),
        (None, {"values"}),
        ({"height": 1}, {"values.height"}),
        ({"income": "1"}, {"values.income"}),
        ({"loans": 1.5}, {"values.loans"}),
        ({"loans": True}, {"values.loans"}),
        ({"health": 1}, {"values.health"}),
        ({"region": "\x00"}, {"values.region"}),
        ({"loans": 2**60}, {"values.loans"}),
    ],
)
def test_check__values__named_by_path(values: Any, paths: set[str]) -> None:
    assert set(made().check(values)) == paths


def test_changes__nothing_a_reader_sees__none() -> None:
    assert views.changes(made(), made(title="Other")) == ()


@pytest.mark.parametrize(
    ("before", "after", "breaking", "words"),
    [
        ({}, {"type": "string"}, True, "income is text instead of a number."),
        ({"type": "integer"}, {}, False, "income is a number instead of a whole number."),
        ({"unit": "EUR"}, {"unit": "USD"}, True, "income is in USD instead of EUR."),
        ({}, {"class": "public"}, True, "income is public instead of internal."),
        ({}, {"class": "sensitive"}, False, "income is sensitive instead of internal."),
        ({}, {"freshness_seconds": 60}, True, "income is fresh for 60 s instead of 3,600 s."),
        ({}, {"freshness_seconds": 7200}, False, "income is fresh for 7,200 s instead of 3,600 s."),
        ({}, {"name": "wage"}, True, "income is no longer part of the view."),
    ],
)
def test_changes__one_feature__told(before: Any, after: Any, breaking: bool, words: str) -> None:
    first, *_ = views.changes(made(features=feature(**before)), made(features=feature(**after)))

    assert (first.breaking, first.text) == (breaking, words)


def test_changes__owner_and_new_feature__told_and_not_breaking() -> None:
    later = made(owner="Risk", features=[*VIEW["features"], {"name": "age", "type": "integer"}])

    told = [change.text for change in views.changes(made(), later) if not change.breaking]

    assert "Risk answers for it instead of Credit data." in told
    assert "age is new." in told
