"""Learned exceptions: only from repeated, identical, uncontradicted corrections."""

from policies.learning import exceptions
from policies.learning.dataset import Row
from policies.learning.fields import CATEGORICAL, Field

FIELDS = (
    Field("purpose", "input.purpose", "Purpose", CATEGORICAL, ("boat", "car", "tv")),
    Field("insured", "input.insured", "Insured", CATEGORICAL, required=False),
)
ON = {"on": True, "min_support": 4, "alpha": 1.0}


def _row(at, purpose, label, decided, insured=True, output=None):
    return Row(
        f"consensus:{at:03d}", "consensus", "train", f"u{at}", {"purpose": purpose, "insured": insured}, None,
        output or {"decision": label}, label, decided, 0.95,
    )  # fmt: skip


def _agreed(n):
    return [_row(at, "car" if at % 2 else "tv", "approve", "approve", insured=at % 3 == 0) for at in range(n)]


def _answers(rows):
    return {row.id: row.decided for row in rows}


def test_find__same_correction_again_and_again__one_exception_with_its_sources():
    boats = [_row(900 + at, "boat", "decline", "approve") for at in range(5)]
    rows = [*_agreed(60), *boats]

    found = exceptions.find(rows, _answers(rows), FIELDS, ON)

    assert len(found) == 1
    assert found[0].conditions == (("purpose", "boat"),)
    assert found[0].sources == tuple(row.id for row in boats)


def test_find__switched_off__finds_nothing():
    rows = [_row(at, "boat", "decline", "approve") for at in range(9)]

    assert exceptions.find(rows, _answers(rows), FIELDS, {}) == ()


def test_find__one_contradicting_case__no_exception():
    rows = [*_agreed(60), *[_row(900 + at, "boat", "decline", "approve", insured=at % 2 == 0) for at in range(5)]]
    rows += [_row(990, "boat", "approve", "approve"), _row(991, "boat", "approve", "approve", insured=False)]

    assert exceptions.find(rows, _answers(rows), FIELDS, ON) == ()


def test_find__model_answers_it_already__no_exception():
    rows = [*_agreed(60), *[_row(900 + at, "boat", "decline", "approve") for at in range(5)]]

    assert exceptions.find(rows, {row.id: row.label for row in rows}, FIELDS, ON) == ()


def test_find__same_case_repeated__is_not_support():
    rows = [*_agreed(60), *[_row(900 + at, "boat", "decline", "approve") for at in range(5)]]
    rows = [
        Row(**{**{name: getattr(row, name) for name in Row.__slots__}, "unit": "same"})
        if row.label == "decline"
        else row
        for row in rows
    ]

    assert exceptions.find(rows, _answers(rows), FIELDS, ON) == ()


def test_find__different_outputs__no_exception():
    rows = [
        *_agreed(60),
        *[_row(900 + at, "boat", "decline", "approve", output={"decision": "decline", "fee": at}) for at in range(5)],
    ]

    assert exceptions.find(rows, _answers(rows), FIELDS, ON) == ()


def test_find__could_be_chance__no_exception():
    # Every second settled decision is a correction: four in a row happen somewhere by accident.
    rows = [
        *_agreed(10),
        *[_row(900 + at, "boat" if at < 4 else "car", "decline", "approve", insured=at % 2 == 0) for at in range(10)],
    ]

    assert exceptions.find(rows, _answers(rows), FIELDS, {**ON, "alpha": 0.05}) == ()


def test_as_rules__optional_field__is_tested_for_presence():
    item = exceptions.Found((("insured", "false"), ("purpose", 'a "b"')), {"decision": "decline"}, "decline", ("c1",))

    rule = exceptions.as_rules([item], FIELDS, [])[0]

    assert rule["when"] == r'has(input.insured) && input.insured == false && input.purpose == "a \"b\""'
    assert (rule["id"], rule["support"]) == ("E-0001", 1)


def test_as_rules__known_condition__keeps_its_id():
    item = exceptions.Found((("purpose", "boat"),), {"decision": "decline"}, "decline", ("c1",))
    other = exceptions.Found((("purpose", "car"),), {"decision": "decline"}, "decline", ("c2",))
    earlier = [{"id": "E-0004", "when": 'input.purpose == "boat"'}]

    rules = exceptions.as_rules([other, item], FIELDS, earlier)

    assert [rule["id"] for rule in rules] == ["E-0004", "E-0005"]
