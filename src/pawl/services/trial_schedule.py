"""Run many trials, a few at a time, and give back what they came to in the order of asking."""

from collections import deque
from collections.abc import Callable, Sequence
from typing import Protocol

Work = Callable[[], bytes]


class Crew(Protocol):
    """Whoever does pieces of work, several at once."""

    def start(self, number: int, work: Work) -> None:
        """Begin a piece of work."""

    def wait(self) -> Sequence[tuple[int, bytes | None]]:
        """Return the pieces that ended, at least one; None of one that broke."""


def in_order(
    works: Sequence[Work], crew: Crew, jobs: int, told: Callable[[int, bytes | None], None]
) -> list[bytes | None]:
    """Do all pieces of work, `jobs` of them at a time, and return their results in order.

    `told` is called with each result as it comes, and the number of its work. The pieces begin in
    order; which of them ends first changes nothing of what is returned.
    """
    waiting = deque(range(len(works)))
    results: list[bytes | None] = [None] * len(works)
    under_way = 0
    while waiting or under_way:
        while waiting and under_way < jobs:
            number = waiting.popleft()
            crew.start(number, works[number])
            under_way += 1
        for number, result in crew.wait():
            results[number] = result
            under_way -= 1
            told(number, result)
    return results
