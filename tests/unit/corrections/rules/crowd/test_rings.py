"""Rings are found without naming the innocent, and count as one voice."""

import numpy as np

from corrections.rules.crowd import answers, reliability, rings
from tests.unit.corrections.rules.crowd import scene


def found_in(made):
    coded = answers.encode(made.rows)
    fitted = reliability.fit(coded, reliability.FULL)
    return coded, rings.find(rings.ties(coded, fitted), coded.size[1])


def test_find__a_ring__names_its_members_only():
    made = scene.crowd(tasks=1500, workers=40, ring=8)
    coded, ring = found_in(made)
    assert {coded.codes.workers[one] for one in np.flatnonzero(ring >= 0)} == made.bad
    assert len(set(ring[ring >= 0].tolist())) == 1


def test_find__honest_crowds__names_nobody():
    named = [(found_in(scene.crowd(tasks=1500, workers=40, seed=seed))[1] >= 0).sum() for seed in range(10)]
    assert sum(named) == 0


def test_find__people_who_always_say_the_same__are_no_ring_for_that():
    made = scene.crowd(tasks=1500, workers=40)
    rows = [(task, worker, "1" if worker < "w006" else label) for task, worker, label in made.rows]
    _, ring = found_in(scene.Scene(rows, made.truth))
    assert (ring >= 0).sum() == 0


def test_one_voice__members_on_one_task__share_a_weight_of_one():
    rows = [("t", f"w{number}", "1") for number in range(5)]
    coded = answers.encode(rows)
    weights = rings.one_voice(coded, np.array([0, 0, 0, -1, -1]))
    np.testing.assert_allclose(weights, [1 / 3, 1 / 3, 1 / 3, 1, 1])


def test_ties__nobody_shares_a_task__finds_nothing():
    coded = answers.encode([("a", "ann", "1"), ("b", "bob", "0")])
    found = rings.ties(coded, reliability.fit(coded, reliability.FULL))
    assert rings.find(found, 2).tolist() == [-1, -1]
    assert rings.belonging(found, np.array([-1, -1])).tolist() == [0, 0]
