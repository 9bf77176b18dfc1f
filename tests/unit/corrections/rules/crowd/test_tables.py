"""Tables, and faults that name their line."""

import pytest

from corrections.rules.crowd import tables


def read(text):
    truth = {}
    return list(tables.answers(text.splitlines(keepends=True), truth)), truth


def test_answers__columns_in_another_order_and_others_beside__are_read():
    rows, truth = read("note,label,worker,task,truth\nx, yes ,ann,1,yes\n\n,no,bob,1,\n")
    assert rows == [("1", "ann", "yes"), ("1", "bob", "no")]
    assert truth == {"1": "yes"}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "Line 1: the column task is missing"),
        ("task,worker\n1,a\n", "Line 1: the column label is missing; begin the file with"),
        ("task,task,worker,label\n", "Line 1: the column task is there twice"),
        ("task,worker,label\n", "Line 2: there is no answer"),
        ("task,worker,label\n1,a,x\n1,b\n", "Line 3: 2 columns where the first line has 3"),
        ("task,worker,label\n1,,x\n", "Line 2: worker is empty; fill it in"),
        ("task,worker,label,truth\n1,a,x,x\n1,b,x,y\n", "Line 3: task 1 has the truth y, and x in a line before"),
    ],
)
def test_answers__a_fault__names_the_line_and_the_mend(text, words):
    with pytest.raises(tables.TableFault, match=words):
        read(text)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("task,label\n", "Line 1: the column truth is missing"),
        ("task,truth\n1,\n", "Line 2: truth is empty"),
        ("task,truth\n1,a\n1,b\n", "Line 3: task 1 has the truth b, and a in a line before"),
        ("task,truth\n1,a,b\n", "Line 2: 3 columns where the first line has 2"),
    ],
)
def test_truths__a_fault__names_the_line_and_the_mend(text, words):
    with pytest.raises(tables.TableFault, match=words):
        tables.truths(text.splitlines(keepends=True))
