"""What the demo's feature view says, and how the credit contract reads it."""

from agents.contracts.spec import ContractSpec
from agents.contracts.views import ViewSpec
from policies.learning import fields
from reviewapp.ops.demo import datasets, record, splits


def test_sentences__cases__are_counted_by_purpose() -> None:
    split = splits.credit()
    cases = [*split.train, *split.evaluate]
    told = record.sentences(["repairs", "never asked for", *{one.input["purpose"] for one in cases}], cases)

    mine = [one for one in cases if one.input["purpose"] == "repairs"]
    repaid = sum(one.answer["decision"] == "approve" for one in mine)
    assert told["repairs"] == f"{repaid} of {len(mine)} were repaid"
    assert told["never asked for"] == "none is known"


def test_reading__credit_contract__is_a_contract_that_reads_the_view() -> None:
    contract = ContractSpec.parse({"agent": "credit", "version": 1, **record.reading(datasets.contract("credit"))})

    assert contract.features == (record.USE,)
    assert not contract.features[0].required
    assert "features" not in datasets.contract("credit"), "the file's own is left alone"


def test_reading__credit_contract__moves_no_model() -> None:
    plain = datasets.contract("credit")
    assert fields.of_schema(record.reading(plain)["input_schema"]) == fields.of_schema(plain["input_schema"])


def test_view__as_written__is_a_feature_view() -> None:
    assert ViewSpec.parse(dict(record.VIEW)).name == record.USE.view
