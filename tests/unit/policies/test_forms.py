"""The rollout plan as people type it."""

import pytest
from django.http import QueryDict

from policies import forms
from reviewapp.core.errors import Invalid


def _posted(*rows: tuple[str, str, str]) -> QueryDict:
    posted = QueryDict(mutable=True)
    for name, column in zip(("share", "decisions", "minutes"), zip(*rows, strict=True), strict=True):
        posted.setlist(name, list(column))
    return posted


@pytest.mark.parametrize(
    ("share", "points"), [("5", 500), ("12.5", 1250), ("0.01", 1), (" 7,5 % ", 750), ("100", 10000), ("-5", -500)]
)
def test_plan__share__in_basis_points(share, points):
    assert forms.plan(_posted((share, "", "")))[0]["share_bp"] == points


@pytest.mark.parametrize("share", ["x", "0.001", "nan", "inf", "1e99", "5 5"])
def test_plan__share_that_is_none__named(share):
    with pytest.raises(Invalid) as fault:
        forms.plan(_posted(("1", "0", "0"), (share, "0", "0")))

    assert list(fault.value.fields) == ["plan.1.share_bp"]


@pytest.mark.parametrize("number", ["-1", "1.5", "many", "٣", "9" * 12])
def test_plan__minimum_that_is_no_whole_number__named(number):
    with pytest.raises(Invalid) as fault:
        forms.plan(_posted(("5", number, number)))

    assert set(fault.value.fields) == {"plan.0.min_decisions", "plan.0.min_minutes"}


def test_plan__empty_rows__left_out():
    assert len(forms.plan(_posted(("", "", ""), ("5", "", ""), ("", "3", "")))) == 1


def test_rows__entered__kept_with_errors_and_room_for_more():
    found = forms.rows(forms.planned([(500, 20, 0)]), {"plan.0.share_bp": "Mend this."})

    assert [(row.share, row.decisions, row.share_error) for row in found] == [
        ("5", "20", "Mend this."),
        ("", "", ""),
        ("", "", ""),
    ]


def test_rows__eight_stages__no_room():
    assert len(forms.rows([("1", "", "")] * 8)) == 8
