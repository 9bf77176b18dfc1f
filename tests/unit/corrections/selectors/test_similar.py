"""Precedents: how alike inputs are, and that what was kept follows what people settle."""

import pytest

from agents.selectors import facts
from corrections.models import Consensus
from corrections.selectors import similar
from tests.factories import feedback


def test_likenesses__numbers_words_and_gaps__are_compared_field_by_field():
    values = [100, "car", None, True, 0]
    columns = [
        (100, 50, "100", None),
        ("car", "boat", "car", None),
        (None, 1, None, 2),
        (True, False, 1, None),
        (0, 5, 0, None),
    ]

    assert similar.likenesses(values, columns, 4) == [1.0, 0.5 / 5, (0 + 1 + 1 + 1 + 1) / 5, 0.0]


def test_likenesses__nothing_to_compare__is_none():
    assert similar.likenesses([], [], 2) == [0.0, 0.0]
    assert similar.likenesses([1], [], 0) == []


@pytest.mark.django_db
def test_precedents__more_is_settled__the_next_page_shows_it():
    made = feedback.room()
    first, second, third = (feedback.flagged(made) for _ in range(3))
    _settle(first)
    open_case = facts.of_decision(third.pk)
    before = similar.precedents(open_case, limit=5)

    row = _settle(second)
    both = similar.precedents(open_case, limit=5)
    Consensus.objects.filter(pk=row.pk).update(authoritative=False)
    after = similar.precedents(open_case, limit=5)

    assert [one.decision_id for one in before] == [first.pk]
    assert {one.decision_id for one in both} == {first.pk, second.pk}
    assert after == before
    assert [one.likeness for one in both] == sorted((one.likeness for one in both), reverse=True)
    assert similar.precedents(facts.of_decision(first.pk), limit=5) == []


def _settle(decision):
    return Consensus.objects.create(
        decision_id=decision.pk,
        agent_id=decision.agent_id,
        state="usable",
        output=feedback.other(decision),
        confidence=1.0,
        method="single",
        changed=True,
        corrections=[],
        formed_at=decision.decided_at,
    )
