"""Whether a contract may replace another: every change has its effect, its place and its words."""

import copy
from typing import Any

import pytest

from agents.contracts import compat
from agents.contracts.spec import ContractSpec
from tests.factories.agents import contract_body, spec


def changed(path: str, value: Any, *, base: dict[str, Any] | None = None) -> ContractSpec:
    """Return the lending contract with the member at a path of steps set, or taken away when `value` is `None`."""
    body = copy.deepcopy(base or contract_body())
    *steps, last = path.split("/")
    node: Any = body
    for step in steps:
        node = node[int(step)] if isinstance(node, list) else node[step]
    if value is None:
        del node[last]
    else:
        node[last] = value
    return ContractSpec.parse(body)


def effects(old: ContractSpec, new: ContractSpec, used: tuple[str, ...] = ()) -> dict[str, str]:
    """Return the worst effect at each path."""
    found = compat.changes(old, new, used_reasons=used)
    return {change.path: change.effect for change in reversed(found)}


INPUT, OUTPUT = "input_schema/properties", "output_schema/properties"


@pytest.mark.parametrize(
    ("path", "value", "where", "effect"),
    [
        (f"{INPUT}/note", None, "input_schema.properties.note", "breaking"),
        (f"{INPUT}/extra", {"type": "string"}, "input_schema.properties.extra", "safe"),
        (
            "input_schema/required",
            ["purpose", "duration", "amount", "note"],
            "input_schema.properties.note",
            "breaking",
        ),
        ("input_schema/required", ["purpose", "duration"], "input_schema.properties.amount", "safe"),
        (f"{INPUT}/amount/type", "integer", "input_schema.properties.amount.type", "breaking"),
        (f"{INPUT}/age/type", "number", "input_schema.properties.age.type", "safe"),
        (f"{INPUT}/purpose/enum", ["car", "education"], "input_schema.properties.purpose.enum", "breaking"),
        (f"{INPUT}/purpose/enum", ["car", "education", "repairs", "x"], "input_schema.properties.purpose.enum", "safe"),
        (f"{INPUT}/duration/maximum", 60, "input_schema.properties.duration.maximum", "breaking"),
        (f"{INPUT}/duration/maximum", 240, "input_schema.properties.duration.maximum", "safe"),
        (f"{INPUT}/duration/minimum", None, "input_schema.properties.duration.minimum", "safe"),
        (f"{INPUT}/note/maxLength", 100, "input_schema.properties.note.maxLength", "breaking"),
        (f"{INPUT}/note/format", "date", "input_schema.properties.note.format", "breaking"),
        (f"{INPUT}/amount/x-unit", "USD", "input_schema.properties.amount.x-unit", "breaking"),
        (f"{INPUT}/note/x-class", "personal", "input_schema.properties.note.x-class", "care"),
        (f"{INPUT}/employed/default", False, "input_schema.properties.employed.default", "care"),
        (f"{INPUT}/tags/items", {"type": "integer"}, "input_schema.properties.tags.items.type", "breaking"),
        (f"{INPUT}/note/not", {"const": "x"}, "input_schema.properties.note.not", "breaking"),
        ("input_schema/additionalProperties", True, "input_schema.additionalProperties", "safe"),
        (f"{OUTPUT}/action/enum", ["approve", "decline", "ask"], "output_schema.properties.action.enum", "breaking"),
        (f"{OUTPUT}/limit", None, "output_schema.properties.limit", "breaking"),
        (f"{OUTPUT}/limit/maximum", 10, "output_schema.properties.limit.maximum", "care"),
        (f"{OUTPUT}/limit/type", ["number", "null"], "output_schema.properties.limit.type", "breaking"),
        ("latency_ms", 900, "latency_ms", "care"),
        ("title", "Other", "title", "safe"),
        ("failure/on_error", {"do": "deny", "output": {"action": "decline"}}, "failure.on_error", "care"),
        ("failure/on_unavailable", {"do": "review"}, "failure.on_unavailable", "breaking"),
        ("review_rules", [], "review_rules.C-1", "care"),
        ("review_rules/0/text", "Large loans.", "review_rules.C-1", "safe"),
        ("reason_codes/1/verdicts", ["correct"], "reason_codes.income", "care"),
        ("unknown_fields", "drop", "unknown_fields", "care"),
        ("review_capacity", {"open_max": 5, "then": "refuse"}, "review_capacity", "care"),
        ("risk_tier", "high", "risk_tier", "care"),
    ],
)
def test_changes__one_member__has_its_effect(path: str, value: Any, where: str, effect: str) -> None:
    found = effects(spec(), changed(path, value))
    assert found.pop(where) == effect
    assert set(found.values()) <= {"safe"}, found


def test_changes__nothing__may_replace() -> None:
    assert compat.changes(spec(), spec(version=2)) == ()
    assert compat.verdict(1, 2, ()) == "Version 2 may replace version 1."


def test_changes__several__worst_first_and_counted() -> None:
    base = contract_body(latency_ms=900, title="Other")
    listed = compat.changes(spec(), changed(f"{INPUT}/amount/x-unit", "USD", base=base))
    assert [change.effect for change in listed] == ["breaking", "care", "safe"]
    assert "one change breaks" in compat.verdict(1, 2, listed)
    assert "one change needs care" in compat.verdict(1, 2, listed[1:])


def test_changes__reason_code_removed__breaks_only_while_corrections_name_it() -> None:
    new = spec(reason_codes=[{"code": "sound", "title": "Sound", "verdicts": ["agree"]}])
    assert effects(spec(), new) == {"reason_codes.income": "care"}
    assert effects(spec(), new, ("income",)) == {"reason_codes.income": "breaking"}


def test_changes__field_removed_while_unknown_ones_are_dropped__needs_care() -> None:
    base = contract_body(unknown_fields="drop")
    assert effects(ContractSpec.parse(base), changed(f"{INPUT}/note", None, base=base)) == {
        "input_schema.properties.note": "care"
    }
    assert effects(ContractSpec.parse(base), spec())["unknown_fields"] == "breaking"


def test_changes__behind_a_reference__are_found() -> None:
    def body(highest: int) -> ContractSpec:
        made = contract_body()
        made["input_schema"]["$defs"] = {"years": {"type": "integer", "maximum": highest}}
        made["input_schema"]["properties"]["age"] = {"$ref": "#/$defs/years", "title": "Age"}
        return ContractSpec.parse(made)

    assert effects(body(120), body(99)) == {"input_schema.properties.age.maximum": "breaking"}


def test_changes__enum_written_as_constants__is_the_same_list() -> None:
    listed = [{"const": "approve", "title": "Yes"}, {"const": "decline", "title": "No"}]
    base = contract_body()
    del base["output_schema"]["properties"]["action"]["enum"]
    assert effects(spec(), changed(f"{OUTPUT}/action/oneOf", listed, base=base)) == {}


def test_changes__true_for_one__is_another_value() -> None:
    base = contract_body()
    base["input_schema"]["properties"]["flag"] = {"enum": [1, 2]}
    new = changed(f"{INPUT}/flag/enum", [True, 2], base=base)
    assert effects(ContractSpec.parse(base), new)["input_schema.properties.flag.enum"] == "breaking"


def test_changes__view_is_required_no_more__is_told() -> None:
    use = {"view": "applicant", "version": 1, "entity": "/input/note"}
    old, new = spec(features=[use]), spec(features=[{**use, "required": False}])

    assert effects(old, new) == {"features.applicant": "care"}
    assert effects(new, old) == {"features.applicant": "care"}
