"""A line of time on which what happened has room, and what did not has little."""

from collections.abc import Iterable

IDLE_SHARE = 0.04
"""A gap is drawn no wider than this share of the time in which something happened."""
_LEAST_S = 0.001


class TimeAxis:
    """From seconds to a share of the drawing; `idle` seconds in `gaps` gaps are left out of it."""

    def __init__(self, periods: Iterable[tuple[float, float]]) -> None:
        times = sorted((start, max(start, end)) for start, end in periods)
        busy: list[tuple[float, float]] = []
        for start, end in times:
            if busy and start <= busy[-1][1]:
                busy[-1] = (busy[-1][0], max(busy[-1][1], end))
            else:
                busy.append((start, end))
        active = sum(end - start for start, end in busy)
        least = max(active * IDLE_SHARE, _LEAST_S)
        self._stops: list[tuple[float, float]] = []
        """Instants with where they are drawn, both in seconds."""
        self.idle, self.gaps, drawn, last = 0.0, 0, 0.0, 0.0
        for start, end in busy:
            gap = start - last
            if gap > least and self._stops:
                self.idle += gap - least
                self.gaps += 1
                gap = least
            drawn += gap
            self._stops.append((start, drawn))
            drawn += end - start
            self._stops.append((end, drawn))
            last = end
        self._whole = max(drawn, _LEAST_S)

    def at(self, second: float) -> float:
        """Return the share of the drawing at which an instant stands."""
        before = after = self._stops[0]
        low, high = 0, len(self._stops) - 1
        while low <= high:
            middle = (low + high) // 2
            if self._stops[middle][0] <= second:
                before, low = self._stops[middle], middle + 1
            else:
                after, high = self._stops[middle], middle - 1
        if after[0] <= before[0]:
            return min(1.0, before[1] / self._whole)
        part = (second - before[0]) / (after[0] - before[0])
        return min(1.0, (before[1] + part * (after[1] - before[1])) / self._whole)
