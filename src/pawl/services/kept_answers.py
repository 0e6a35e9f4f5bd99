"""Answers about a whole month, kept for a moment, so that many lookers cost one question.

Asked by several threads at once, a question goes to the store once; the others wait for it.
"""

import threading
from collections.abc import Callable, Hashable
from typing import Any, TypeVar

from pawl.base.times import seconds_between

T = TypeVar("T")

KEPT_S = 10.0
"""How old an answer about whole days may be, in seconds."""
MOST = 64
"""Answers kept; the oldest makes room."""


class _Asking:
    """Who asks a question just now: one of them goes to the store, `lookers` have not left."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.lookers = 0


class KeptAnswers:
    """Answers by question. `now` is the clock, in canonical instants."""

    def __init__(self, now: Callable[[], str]) -> None:
        self._now = now
        self._held: dict[Hashable, tuple[str, Any]] = {}
        self._asking: dict[Hashable, _Asking] = {}
        self._own = threading.Lock()

    @property
    def held(self) -> int:
        """For how many questions anything is held: an answer, or somebody who asks."""
        with self._own:
            return len(self._held.keys() | self._asking.keys())

    def answer(self, question: Hashable, ask: Callable[[], T]) -> T:
        """Return what `ask` returned at most `KEPT_S` ago, else what it returns now."""
        with self._own:
            asking = self._asking.setdefault(question, _Asking())
            asking.lookers += 1
        try:
            with asking.lock:
                return self._answer(question, ask)
        finally:
            with self._own:
                asking.lookers -= 1
                if not asking.lookers:
                    del self._asking[question]

    def _answer(self, question: Hashable, ask: Callable[[], T]) -> T:
        now = self._now()
        told = self._held.get(question)
        if told is not None and 0 <= seconds_between(told[0], now) < KEPT_S:
            kept: T = told[1]
            return kept
        found = ask()
        with self._own:
            self._held.pop(question, None)
            self._held[question] = (now, found)
            while len(self._held) > MOST:
                del self._held[next(iter(self._held))]
        return found
