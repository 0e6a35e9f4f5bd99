"""Answers kept for a moment: one question for many lookers, and never an old answer."""

import threading
from functools import partial

import pytest

from pawl.services import kept_answers
from pawl.services.kept_answers import KeptAnswers


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.second = 0.0

    def __call__(self) -> str:
        return f"2026-11-21T10:00:{self.second:09.6f}Z"


def test_an_answer_is_kept_for_its_moment_and_no_longer() -> None:
    """Within it nobody asks the store; after it the store is asked anew."""
    clock, asked = Clock(), iter(range(9))
    kept = KeptAnswers(clock)

    def answer() -> int:
        return kept.answer("q", lambda: next(asked))

    assert [answer(), answer()] == [0, 0]
    clock.second = kept_answers.KEPT_S - 0.001
    assert answer() == 0
    clock.second = kept_answers.KEPT_S
    assert answer() == 1
    clock.second = 1  # A clock set back proves nothing about the age of an answer.
    assert answer() == 2


def test_other_questions_have_other_answers() -> None:
    """What tells questions apart is all of what was asked."""
    kept = KeptAnswers(Clock())
    assert kept.answer(("q", 1), lambda: "one") == "one"
    assert kept.answer(("q", 2), lambda: "two") == "two"


def test_a_question_that_fails_is_asked_again() -> None:
    """A failure is no answer."""
    kept = KeptAnswers(Clock())
    with pytest.raises(ZeroDivisionError):
        kept.answer("q", lambda: 1 // 0)
    assert kept.answer("q", lambda: 7) == 7


def test_asked_by_many_at_once_the_store_is_asked_once() -> None:
    """The others wait for the one answer."""
    kept, begun, go = KeptAnswers(Clock()), threading.Barrier(9), threading.Event()
    asked: list[int] = []

    def slow() -> int:
        asked.append(1)
        go.wait(10)
        return 5

    def look() -> None:
        begun.wait(10)
        told.append(kept.answer("q", slow))

    told: list[int] = []
    threads = [threading.Thread(target=look) for _ in range(8)]
    for thread in threads:
        thread.start()
    begun.wait(10)
    go.set()
    for thread in threads:
        thread.join(10)
    assert (told, len(asked)) == ([5] * 8, 1)


def test_no_number_of_questions_fills_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """The oldest answers make room."""
    monkeypatch.setattr(kept_answers, "MOST", 3)
    kept = KeptAnswers(Clock())
    asked: list[int] = []
    for number in [*range(10), 9, 0]:
        kept.answer(number, partial(asked.append, number))
    assert asked == [*range(10), 0]


def test_questions_that_fail_leave_nothing_behind() -> None:
    """However many different questions fail, nothing is held for them afterwards."""
    kept = KeptAnswers(Clock())
    for number in range(50):
        with pytest.raises(ZeroDivisionError):
            kept.answer(number, lambda: 1 // 0)
    assert kept.held == 0


def test_those_who_wait_for_a_question_that_fails_ask_one_after_the_other() -> None:
    """A failure in front of them neither answers them nor lets two of them ask at once."""
    kept, failed, go = KeptAnswers(Clock()), threading.Event(), threading.Event()
    begun, together, most = threading.Semaphore(0), 0, 0
    told: list[int] = []

    def fails() -> int:
        failed.set()
        go.wait(10)
        raise ZeroDivisionError

    def first() -> None:
        with pytest.raises(ZeroDivisionError):
            kept.answer("q", fails)

    def counted() -> int:
        nonlocal together, most
        together += 1
        most = max(most, together)
        together -= 1
        return 3

    def later() -> None:
        begun.release()
        told.append(kept.answer("q", counted))

    threads = [threading.Thread(target=first)]
    threads[0].start()
    failed.wait(10)
    for _ in range(4):
        threads.append(threading.Thread(target=later))
        threads[-1].start()
        begun.acquire(timeout=10)
    go.set()
    for thread in threads:
        thread.join(10)
    assert (told, most, kept.held) == ([3] * 4, 1, 1)
