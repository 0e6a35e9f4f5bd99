"""Many trials, a few at a time."""

from collections.abc import Callable
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from pawl.services.trial_schedule import in_order


class Crew:
    """Does work as it is waited for, in an order of its own; notes how much was under way."""

    def __init__(self, seed: int) -> None:
        self._dice = Random(seed)
        self._waiting: dict[int, Callable[[], bytes]] = {}
        self.most = 0
        self.begun: list[int] = []

    def start(self, number: int, work: Callable[[], bytes]) -> None:
        """Take a piece of work."""
        self._waiting[number] = work
        self.begun.append(number)
        self.most = max(self.most, len(self._waiting))

    def wait(self) -> list[tuple[int, bytes | None]]:
        """Finish a few pieces."""
        some = self._dice.sample(sorted(self._waiting), self._dice.randint(1, len(self._waiting)))
        return [(number, self._waiting.pop(number)() or None) for number in some]


@given(
    results=st.lists(st.binary(max_size=3), max_size=20),
    jobs=st.integers(1, 5),
    seed=st.integers(0, 1000),
)
def test_results_come_in_the_order_of_asking(results: list[bytes], jobs: int, seed: int) -> None:
    """Whatever ends first, each result stands at its own place, and no more ran than may."""
    crew, told = Crew(seed), []
    found = in_order(
        [lambda each=each: each for each in results],  # type: ignore[misc]
        crew,
        jobs,
        lambda number, result: told.append((number, result)),
    )
    assert found == [each or None for each in results]
    assert sorted(told) == list(enumerate(found))
    assert crew.begun == list(range(len(results)))
    assert crew.most <= jobs
