"""The circuit breaker: a pure state machine with time as an argument, and its form for threads."""

import threading

from hypothesis import given
from hypothesis import strategies as st

from reviewapp.core import breaker
from reviewapp.core.breaker import CLOSED, Breaker, State, Terms

TERMS = Terms(failures=3, seconds=2.0)


def test_closed__failures_below_the_limit__stays_closed() -> None:
    state = breaker.failed(breaker.failed(CLOSED, TERMS, 0.0), TERMS, 0.1)

    assert state == State(2, None)
    assert breaker.ask(state, TERMS, 0.2) == (state, True)


def test_third_failure__opens__nobody_asks_until_the_pause_is_over() -> None:
    state = State(2)
    state = breaker.failed(state, TERMS, 10.0)

    assert breaker.ask(state, TERMS, 11.9)[1] is False
    probing, may = breaker.ask(state, TERMS, 12.0)
    assert may
    assert breaker.ask(probing, TERMS, 12.1)[1] is False
    # A probe that never reports back blocks nobody: the next pause ends too.
    assert breaker.ask(probing, TERMS, 14.0)[1] is True


def test_probe__fails__another_pause() -> None:
    probing, _ = breaker.ask(State(3, 5.0), TERMS, 5.0)

    assert breaker.failed(probing, TERMS, 5.1) == State(3, 7.1)


@given(st.lists(st.tuples(st.booleans(), st.floats(0, 3)), max_size=60))
def test_any_course__at_most_one_question_a_pause_while_open(course: list[tuple[bool, float]]) -> None:
    state, now, last = CLOSED, 0.0, None
    for works, wait in course:
        now += wait
        was_open = state.until is not None
        state, may = breaker.ask(state, TERMS, now)
        if may and was_open and last is not None:
            assert now - last >= TERMS.seconds
        if may:
            last = now
            state = CLOSED if works else breaker.failed(state, TERMS, now)
        assert state.failures <= TERMS.failures


def test_breaker__many_threads_at_the_end_of_a_pause__one_asks() -> None:
    one = Breaker()
    opened = [one.failed(TERMS, 0.0) for _ in range(4)]
    assert opened == [False, False, True, False]
    assert one.open
    asked: list[bool] = []
    threads = [threading.Thread(target=lambda: asked.append(one.ask(TERMS, 2.0))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sum(asked) == 1
    one.succeeded()
    assert not one.open
    assert one.ask(TERMS, 2.1)
