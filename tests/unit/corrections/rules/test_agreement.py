"""Coefficients against published worked examples."""

import pytest

from corrections.rules import agreement

# Krippendorff, Computing Krippendorff's Alpha-Reliability (2011), example C: four observers, twelve units, gaps.
OBSERVERS = ["123321412...", "1233224125.3", ".3332342251.", "12332441251."]


def units(observers):
    return [[int(value) for value in unit if value != "."] for unit in zip(*observers, strict=True)]


FOUR = units(OBSERVERS)


@pytest.mark.parametrize(
    ("metric", "published"), [(agreement.NOMINAL, 0.743), (agreement.ORDINAL, 0.815), (agreement.INTERVAL, 0.849)]
)
def test_alpha__four_observers_with_gaps__is_as_published(metric, published):
    found = agreement.alpha(FOUR, metric=metric)
    assert found.value == pytest.approx(published, abs=0.0006)
    assert found.low < found.value < found.high <= 1
    assert found.units == 11


def test_alpha__two_observers_of_yes_and_no__is_as_published():
    # The same paper, example A.
    found = agreement.alpha(units(["0100000010", "1110010000"]))
    assert found.value == pytest.approx(0.095, abs=0.0006)


def test_alpha__everybody_agrees_on_two_labels__is_one():
    found = agreement.alpha([["a", "a"], ["b", "b"], ["a", "a", "a"]])
    assert (found.value, found.low, found.high) == (1.0, 1.0, 1.0)


@pytest.mark.parametrize("said", [[], [["a"], ["b"]], [["a", "a"], ["a", "a"]]])
def test_alpha__nothing_to_tell_apart__is_not_defined(said):
    assert agreement.alpha(said).value is None


def test_alpha__same_seed__is_the_same_interval():
    assert agreement.alpha(FOUR, seed=3) == agreement.alpha(FOUR, seed=3)


def test_alpha__unknown_metric__is_refused():
    with pytest.raises(ValueError, match='use "nominal", "ordinal" or "interval"'):
        agreement.alpha(FOUR, metric="ratio")


def test_kappa__two_labels__is_as_the_statpsych_manual_gives_it():
    # R package statpsych, ci.kappa(.05, 31, 12, 4, 58), after Fleiss and Paik (2003).
    found = agreement.kappa([[31, 12], [4, 58]])
    assert found.value == pytest.approx(0.6756757, abs=1e-7)
    assert found.low == pytest.approx(0.5317210, abs=1e-6)
    assert found.high == pytest.approx(0.8196303, abs=1e-6)
    assert found.units == 105


def test_kappa__chance_alone__is_nought():
    assert agreement.kappa([[25, 25], [25, 25]]).value == pytest.approx(0)


@pytest.mark.parametrize("table", [[[7, 0], [0, 0]], [[0, 0], [0, 0]], [[7]]])
def test_kappa__one_label_only__is_not_defined(table):
    assert agreement.kappa(table).value is None


def test_kappa__a_table_that_is_not_square__is_refused():
    with pytest.raises(ValueError, match="square table"):
        agreement.kappa([[1, 2]])


def test_of_pairs__who_shares_enough_cases__gets_a_kappa():
    answers = {case: {"ann": case % 2, "bob": case % 2} for case in range(6)}
    answers[0]["cem"] = 1
    found = agreement.of_pairs(answers)
    assert set(found) == {("ann", "bob")}
    assert found["ann", "bob"].value == 1.0


def test_table_of__numbers__are_sorted_as_numbers():
    assert agreement.table_of([(10, 9), (9, 9)]) == [[1, 0], [1, 0]]
