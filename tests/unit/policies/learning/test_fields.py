"""Which inputs a learner may look at."""

from policies.learning import fields, reading
from policies.learning.dataset import Row

SCHEMA = {
    "required": ["amount", "purpose"],
    "properties": {
        "amount": {"type": "number", "title": "Amount"},
        "purpose": {"type": "string", "enum": ["car", "tv"]},
        "insured": {"type": ["boolean", "null"]},
        "story": {"type": "string"},
        "items": {"type": "array"},
        "religion": {"type": "string", "enum": ["a", "b"], "x-class": "sensitive"},
    },
}


def test_of_schema__takes_numbers_and_closed_lists__leaves_text_and_sensitive():
    found = fields.of_schema(SCHEMA)

    assert [(field.name, field.kind, field.required) for field in found] == [
        ("amount", "numeric", True),
        ("purpose", "categorical", True),
        ("insured", "categorical", False),
    ]
    assert (found[0].label, found[1].label, found[1].values) == ("Amount", "purpose", ("car", "tv"))


def test_of_schema__agent_proposes__its_probability_is_one_more_number():
    assert fields.of_schema(SCHEMA, proposes=True)[-1].path == "proposal.probability"


def _row(proposal):
    return Row("r", "consensus", "train", "u", {"amount": 3}, proposal, {}, "yes", None, 1.0)


def test_value__proposal__is_the_probability_of_the_positive_class():
    yes = _row({"output": {"employed": "yes"}, "confidence": 0.8})
    no = _row({"output": {"employed": "no"}, "confidence": 0.8})

    assert reading.value(yes, "proposal.probability", target="employed", positive="yes") == 0.8
    assert round(reading.value(no, "proposal.probability", target="employed", positive="yes"), 6) == 0.2


def test_value__no_proposal__is_missing():
    assert reading.value(_row(None), "proposal.probability", target="employed", positive="yes") is None


def test_category__booleans__read_as_json():
    assert [reading.category(value) for value in (True, False, "car", 3)] == ["true", "false", "car", "3"]
