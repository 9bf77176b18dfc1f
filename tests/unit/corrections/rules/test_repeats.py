"""Repeated justifications are found, and colleagues who write alike are not taken for copies."""

import time

import pytest

from corrections.rules import repeats
from tests.unit.corrections.rules import notes

NOTE = "The payslip of March shows 2100 a month, 3 times what the form says. This should have been declined."


@pytest.mark.parametrize(
    "other",
    [
        "THE PAYSLIP of march shows 2100 a month – 3 times what the form says! This should have been declined",
        "Note: the payslip of March shows 2100 a month, 3 times what the form says. This should have been declined.",
        "The payslp of March shows 2100 a mnoth, 3 times what the fform says. This should have been declined.",
        "This should have been declined. The payslip of March shows 2100 a month, 3 times what the form says.",
        "The payslip March of shows 2100 a month, 3 times what the form says. This should have been declined. Thanks.",
    ],
)
def test_similarity__an_edited_copy__is_a_repeat(other):
    assert repeats.similarity(NOTE, other) >= repeats.SIMILAR
    assert [one.earlier for one in repeats.find([NOTE, other])] == [0]


@pytest.mark.parametrize(
    "other",
    [
        "The payslip of March shows 2200 a month, 3 times what the form says. This should have been declined.",
        "The payslip of March shows not 2100 a month, 3 times what the form says. This should have been declined.",
        "The lease of April shows 2100 a month, 3 times what the letter says. This should have been declined.",
        "I called the employer: 2100 a month for 3 years.",
    ],
)
def test_similarity__another_case_in_like_words__is_no_repeat(other):
    assert repeats.similarity(NOTE, other) is None
    assert repeats.find([NOTE, other]) == []


def test_find__exact_repeats__link_to_the_first():
    found = repeats.find([NOTE, "", NOTE.upper(), "", NOTE])
    assert [(one.later, one.earlier, one.kind, one.similarity) for one in found] == [
        (2, 0, repeats.EXACT, 100.0),
        (4, 0, repeats.EXACT, 100.0),
    ]


def test_find__nothing__finds_nothing():
    assert repeats.find([]) == []
    assert repeats.find(["", " . "]) == []


def test_find__fifty_thousand_generated__is_precise_complete_and_quick():
    texts, source = notes.generate(50_000)
    started = time.process_time()
    found = repeats.find(texts)
    spent = time.process_time() - started

    def origin(place):
        return source[place] if source[place] >= 0 else place

    copies = {place for place, original in enumerate(source) if original >= 0}
    right = {one.later for one in found if origin(one.later) == origin(one.earlier)}
    assert len(right) / len(found) >= 0.95
    assert len(right & copies) / len(copies) >= 0.98
    exact = {one.later for one in found if one.kind == repeats.EXACT}
    seen = set()
    for place, text in enumerate(texts):
        folded = repeats.dedup.fold(text)
        assert (folded in seen) == (place in exact)
        seen.add(folded)
    assert spent / len(texts) <= 100e-6  # 31 µs alone on the machine; the aim is 50


def test_find__a_block_too_large_for_every_pair__is_still_searched():
    texts, source = notes.generate(400, sentences=1.0)
    assert {one.later for one in repeats.find(texts)} == {place for place, one in enumerate(source) if one >= 0}
