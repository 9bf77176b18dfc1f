"""Release notes."""

from policies.learning import notes
from policies.learning.calibrate import Threshold
from policies.learning.dataset import Dataset, Row
from policies.learning.explain import Change


def _row(at, source, use, decided=None, label="decline"):
    return Row(f"{source}:{at}", source, use, f"u{at}", {}, None, {}, label, decided, 1.0)


DATASET = Dataset("credit", 1, "sha256:c", 1000, (
    _row(1, "reference", "train"), _row(2, "reference", "test"),
    _row(3, "consensus", "train", "approve"), _row(4, "consensus", "train", "decline"), _row(5, "consensus", "test", "approve"),
))  # fmt: skip
FIELD = Change("field", "changed", "months", "Months", "", "", "Counts stronger overall.", 1.0)


def test_write__learned_from_people__counts_and_says_so():
    found = notes.write(dataset=DATASET, listed=[FIELD], threshold=None, flips={}, replaces=1)

    assert found["counts"] == {"reference": 1, "consensus": 2, "corrected": 1, "held_out": 1, "tests": 2}
    assert found["lines"][0] == (
        "Learned from 2 decisions that people settled, 1 of them changed, and from 1 reference case. "
        "For testing, 1 settled decision stayed aside."
    )
    assert found["summary"] == "1 field changed, from 2 settled decisions"
    assert "Months: counts stronger overall." in found["lines"]


def test_write__first_version__does_not_speak_of_changes():
    found = notes.write(dataset=DATASET, listed=[FIELD], threshold=None, flips={"changed": 1}, replaces=None)

    assert found["summary"] == "First version, learned from 1 reference case"
    assert not any("Against version" in line for line in found["lines"])


def test_write__flips__are_counted_against_the_replaced_version():
    flips = {"cases": 50, "changed": 6, "mended": 4, "broken": 2}

    found = notes.write(dataset=DATASET, listed=[], threshold=None, flips=flips, replaces=7)

    assert found["lines"][-1] == (
        "Against version 7, 6 of 50 known cases get another answer: 4 become right, 2 become wrong."
    )
    assert found["summary"] == "Nothing changed, from 2 settled decisions"


def test_write__threshold__says_share_and_error():
    threshold = Threshold(below=0.7, certified=True, share=0.5, error=0.1, n=200)

    found = notes.write(dataset=DATASET, listed=[], threshold=threshold, flips={}, replaces=1)

    assert any(
        "50 % are decided alone, 10.0 % of them wrongly (the limit holds with 95 % confidence)" in line
        for line in found["lines"]
    )
