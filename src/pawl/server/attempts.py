"""Counting failed sign-ins: whoever guesses has to wait."""

from collections import OrderedDict, deque
from collections.abc import Callable

MOST = 10_000
"""Addresses that are remembered; the one that was quiet longest goes first."""


class Attempts:
    """The failures of each address in the last `window_s` seconds, `most` of which may be.

    `monotonic` returns seconds of a clock that never goes back.
    """

    def __init__(self, most: int, window_s: float, monotonic: Callable[[], float]) -> None:
        self._most = most
        self._window_s = window_s
        self._monotonic = monotonic
        self._failed: OrderedDict[str, deque[float]] = OrderedDict()

    def wait_s(self, address: str) -> int:
        """Return for how many whole seconds an address must wait, 0 where it need not."""
        failed = self._failed.get(address)
        if failed is None:
            return 0
        now = self._monotonic()
        while failed and failed[0] <= now - self._window_s:
            failed.popleft()
        if len(failed) < self._most:
            return 0
        return int(failed[0] + self._window_s - now) + 1

    def failed(self, address: str) -> None:
        """Note a failure."""
        times = self._failed.setdefault(address, deque(maxlen=self._most))
        times.append(self._monotonic())
        self._failed.move_to_end(address)
        if len(self._failed) > MOST:
            self._failed.popitem(last=False)

    def succeeded(self, address: str) -> None:
        """Forget an address's failures."""
        self._failed.pop(address, None)
