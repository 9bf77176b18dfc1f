"""The splits: nothing that measures is ever taught, sent or shown."""

import pytest

from reviewapp.ops.demo import splits
from reviewapp.ops.demo.splits import Split


@pytest.mark.parametrize("split", [splits.credit(), splits.employment()], ids=["credit", "employment"])
def test_split__parts__share_no_case(split: Split) -> None:
    parts = [split.train, split.evaluate, split.demo, split.stream, split.holdout]
    indexes = [example.index for part in parts for example in part]
    assert len(indexes) == len(set(indexes))


def test_credit__sizes__use_every_row() -> None:
    split = splits.credit()
    assert [len(part) for part in (split.train, split.evaluate, split.demo, split.stream, split.holdout)] == [
        80,
        130,
        24,
        466,
        300,
    ]


def test_credit__first_version__learns_from_household_loans_only() -> None:
    split = splits.credit()
    assert {example.input["purpose"] for example in split.train} == splits.HOUSEHOLD
    assert {example.input["purpose"] for example in split.stream} > splits.HOUSEHOLD


def test_employment__years__train_before_the_rest_and_hold_out_all_alike() -> None:
    split = splits.employment()
    assert {example.year for example in split.train} == {2015}
    assert {example.year for example in split.demo} == {2016}
    counts = [sum(example.year == year for example in split.holdout) for year in (2015, 2016, 2017, 2018)]
    assert counts == [250, 250, 250, 250]
