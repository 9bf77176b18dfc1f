"""Reading what somebody searches for."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corrections.rules.searching import FIELDS, KINDS, QueryFault, read, words_of


def test_read__words_phrases_and_fields__are_told_apart():
    found = read("tasks", 'Car loan "new savings" agent:credit state:open since:2026-11-01 until:2026-11-02')
    assert found.words == ("car", "loan")
    assert found.phrases == (("new", "savings"),)
    assert found.fields == {"agent": "credit", "state": "open"}
    assert (found.since, found.until, found.ends_before) == (date(2026, 11, 1), date(2026, 11, 2), date(2026, 11, 3))
    assert found.tsquery == "'car':* & 'loan':* & ('new' <-> 'savings')"


def test_read__nothing__wants_everything():
    assert read("decisions", "  ").is_empty
    assert read("decisions", "  ").tsquery == ""


def test_read__quoted_value__keeps_its_blanks():
    assert read("tasks", 'ref:"A 12"').fields == {"ref": "A 12"}


@pytest.mark.parametrize("text", ["A-1009", "a_1009", "ÄRGER", "mail@x.org", "O'Neil"])
def test_read__any_word__is_parted_as_kept_text_is(text):
    assert list(read("tasks", text).words) == words_of(text)


@pytest.mark.parametrize(
    ("kind", "text", "says"),
    [
        ("tasks", "status:auto", "There is no status: in tasks"),
        ("decisions", "status:maybe", "auto, review or escalate"),
        ("tasks", "state:", "Say which after state:"),
        ("tasks", "state:open state:done", "stands there twice"),
        ("tasks", "since:yesterday", "a day such as"),
        ("tasks", "since:0001-01-01", "a day such as"),
        ("tasks", "until:9999-12-31", "a day such as"),
        ("tasks", "since:2026-11-02 until:2026-11-01", "Swap them"),
        ("decisions", "version:two", "a whole number"),
        ("tasks", "x" * 401, "400 characters"),
        ("tasks", "a\x00b", "characters"),
        ("tasks", " ".join(f"w{number}" for number in range(21)), "at most 20 words"),
        ("people", "ada", "Search one of"),
    ],
)
def test_read__what_cannot_be__names_the_mend(kind, text, says):
    with pytest.raises(QueryFault, match=says):
        read(kind, text)


@given(kind=st.sampled_from(KINDS), text=st.text(max_size=120))
def test_read__any_text__is_a_query_or_a_fault(kind, text):
    try:
        found = read(kind, text)
    except QueryFault:
        return
    assert set(found.fields) <= set(FIELDS[kind])
    assert all(word.isidentifier() or word[0].isdigit() or word.replace("_", "").isalnum() for word in found.words)
