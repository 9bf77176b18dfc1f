"""Guards: what rolls back, what holds, what lets a stage end."""

from policies.rollout import guard
from policies.rollout.guard import Arms, Pair

QUIET = Arms(canary=40, canary_alone=30, canary_faults=0, stable=700, stable_alone=520)
WORSE, BETTER, SAME = Pair(True, False), Pair(False, True), Pair(True, True)


def _by_code(readings):
    return {reading.code: reading for reading in readings}


def test_read__calm_and_nothing_waits__may_advance():
    readings = guard.read([SAME, BETTER] * 5, QUIET, {}, waiting="")

    assert guard.verdict(readings) == "advance"


def test_read__stage_waits__holds():
    assert guard.verdict(guard.read([SAME] * 9, QUIET, {}, waiting="3 h to go")) == "hold"


def test_read__no_reviewed_decision__is_no_good_news():
    readings = guard.read([], QUIET, {}, waiting="")

    assert guard.verdict(readings) == "hold"
    assert "Not enough data" in _by_code(readings)["worse"].text


def test_read__only_the_canary_errs__rolls_back_even_while_waiting():
    readings = guard.read([WORSE] * 14, QUIET, {}, waiting="3 h to go")

    found = _by_code(readings)["worse"]
    assert guard.verdict(readings) == "roll_back"
    assert "worse beyond doubt" in found.text
    assert found.evidence >= 20


def test_read__both_err_alike__never_rolls_back():
    assert guard.verdict(guard.read([SAME] * 500, QUIET, {}, waiting="")) == "advance"


def test_read__canary_ends_in_errors__rolls_back():
    broken = Arms(canary=20, canary_alone=0, canary_faults=12, stable=700, stable_alone=520)

    readings = guard.read([], broken, {}, waiting="")

    assert _by_code(readings)["faults"].verdict == "roll_back"


def test_read__far_more_for_people__holds_but_does_not_roll_back():
    heavy = Arms(canary=900, canary_alone=10, canary_faults=0, stable=900, stable_alone=800)

    readings = guard.read([SAME] * 9, heavy, {}, waiting="")

    assert _by_code(readings)["load"].verdict == "hold"
    assert guard.verdict(readings) == "hold"


def test_read__one_arm_idle__says_so():
    idle = Arms(canary=0, canary_alone=0, canary_faults=0, stable=5, stable_alone=5)

    assert "has not decided anything" in _by_code(guard.read([], idle, {}, waiting=""))["load"].text
