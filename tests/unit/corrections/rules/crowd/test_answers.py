"""Rows become numbers that do not depend on their order."""

import numpy as np
import pytest

from corrections.rules.crowd import answers

ROWS = [("b", "ann", "1"), ("a", "bob", "0"), ("a", "ann", "1"), ("b", "bob", "0")]


def test_encode__rows_in_another_order__gives_the_same_numbers():
    one, other = answers.encode(ROWS), answers.encode(reversed(ROWS))
    assert one.codes == other.codes
    assert [(one.task == other.task).all(), (one.worker == other.worker).all(), (one.label == other.label).all()] == [
        True
    ] * 3


def test_encode__answered_twice__the_last_answer_counts():
    coded = answers.encode([*ROWS, ("a", "ann", "0")])
    assert len(coded.task) == 4
    assert answers.votes(coded)[0].tolist() == [2, 0]


def test_encode__gold_of_a_label_nobody_gave__is_a_label_too():
    coded = answers.encode(ROWS, {"a": "2", "unheard": "3"})
    assert coded.codes.labels == ("0", "1", "2")
    assert coded.gold.tolist() == [2, -1]


def test_in_order__numbers__are_sorted_as_numbers():
    assert answers.in_order(["10", "9", "-1"]) == ("-1", "9", "10")
    assert answers.in_order(["10", "9", "no"]) == ("10", "9", "no")


def test_encode__as_many_labels_as_answers__is_refused_with_the_mend():
    rows = [(f"t{number}", f"w{number}", f"label {number}") for number in range(6_000)]
    with pytest.raises(answers.TooMany, match="group rare ones"):
        answers.encode(rows)


def test_matrix__weights__are_each_answers_own():
    coded = answers.encode(ROWS)
    weighted = coded.matrix(np.array([1.0, 2.0, 3.0, 4.0]))
    assert weighted.sum(axis=1).ravel().tolist() == [[3.0, 7.0]] or weighted.sum(axis=1).ravel().tolist() == [3.0, 7.0]
