"""When a correction is complete."""

import pytest

from corrections.rules.submission import Entry, faults, judged_output, resolve_pointer, storable
from tests.factories.agents import spec

CASE = {"purpose": "car", "duration": 24, "amount": 900.0, "tags": ["a", "b"], "nested": {"a/b": {"~": 1}}}
DECIDED = {"action": "approve", "limit": 900.0}
WORDS = "The income does not carry this instalment."


def entry(**changes) -> Entry:
    said = {
        "verdict": "correct",
        "output": {"action": "decline"},
        "reason_code": "income",
        "justification": WORDS,
        "evidence": ("/duration",),
        "confidence": 4,
    }
    return Entry(**{**said, **changes})


def found(one: Entry, decided=DECIDED) -> set[str]:
    return set(faults(one, spec(), document=CASE, decided=decided))


def test_faults__complete_correction__has_none():
    assert found(entry()) == set()


def test_faults__agreeing__needs_neither_reason_nor_words():
    assert found(entry(verdict="agree", output=None, reason_code="", justification="", evidence=())) == set()


@pytest.mark.parametrize("verdict", ["cannot_tell", "escalate"])
def test_faults__passing_on__needs_words_and_no_output(verdict):
    short = entry(verdict=verdict, output=None, reason_code="", justification="no idea")
    assert "justification" in found(short)
    code = "income" if verdict == "escalate" else ""
    assert found(entry(verdict=verdict, output=None, reason_code=code)) == set()


@pytest.mark.parametrize(
    ("change", "paths"),
    [
        ({"verdict": ""}, {"verdict"}),
        ({"verdict": "approve"}, {"verdict"}),
        ({"output": None}, {"output"}),
        ({"output": DECIDED}, {"output"}),
        ({"output": {"action": "perhaps"}}, {"output.action"}),
        ({"output": {}}, {"output.action"}),
        ({"output": {"action": "decline", "limit": "much"}}, {"output.limit"}),
        ({"reason_code": ""}, {"reason_code"}),
        ({"reason_code": "sound"}, {"reason_code"}),
        ({"justification": WORDS[:19]}, {"justification"}),
        ({"evidence": ("/duration", "/nowhere", "duration")}, {"evidence[1]", "evidence[2]"}),
        ({"confidence": 0}, {"confidence"}),
        ({"confidence": 6}, {"confidence"}),
        ({"justification": WORDS + "\x00"}, {"justification"}),
        ({"output": {"action": "decline", "limit": float("nan")}}, {"output"}),
        ({"output": {"action": "decline", "limit": 2**60}}, {"output"}),
        ({"evidence": ("/dura\ud800tion",)}, {"evidence"}),
    ],
)
def test_faults__one_thing_wrong__is_named_by_its_path(change, paths):
    assert found(entry(**change)) == paths


def test_faults__agent_had_no_answer__cannot_be_agreed_with():
    assert found(entry(verdict="agree", output=None, reason_code=""), decided=None) == {"verdict"}
    assert found(entry(), decided=None) == set()


def test_judged_output__by_verdict():
    assert judged_output(entry(), decided=DECIDED) == {"action": "decline"}
    assert judged_output(entry(verdict="agree", output={"action": "decline"}), decided=DECIDED) == DECIDED
    assert judged_output(entry(verdict="agree"), decided=None) is None
    assert judged_output(entry(verdict="cannot_tell"), decided=DECIDED) is None
    assert judged_output(entry(verdict="escalate"), decided=DECIDED) is None


@pytest.mark.parametrize("pointer", ["/purpose", "/tags/1", "/nested/a~1b/~0"])
def test_resolve_pointer__names_a_place(pointer):
    assert resolve_pointer(CASE, pointer)


@pytest.mark.parametrize("pointer", ["", "purpose", "/Purpose", "/tags/2", "/tags/-1", "/tags/x", "/purpose/0", "/"])
def test_resolve_pointer__names_nothing(pointer):
    assert not resolve_pointer(CASE, pointer)


@pytest.mark.parametrize("value", ["a\x00b", {"deep": ["\x00"]}, float("inf"), 2**53, "\ud800"])
def test_storable__what_the_database_refuses__is_not(value):
    assert not storable(value)


@pytest.mark.parametrize("value", ["literally \\u0000", {"a": [1, 2.5, None, True, "ü"]}, 2**53 - 1])
def test_storable__plain_json__is(value):
    assert storable(value)


@pytest.mark.parametrize(
    "pointer", ["/tags/00", "/tags/²", "/tags/-", "/tags/99999999999999999999", "/nested/~", "/nested/a~2b"]
)
def test_resolve_pointer__not_as_the_rfc_writes_it__names_nothing(pointer):
    assert not resolve_pointer(CASE, pointer)


def test_faults__contract_that_asks_for_evidence__holds_only_corrections_to_it():
    terms = spec(min_evidence=2)

    def paths(**changes):
        return set(faults(entry(**changes), terms, document=CASE, decided=DECIDED))

    assert paths(evidence=("/duration", "/duration")) == {"evidence"}
    assert paths(evidence=("/duration", "/amount")) == set()
    assert paths(verdict="agree", output=None, evidence=(), reason_code="", justification="") == set()
    assert paths(verdict="cannot_tell", output=None, evidence=(), reason_code="") == set()
