"""What is decided in the measurements."""

import orjson

from agents.contracts.spec import ContractSpec
from agents.runtime import artifact, decide
from agents.runtime.decide import Case
from tests.perf import terms


def test_documents__as_json__about_1500_bytes_and_always_the_same() -> None:
    sizes = [len(orjson.dumps(terms.document(at))) for at in range(100)]
    assert 1300 < sum(sizes) / len(sizes) < 1700
    assert terms.document(7) == terms.document(7) != terms.document(8)


def test_policy__twenty_rules_and_features__decides_alone_and_no_rule_fires() -> None:
    contract = ContractSpec.parse(terms.contract())
    sealed = artifact.seal(terms.policy(contract.digest))
    policy = artifact.load(sealed.content, sealed.digest)
    assert (len(policy.guardrails), len(policy.model["features"])) == (20, 20)
    for at in range(100):
        document = {**terms.document(at), **terms.features(at)}
        assert contract.input.validate(document, prefix="input") == []
        verdict = decide.decide(policy, contract, case=Case(document, None, "unit", f"digest {at}"))
        assert verdict.status == "auto", verdict.reasons
        assert {line["result"] for line in verdict.trace["rules"]} == {"false"}
