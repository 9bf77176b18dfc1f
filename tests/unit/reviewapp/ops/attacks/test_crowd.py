"""Simulated people: everybody gets their share, and an attack changes nothing but the attackers' words."""

import numpy as np
import pytest

from reviewapp.ops.attacks import crowd

CASES = crowd.cases_needed()
TRUTH = (np.arange(CASES) % 3 == 0).astype(int)
SEGMENTS = np.arange(CASES) % 8
HARD = np.ones(CASES)


def said(kind, seed=1):
    return crowd.answer(TRUTH, SEGMENTS, HARD, kind=kind, share=0.15, seed=seed)


def test_answer__honest_people__judge_225_cases_each_and_none_twice():
    rows = said(None).rows
    assert len({(case, who) for case, who, _ in rows}) == len(rows) == CASES * 3
    assert set(np.bincount([who for _, who, _ in rows]).tolist()) == {225}
    right = np.mean([label == TRUTH[case] for case, _, label in rows])
    assert 0.8 < right < 0.88


@pytest.mark.parametrize("kind", crowd.KINDS)
def test_answer__an_attack__leaves_honest_words_as_they_were(kind):
    attacked, honest = said(kind), said(None)
    assert len(attacked.attackers) == 6
    changed = {row[1] for row, other in zip(attacked.rows, honest.rows, strict=True) if row != other}
    assert changed == attacked.attackers
    assert said(kind).rows == attacked.rows


def test_answer__always__says_one_thing():
    attacked = said("always")
    assert {label for _, who, label in attacked.rows if who in attacked.attackers} == {1}


def test_answer__ring__tells_one_lie_per_case():
    attacked = said("ring")
    honest = said(None)
    lies = {
        row[0]: row[2]
        for row, other in zip(attacked.rows, honest.rows, strict=True)
        if row[2] != TRUTH[row[0]] != other[2]
    }
    assert all(label == 1 - TRUTH[case] for case, label in lies.items())


def test_answer__segment__lies_in_one_of_them():
    attacked, honest = said("segment"), said(None)
    touched = {SEGMENTS[row[0]] for row, other in zip(attacked.rows, honest.rows, strict=True) if row != other}
    assert len(touched) == 1
