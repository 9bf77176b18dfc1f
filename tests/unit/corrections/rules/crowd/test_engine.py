"""Real crowds, attacked crowds and edges."""

import csv
import time
from pathlib import Path

import numpy as np
import pytest

from corrections.rules.crowd import answers, engine, trial
from tests.unit.corrections.rules.crowd import scene

DATA = Path(__file__).parent / "data"
# DawidSkene of crowd-kit 1.4.2 without gold, in per cent.
REFERENCE = {"rte": 92.75, "temp": 94.16, "cf_amt": 84.0}


def read(name):
    with (DATA / f"{name}_answers.csv").open() as lines:
        rows = [(row["task"], row["worker"], row["label"]) for row in csv.DictReader(lines)]
    with (DATA / f"{name}_truth.csv").open() as lines:
        return rows, {row["task"]: row["truth"] for row in csv.DictReader(lines)}


def with_ring(rows, truth, *, share, seed):
    """Replace a share of the workers by a ring that tells one lie on half of the tasks."""
    chance = np.random.default_rng(seed)
    workers, labels = sorted({row[1] for row in rows}), sorted({row[2] for row in rows})
    ring = set(chance.choice(workers, round(share * len(workers)), replace=False).tolist())
    lies = {
        task: str(chance.choice([label for label in labels if label != right]))
        for task, right in truth.items()
        if chance.random() < 0.5
    }
    return [(task, who, lies.get(task, said) if who in ring else said) for task, who, said in rows], ring


@pytest.mark.parametrize("name", REFERENCE)
def test_settle__real_crowd_without_gold__is_as_right_as_the_reference(name):
    rows, truth = read(name)
    assert trial.run(rows, truth).quality.accuracy * 100 >= REFERENCE[name] - 0.01


@pytest.mark.parametrize("gold_share", [0.0, 0.05])
def test_settle__rte__confidence_means_what_it_says(gold_share):
    done = [trial.run(*read("rte"), gold_share=gold_share, seed=seed).quality for seed in range(5)]
    assert np.mean([quality.ece for quality in done]) <= 0.05
    assert min(quality.precision_at_95 for quality in done) >= 0.93
    assert min(quality.share_at_95 for quality in done) > 0.4


@pytest.mark.parametrize("seed", range(5))
def test_settle__thirty_per_cent_ring_with_gold__stays_right(seed):
    rows, truth = read("rte")
    attacked, ring = with_ring(rows, truth, share=0.3, seed=seed)
    done = trial.run(attacked, truth, gold_share=0.05, seed=seed)
    assert done.quality.accuracy >= 0.85
    listed = {one.worker for one in done.consensus.suspects if any(reason.signal == "ring" for reason in one.reasons)}
    assert len(listed & ring) >= 0.75 * len(listed)


def test_settle__any_order_of_rows__is_identical():
    rows, truth = read("temp")
    one, other = trial.run(rows, truth, gold_share=0.05), trial.run(rows[::-1], truth, gold_share=0.05)
    assert (one.consensus.label == other.consensus.label).all()
    assert (one.consensus.confidence == other.consensus.confidence).all()
    assert one.consensus.suspects == other.consensus.suspects


def test_settle__excluded_worker__counts_for_nothing_and_is_still_compared():
    made = scene.crowd(clickers=1)
    rows = answers.encode(made.rows)
    without = answers.encode([row for row in made.rows if row[1] != "w000"])
    excluded, left_out = engine.settle(rows, exclude=["w000"]), engine.settle(without)
    assert (excluded.label == left_out.label).all()
    np.testing.assert_allclose(excluded.probable, left_out.probable, atol=1e-9)
    assert excluded.signals["disagrees"][0] > 3


@pytest.mark.parametrize(
    "rows",
    [
        [("t", "w", "1")],
        [("t", "w", "1"), ("u", "w", "1")],
        [("t", "w", "1"), ("t", "v", "0")],
        [(f"t{number}", f"w{number % 3}", "same") for number in range(30)],
    ],
)
@pytest.mark.parametrize("gold", [{}, {"t": "1"}])
def test_settle__tiny_crowds__get_probabilities(rows, gold):
    done = engine.settle(answers.encode(rows, gold))
    assert np.isfinite(done.confidence).all()
    np.testing.assert_allclose(done.probable.sum(axis=1), 1)


def test_settle__method__names_gold_and_rings():
    made = scene.crowd(tasks=1500, workers=40, ring=8)
    said = trial.run(made.rows, made.truth, gold_share=0.05).consensus.method
    assert "75 gold tasks" in said
    assert "1 ring(s) as one voice" in said


def test_settle__a_hundred_thousand_answers__take_two_seconds_at_most():
    made = scene.crowd(tasks=20_000, workers=400)
    coded = answers.encode(made.rows)
    started = time.process_time()
    engine.settle(coded)
    assert time.process_time() - started <= 2
