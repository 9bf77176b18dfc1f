"""The snapshot: same content, same bytes; and nothing that tests a policy ever trains it."""

import json
from dataclasses import replace

import pytest

from policies.learning import dataset
from policies.learning.dataset import Case

CASE = Case(
    id="consensus:1",
    source="consensus",
    role="",
    input={"purpose": "car", "amount": 1200},
    proposal=None,
    output={"decision": "decline"},
    label="decline",
    decided="approve",
    weight=0.9,
)


def _cases(n):
    return [replace(CASE, id=f"consensus:{at:03d}", input={"purpose": "car", "amount": at}) for at in range(n)]


def _freeze(rows):
    return dataset.freeze(rows, agent="credit", contract_version=1, contract_digest="sha256:c", held_out_bp=1000)


def test_freeze__same_cases_in_another_order__same_digest():
    cases = _cases(40)

    one, _ = _freeze(dataset.assign(cases, salt="credit", held_out_bp=1000))
    two, _ = _freeze(dataset.assign(reversed(cases), salt="credit", held_out_bp=1000))

    assert one == two


def test_freeze__one_verdict_changed__another_digest():
    cases = _cases(5)
    changed = [*cases[:4], replace(cases[4], label="approve", output={"decision": "approve"})]

    one, _ = _freeze(dataset.assign(cases, salt="credit", held_out_bp=0))
    two, _ = _freeze(dataset.assign(changed, salt="credit", held_out_bp=0))

    assert one != two


def test_thaw__frozen_bytes__gives_the_rows_back():
    rows = dataset.assign(_cases(20), salt="credit", held_out_bp=2000)
    digest, content = _freeze(rows)

    found = dataset.thaw(content, digest)

    assert found.rows == rows
    assert (found.agent, found.contract_version, found.held_out_bp) == ("credit", 1, 1000)


def test_thaw__bytes_tampered_with__refused():
    digest, content = _freeze(dataset.assign(_cases(2), salt="credit", held_out_bp=0))

    with pytest.raises(ValueError, match="do not match"):
        dataset.thaw(content.replace(b"decline", b"approve"), digest)


def test_thaw__unknown_format__refused():
    body = json.dumps({"format": "other/1"}).encode()

    with pytest.raises(ValueError, match="unknown snapshot format"):
        dataset.thaw(body, dataset.ids.digest_bytes(body))


def test_assign__share_held_out__about_that_share_of_inputs():
    rows = dataset.assign(_cases(4000), salt="credit", held_out_bp=1000)

    held = sum(row.use == dataset.TEST for row in rows)

    assert 340 <= held <= 460


def test_assign__repeated_input__always_on_one_side():
    twins = [replace(CASE, id=f"consensus:{at}") for at in range(6)]

    sides = {row.use for row in dataset.assign(twins, salt="credit", held_out_bp=5000)}

    assert len(sides) == 1


def test_assign__same_input_as_an_evaluation_case__never_trains():
    kept = replace(CASE, id="reference:1", source="reference", role="evaluate")

    rows = dataset.assign([CASE, kept], salt="credit", held_out_bp=0)

    assert {row.use for row in rows} == {dataset.TEST}


def test_assign__same_case_with_other_features__is_the_same_case():
    kept = replace(CASE, id="reference:1", source="reference", role="evaluate")
    asked = replace(CASE, input={**CASE.input, "known_loans": 2})
    again = replace(asked, id="consensus:2", input={**CASE.input, "known_loans": 3})

    rows = dataset.assign([asked, again, kept], salt="credit", held_out_bp=0, filled={"known_loans"})

    assert {row.use for row in rows} == {dataset.TEST}
    assert len({row.unit for row in rows}) == 1
    assert [row.input["known_loans"] for row in rows[:2]] == [2, 3], "what was known stays in the case"


def test_assign__training_case_repeats_an_evaluation_case__moves_to_the_test_side():
    teach = replace(CASE, id="reference:1", source="reference", role="train")
    test = replace(CASE, id="reference:2", source="reference", role="evaluate")

    rows = dataset.assign([teach, test], salt="credit", held_out_bp=0)

    assert {row.use for row in rows} == {dataset.TEST}


def test_assign__more_cases_arrive__earlier_cases_keep_their_side():
    few = dataset.assign(_cases(50), salt="credit", held_out_bp=3000)
    many = {row.id: row.use for row in dataset.assign(_cases(100), salt="credit", held_out_bp=3000)}

    assert all(many[row.id] == row.use for row in few)
