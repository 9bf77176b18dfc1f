"""A trace is kept short and told whole."""

import copy

from agents.runtime import trace

SILENT = {"id": "R-1", "kind": "guardrail", "title": "Too much", "result": "false"}
FIRED = {"id": "R-2", "kind": "exception", "title": "Known", "result": "true"}
BROKEN = {"id": "R-3", "kind": "contract", "title": "Odd", "result": "error", "error": "no such field"}
MOVED = {"field": "amount", "value": [1, None], "label": "Amount", "points": 0.25}
TOLD = {
    "source": "model",
    "rules": [SILENT, FIRED, BROKEN, SILENT],
    "explanation": {"kind": "scorecard", "score": 1.0, "contributions": [MOVED, {**MOVED, "value": None}]},
    "autonomy": None,
}


def test_packed__unpacked__same_and_nothing_given_is_changed() -> None:
    before = copy.deepcopy(TOLD)
    kept = trace.packed(TOLD)

    assert trace.unpacked(kept) == before == TOLD
    assert kept["rules"] == [["R-1", "guardrail", "Too much"], FIRED, BROKEN, ["R-1", "guardrail", "Too much"]]
    assert kept["explanation"]["contributions"][0] == ["amount", [1, None], "Amount", 0.25]


def test_packed__lines_of_another_form__stay() -> None:
    odd = {"rules": [{**SILENT, "note": "x"}], "explanation": {"contributions": [{"field": "a"}, {**MOVED, "x": 1}]}}

    assert trace.packed(odd) == odd == trace.unpacked(odd)


def test_unpacked__never_packed_or_empty__same() -> None:
    for told in (TOLD, {}, {"rules": [], "explanation": None}):
        assert trace.unpacked(told) == told
