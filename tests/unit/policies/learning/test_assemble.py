"""A policy document: what people wrote stays, what was learned is replaced."""

from agents.runtime import artifact
from policies.learning import assemble
from policies.learning.learned import Learned, Prediction

HEAD = assemble.Head("lending", 2, "sha256:c")
MODEL = {
    "kind": "scorecard",
    "target": "action",
    "classes": ["approve", "decline"],
    "intercept": 1.0,
    "features": [],
    "threshold": 0.5,
    "outputs": {"approve": {}, "decline": {}},
}
WRITTEN = {
    "guardrails": [{"id": "R-1", "when": "true", "action": "review"}],
    "guidance": "Be brief.",
    "exemplars": [{"source": "old"}],
    "autonomy": {"review_below": 0.8},
}


def _body(learned, **changes):
    given = {"factor": 0.5, "review_below": None, "exceptions": [], **changes}
    return assemble.body(HEAD, WRITTEN, learned, **given)


def test_body__scorecard__scaled_and_what_people_wrote_kept():
    made = _body(Learned(MODEL))

    assert made["model"]["intercept"] == 0.5
    assert (made["guardrails"], made["guidance"]) == (WRITTEN["guardrails"], "Be brief.")
    assert made["autonomy"] == {"review_below": 0.8, "override_at": None, "sample_rate": 0.05}
    assert made["exemplars"] == [{"source": "old"}]
    assert artifact.seal(made).digest.startswith("sha256:")


def test_body__certified_threshold__replaces_the_written_one():
    assert _body(Learned(MODEL), review_below=0.66)["autonomy"]["review_below"] == 0.66


def test_body__exemplars_learned__replace_the_old_ones():
    assert _body(Learned({"kind": "none"}, exemplars=({"source": "new"},)))["exemplars"] == [{"source": "new"}]


def _unseen(right, n):
    return [Prediction(str(at), 3.0, at < right, 1.0) for at in range(n)]


def test_threshold__nothing_scored__none():
    assert assemble.threshold([], {}, factor=1.0, review_below=0.7) is None


def test_threshold__fixed__keeps_the_written_one():
    assert assemble.threshold(_unseen(90, 100), {}, factor=1.0, review_below=0.7).below == 0.7


def test_threshold__bound_holds__certified():
    found = assemble.threshold(_unseen(99, 100), {"kind": "bound", "error": 0.1}, factor=1.0, review_below=0.7)

    assert (found.certified, found.below) == (True, 0.952)


def test_threshold__bound_cannot_be_shown__everything_goes_to_people():
    found = assemble.threshold(_unseen(60, 100), {"kind": "bound", "error": 0.1}, factor=1.0, review_below=0.7)

    assert (found.certified, found.below, found.share) == (False, 1.0, 0.0)
