"""What a contract may say of evidence and files."""

import pytest

from agents.contracts.proof import KINDS, Attachments
from agents.contracts.spec import ContractSpec, SpecError
from tests.factories.agents import contract_body


def test_parse__nothing_said__product_limits_and_the_digest_of_before() -> None:
    plain, said = (
        ContractSpec.parse(contract_body(**terms)) for terms in ({}, {"min_evidence": 0, "attachments": None})
    )
    assert (plain.min_evidence, plain.attachments) == (0, Attachments(5, 10_240, KINDS))
    assert plain.digest == said.digest


def test_parse__said__is_read() -> None:
    spec = ContractSpec.parse(contract_body(min_evidence=2, attachments={"most": 1, "kinds": ["pdf"]}))
    assert (spec.min_evidence, spec.attachments) == (2, Attachments(1, 10_240, ("pdf",)))


@pytest.mark.parametrize(
    ("terms", "path"),
    [
        ({"min_evidence": -1}, "min_evidence"),
        ({"min_evidence": True}, "min_evidence"),
        ({"attachments": 3}, "attachments"),
        ({"attachments": {"most": 11}}, "attachments.most"),
        ({"attachments": {"max_kb": 0}}, "attachments.max_kb"),
        ({"attachments": {"kinds": ["exe"]}}, "attachments.kinds"),
        ({"attachments": {"kinds": []}}, "attachments.kinds"),
        ({"attachments": {"size": 1}}, "attachments.size"),
    ],
)
def test_parse__wrong__is_named_with_its_path(terms: dict[str, object], path: str) -> None:
    with pytest.raises(SpecError) as told:
        ContractSpec.parse(contract_body(**terms))
    assert path in dict(told.value.faults)
