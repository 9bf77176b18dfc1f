"""From opinions to one outcome."""

import pytest

from corrections.rules.consensus import Opinion, Outcome, settle

APPROVE, DECLINE = {"action": "approve", "limit": 5}, {"action": "decline"}


def said(name, output, *, verdict="correct", senior=False, digest=None) -> Opinion:
    return Opinion(id=name, digest=digest or name, verdict=verdict, output=output, senior=senior)


def outcome(*opinions, seats_open=0) -> Outcome:
    return settle(opinions, seats_open=seats_open, action_field="action", classes=2)


def test_settle__nobody_yet__waits():
    assert outcome().state == outcome(seats_open=2).state == "waiting"


def test_settle__agreement_with_a_seat_open__waits():
    assert outcome(said("a", APPROVE), seats_open=1).state == "waiting"


def test_settle__all_agree__is_usable_with_everyone_behind_it():
    got = outcome(said("a", APPROVE), said("b", APPROVE))
    assert (got.state, got.output, got.method, got.opinions) == ("usable", APPROVE, "agreement", ("a", "b"))
    assert got.confidence > outcome(said("a", APPROVE)).confidence


def test_settle__same_action_other_details__takes_what_most_said_and_the_earliest_on_a_tie():
    other = {"action": "approve", "limit": 9}
    assert outcome(said("a", other), said("b", APPROVE), said("c", APPROVE)).output == APPROVE
    assert outcome(said("a", other), said("b", APPROVE)).output == other


@pytest.mark.parametrize("seats_open", [0, 1])
@pytest.mark.parametrize(
    ("opinions", "cause"),
    [
        ((said("a", APPROVE), said("b", DECLINE)), "disagreement"),
        ((said("a", None, verdict="cannot_tell"),), "cannot_tell"),
        ((said("a", APPROVE), said("b", None, verdict="escalate")), "escalated"),
        ((said("a", None, verdict="cannot_tell"), said("b", None, verdict="escalate")), "escalated"),
    ],
)
def test_settle__certain_dispute__does_not_wait_for_open_seats(opinions, cause, seats_open):
    got = outcome(*opinions, seats_open=seats_open)
    assert (got.state, got.method, got.output) == ("disputed", cause, None)


def test_settle__exact_repeats__count_once():
    twice = outcome(said("a", APPROVE, digest="same"), said("b", APPROVE, digest="same"))
    assert twice.opinions == ("a",)
    assert twice.confidence == outcome(said("a", APPROVE)).confidence


def test_settle__senior__settles_with_those_who_said_the_same():
    got = outcome(said("a", APPROVE), said("b", DECLINE), said("s", DECLINE, senior=True))
    assert (got.state, got.output, got.method, got.opinions) == ("usable", DECLINE, "adjudication", ("s", "b"))
    assert got.confidence == pytest.approx(0.95)


def test_settle__senior_alone_against_both__is_authoritative_and_less_certain():
    got = outcome(said("a", APPROVE), said("b", APPROVE), said("s", DECLINE, senior=True))
    assert (got.state, got.output, got.opinions) == ("usable", DECLINE, ("s",))
    assert got.confidence < 0.5


def test_settle__senior_cannot_tell__is_abstained():
    got = outcome(said("a", APPROVE), said("s", None, verdict="cannot_tell", senior=True))
    assert (got.state, got.output, got.confidence) == ("abstained", None, 0.0)


def test_settle__actions_of_other_types__true_is_not_one():
    def action(name, value):
        return said(name, {"action": value})

    assert outcome(action("a", True), action("b", 1)).state == "disputed"
    assert outcome(action("a", 1), action("b", 1.0)).state == "usable"
    assert outcome(action("a", ["x"]), action("b", ["x"])).state == "usable"


def adaptive(*actions: str, seats_open: int = 0, more: int = 1):
    voices = [said(f"r{place}", {"action": action}) for place, action in enumerate(actions)]
    return settle(voices, seats_open=seats_open, action_field="action", classes=2, more=more)


def test_settle__disagreement_where_more_may_be_asked__asks_one_more():
    assert adaptive("approve", "decline").state == "ask_more"


def test_settle__disagreement_with_seats_open__waits_for_them():
    assert adaptive("approve", "decline", seats_open=1).state == "waiting"


def test_settle__more_than_half_say_the_same__is_usable_with_less_confidence_than_agreement():
    found = adaptive("approve", "decline", "approve", more=0)
    assert (found.state, found.method, found.opinions) == ("usable", "majority", ("r0", "r2"))
    assert found.output == {"action": "approve"}
    assert found.confidence < adaptive("approve", "approve", "approve").confidence


def test_settle__still_no_majority_when_nobody_is_left_to_ask__goes_to_a_senior():
    assert adaptive("a", "b", "c", more=1).state == "ask_more"
    assert adaptive("a", "b", "c", "a", more=0).state == "disputed"


def test_settle__somebody_cannot_tell_or_passes_it_on__goes_to_a_senior_at_once():
    for verdict in ("cannot_tell", "escalate"):
        voices = [said("r0", {"action": "approve"}), said("r1", None, verdict=verdict)]
        assert settle(voices, seats_open=0, action_field="action", classes=2, more=3).state == "disputed"
