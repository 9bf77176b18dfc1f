"""Settings of learning: what is wrong is said where it is entered."""

import pytest

from policies.learning import knobs

GOOD = {
    "kind": "scorecard",
    "classes": ["approve", "decline"],
    "outputs": {"approve": {}, "decline": {}},
    "inverse_penalty": 0.3,
    "bins": 5,
    "review": {"kind": "bound", "error": 0.1},
}


def test_faults_of_learner__good__none():
    assert knobs.faults_of_learner(GOOD) == {}
    assert knobs.faults_of_learner({"kind": "exemplars", "exemplars": 6}) == {}


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"kind": "oracle"}, "learner.kind"),
        ({"bins": 1}, "learner.bins"),
        ({"bins": True}, "learner.bins"),
        ({"inverse_penalty": 0}, "learner.inverse_penalty"),
        ({"depth": 3}, "learner.depth"),
        ({"classes": ["approve"]}, "learner.classes"),
        ({"classes": ["approve", "approve"]}, "learner.classes"),
        ({"outputs": {"approve": {}}}, "learner.outputs"),
        ({"review": "often"}, "learner.review"),
        ({"review": {"kind": "bound"}}, "learner.review.error"),
        ({"review": {"kind": "bound", "error": 7}}, "learner.review.error"),
        ({"review": {"kind": "fixed", "error": 0.1}}, "learner.review.error"),
    ],
)
def test_faults_of_learner__wrong__names_the_place(change, path):
    assert path in knobs.faults_of_learner({**GOOD, **change})


@pytest.mark.parametrize(
    ("kind", "given", "path"),
    [
        ("exceptions", {"on": "yes"}, "exceptions.on"),
        ("exceptions", {"min_support": 1}, "exceptions.min_support"),
        ("guards", {"alpha": 0}, "guards.alpha"),
        ("guards", {"patience": 3}, "guards.patience"),
    ],
)
def test_faults_of__wrong__names_the_place(kind, given, path):
    assert list(knobs.faults_of(given, kind)) == [path]


def test_faults_of__defaults__none():
    assert knobs.faults_of({"on": True, "min_support": 4, "alpha": 1.0}, "exceptions") == {}
    assert knobs.faults_of({"alpha": 0.05, "min_pairs": 0}, "guards") == {}
