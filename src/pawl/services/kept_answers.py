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


class KeptAnswers:
    """Answers by question. `now` is the clock, in canonical instants."""

    def __init__(self, now: Callable[[], str]) -> None:
        self._now = now
        self._held: dict[Hashable, tuple[str, Any]] = {}
        self._asking: dict[Hashable, threading.Lock] = {}
        self._own = threading.Lock()

    def answer(self, question: Hashable, ask: Callable[[], T]) -> T:
        """Return what `ask` returned at most `KEPT_S` ago, else what it returns now."""
        with self._own:
            asking = self._asking.setdefault(question, threading.Lock())
        with asking:
            now = self._now()
            told = self._held.get(question)
            if told is not None and 0 <= seconds_between(told[0], now) < KEPT_S:
                found: T = told[1]
                return found
            found = ask()
            with self._own:
                self._held.pop(question, None)
                self._held[question] = (now, found)
                while len(self._held) > MOST:
                    oldest = next(iter(self._held))
                    del self._held[oldest]
                    self._asking.pop(oldest, None)
            return found
