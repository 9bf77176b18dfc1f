"""What of a draft a form has no place for is told, and nothing else."""

import pytest

from corrections.rules.fitting import Left, left_over
from tests.factories.agents import spec
from tests.factories.demanding import ANSWER, OUTPUT

FINE = {
    "verdict": "correct",
    "output": {"action": "decline", "limit": "much"},
    "reason_code": "income",
    "justification": "words",
    "evidence": ["/nowhere"],
    "confidence": 3,
    "time_spent_ms": 5,
    "contract_version": 7,
}


def test_left_over__draft_with_faults_that_the_form_shows__is_nothing():
    assert left_over(FINE, spec()) == []


@pytest.mark.parametrize(
    ("change", "left"),
    [
        ({"verdict": "perhaps"}, Left("verdict", "perhaps")),
        ({"reason_code": "gone"}, Left("reason_code", "gone")),
        ({"output": {"action": "decline", "rate": 3}}, Left("output.rate", "3")),
        ({"output": "decline"}, Left("output", "decline")),
        ({"note": {"a": 1}}, Left("note", '{"a": 1}')),
        ({"left_over": [{"path": "output.old", "text": "x"}, "odd", {"path": 1}]}, Left("output.old", "x")),
    ],
)
def test_left_over__without_a_place__is_told_with_its_path_and_text(change, left):
    assert left_over({**FINE, **change}, spec()) == [left]


def test_left_over__within_objects_and_lists__by_path():
    class Terms:
        output_schema = {**OUTPUT, "additionalProperties": False}
        reason_codes = ()

    output = {
        **ANSWER,
        "home": {"city": "Ulm", "street": "A 1"},
        "parts": [{"label": "Fee", "rate": 2}],
        "tags": "fast",
    }
    found = left_over({"output": output}, Terms())
    assert found == [
        Left("output.tags", "fast"),
        Left("output.home.street", "A 1"),
        Left("output.parts[0].rate", "2"),
    ]


def test_left_over__very_many__are_kept_in_one_text():
    found = left_over({f"k{at}": at + 1 for at in range(100)}, spec())
    assert len(found) == 30
    assert '"k99": "100"' in found[-1].text
