"""Artifacts: canonical bytes under a digest, refused as a whole when one byte or one term is wrong."""

import copy
from typing import Any

import pytest

from agents.runtime import artifact
from agents.runtime.artifact import ArtifactError
from tests.factories.agents import policy_body, spec


def test_seal__same_content_in_any_order__same_bytes_and_digest() -> None:
    body = policy_body(spec())
    shuffled = dict(reversed(body.items()))
    assert artifact.seal(body) == artifact.seal(shuffled)
    assert artifact.seal(body).digest.startswith("sha256:")


def test_load__sealed_bytes__come_back_as_they_were() -> None:
    contract = spec()
    sealed = artifact.seal(policy_body(contract))
    policy = artifact.load(sealed.content, sealed.digest)
    assert policy.contract_digest == contract.digest
    assert [clause.id for clause in (*policy.guardrails, *policy.exceptions)] == ["R-001", "R-002", "E-0001"]
    assert policy.exceptions[0].sources == ("one", "two")
    assert artifact.seal(policy.body) == sealed


def test_load__one_flipped_byte__is_refused() -> None:
    sealed = artifact.seal(policy_body(spec()))
    with pytest.raises(ArtifactError, match="do not match"):
        artifact.load(sealed.content.replace(b"0.7", b"0.8"), sealed.digest)


def test_load__well_digested_nonsense__is_refused() -> None:
    with pytest.raises(ArtifactError, match="not JSON"):
        artifact.load(b"{", artifact.ids.digest_bytes(b"{"))
    with pytest.raises(ArtifactError, match="format"):
        artifact.load(b"{}", artifact.ids.digest_bytes(b"{}"))


def _with(path: str, value: Any) -> dict[str, Any]:
    body = copy.deepcopy(policy_body(spec()))
    node: Any = body
    *steps, last = [int(step) if step.isdigit() else step for step in path.split("/")]
    for step in steps:
        node = node[step]
    node[last] = value
    return body


@pytest.mark.parametrize(
    ("path", "value", "fault"),
    [
        ("format", "other/1", "format"),
        ("surprise", 1, "surprise"),
        ("contract", {}, "contract"),
        ("guardrails", {}, "guardrails"),
        ("guardrails/0/action", "stop", "guardrails[0].action"),
        ("guardrails/1/output", None, "guardrails[1].output"),
        ("guardrails/1/id", "R-001", "guardrails[1].id"),
        ("exceptions/0/action", "review", "exceptions[0].action"),
        ("autonomy/review_below", 1.2, "autonomy.review_below"),
        ("autonomy/review_below", None, "autonomy.review_below"),
        ("autonomy/sample_rate", "often", "autonomy.sample_rate"),
        ("model/kind", "forest", "model.kind"),
        ("model/classes", ["one"], "model.classes"),
        ("model/intercept", float("nan"), "model.intercept"),
        ("model/intercept", 0.1234567, "model.intercept"),
        ("model/outputs/approve", {"action": "approve"}, "model.outputs.approve"),
        ("model/features/0/points", [1.0], "model.features[0].points"),
        ("model/features/0/edges", [3, 2, 1], "model.features[0].edges"),
        ("model/features/0/path", "secrets.duration", "model.features[0].path"),
        ("model/features/1/points", {"car": None}, "model.features[1].points"),
        ("model/features/1/type", "image", "model.features[1]"),
        ("model/features/2", {"name": "x"}, "model.features[2]"),
        ("model/features", {}, "model.features"),
        ("model/target", 3, "model.target"),
        ("model/threshold", "half", "model.threshold"),
        ("model/features/0/missing", "x", "model.features[0].missing"),
        ("guardrails/0", "rule", "guardrails[0]"),
        ("autonomy", None, "autonomy"),
        ("agent", None, "agent"),
        ("exemplars", {}, "exemplars"),
        ("guidance", 3, "guidance"),
    ],
)
def test_seal__faulty_term__is_named_by_its_path(path: str, value: Any, fault: str) -> None:
    with pytest.raises(ArtifactError) as caught:
        artifact.seal(_with(path, value))
    assert fault in caught.value.faults


def test_seal__number_without_canonical_form__is_refused() -> None:
    with pytest.raises(ArtifactError, match="canonical"):
        artifact.seal(_with("exemplars", [{"n": 2**60}]))
