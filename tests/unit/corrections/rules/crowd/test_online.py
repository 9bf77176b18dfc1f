"""Answer by answer comes close to settling everything at once, and takes next to no time."""

import time

import numpy as np
import pytest

from corrections.rules.crowd import answers, engine
from corrections.rules.crowd.online import Online
from tests.unit.corrections.rules.crowd.test_engine import read


def test_add__the_second_half_one_by_one__comes_close_to_the_whole():
    rows, _ = read("rte")
    order = np.random.default_rng(1).permutation(len(rows)).tolist()
    shuffled = [rows[place] for place in order]
    half = len(rows) // 2
    online = Online(engine.settle(answers.encode(shuffled[:half])))
    now, spent = {}, []
    for row in shuffled[half:]:
        started = time.process_time()
        now[row[0]] = online.add(*row)
        spent.append(time.process_time() - started)
    whole = engine.settle(answers.encode(rows))
    labels = dict(zip(whole.answers.codes.tasks, (whole.answers.codes.labels[one] for one in whole.label), strict=True))
    assert np.mean([labels[task] == found.label for task, found in now.items()]) >= 0.97
    assert np.quantile(spent, 0.99) <= 0.001
    assert all(0 < found.confidence <= 1 for found in now.values())


def test_add__an_answer_taken_back__leaves_the_records_as_they_would_be():
    rows = [(f"t{number}", f"w{worker}", str(number % 2)) for number in range(20) for worker in range(3)]
    changed, plain = (Online(engine.settle(answers.encode(rows))) for _ in range(2))
    changed.add("new", "w0", "1")
    assert changed.add("new", "w0", "0") == plain.add("new", "w0", "0")


def test_add__new_people_and_gold__are_taken():
    rows = [(f"t{number}", f"w{worker}", str(number % 2)) for number in range(20) for worker in range(3)]
    online = Online(engine.settle(answers.encode(rows, {"t1": "1"})))
    assert online.add("t1", "stranger", "0").label == "1"
    assert online.add("t1", "stranger", "0").confidence == 1.0
    assert online.add("t2", "stranger", "1").label == "0"
    with pytest.raises(KeyError):
        online.add("t2", "stranger", "perhaps")
