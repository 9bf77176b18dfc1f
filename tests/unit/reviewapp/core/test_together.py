"""Work that threads do together: who waits for whom, and what each is told."""

import threading
import time
from collections.abc import Callable, Sequence

import pytest

from reviewapp.core.together import Apart, Together


class Work:
    """Doubles numbers, and remembers which came together."""

    def __init__(self) -> None:
        self.parts: list[list[int]] = []

    def __call__(self, asked: Sequence[int]) -> list[int]:
        """Double them."""
        self.parts.append(sorted(asked))
        if any(one < 0 for one in asked):
            raise ValueError("below zero")
        return [2 * one for one in asked]


def run(*calls: Callable[[], object]) -> list[object]:
    """Run calls in threads at once; return what each returned or raised."""
    told: list[object] = [None] * len(calls)

    def call(at: int) -> None:
        try:
            told[at] = calls[at]()
        except Exception as fault:  # noqa: BLE001 - whatever it is, it is what the test asks
            told[at] = fault

    threads = [threading.Thread(target=call, args=(at,), daemon=True) for at in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
        assert not thread.is_alive(), "somebody sleeps for ever"
    return told


def expected(together: Together[int, int], meet: threading.Barrier, asked: int) -> Callable[[], int]:
    """Return a call that is known to come before any of the others asks."""

    def call() -> int:
        with together.coming():
            meet.wait()
            return together(asked)

    return call


def test_together__nobody_is_coming__does_not_wait() -> None:
    work = Work()
    together = Together(work, most=8, patience=60)
    assert together(4) == 8
    with together.coming():
        assert together(5) == 10
    assert work.parts == [[4], [5]]


def test_together__several_are_coming__the_last_does_all_and_each_gets_its_own() -> None:
    work = Work()
    together, meet = Together(work, most=8, patience=60), threading.Barrier(5)
    assert run(*(expected(together, meet, number) for number in range(5))) == [0, 2, 4, 6, 8]
    assert work.parts == [[0, 1, 2, 3, 4]]


def test_together__more_than_go_at_once__are_done_in_parts() -> None:
    work = Work()
    together, meet = Together(work, most=2, patience=60), threading.Barrier(6)
    assert run(*(expected(together, meet, number) for number in range(6))) == [0, 2, 4, 6, 8, 10]
    assert [len(part) for part in work.parts] == [2, 2, 2]


def test_together__one_of_several_fails__all_are_told_to_try_apart() -> None:
    together, meet = Together(Work(), most=8, patience=60), threading.Barrier(3)
    told = run(*(expected(together, meet, number) for number in (1, -1, 3)))
    assert [type(one) for one in told] == [Apart, Apart, Apart]


def test_together__alone_and_failing__the_fault_itself_is_raised() -> None:
    with pytest.raises(ValueError, match="below zero"):
        Together(Work(), most=8, patience=60)(-1)


def test_together__one_who_was_expected_leaves__the_others_go_on_at_once() -> None:
    work = Work()
    together, meet = Together(work, most=8, patience=60), threading.Barrier(3)

    def leaves() -> None:
        with together.coming():
            meet.wait()
            time.sleep(0.05)

    assert run(expected(together, meet, 1), expected(together, meet, 2), leaves) == [2, 4, None]
    assert work.parts == [[1, 2]]


def test_together__one_who_was_expected_does_not_come__is_waited_for_no_longer_than_patience() -> None:
    work = Work()
    together, meet, done = Together(work, most=8, patience=0.01), threading.Barrier(2), threading.Event()

    def stays() -> None:
        with together.coming():
            meet.wait()
            assert done.wait(20)

    def asks() -> int:
        try:
            return expected(together, meet, 1)()
        finally:
            done.set()

    assert run(asks, stays) == [2, None]


def test_together__many_threads_for_long__every_part_is_done_exactly_once() -> None:
    work = Work()
    together = Together(work, most=4, patience=0.0005)

    def one(start: int) -> list[int]:
        told = []
        for number in range(start, start + 200):
            with together.coming():
                if number % 7:
                    told.append(together(number))
        return told

    told = run(*(lambda start=start: one(start) for start in range(0, 1600, 200)))
    wanted = [number for number in range(1600) if number % 7]
    assert [each for part in told for each in part] == [2 * number for number in wanted]  # type: ignore[attr-defined]
    assert sorted(number for part in work.parts for number in part) == wanted
