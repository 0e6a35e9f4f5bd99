"""Tell a trend from noise: the Mann-Kendall test over a series in time order.

H. B. Mann, "Nonparametric tests against trend", Econometrica 13 (1945); M. G. Kendall, "Rank
Correlation Methods" (1948). It compares every pair of points, so one outlier makes no trend, and
asks for no shape of it. Short series without ties are judged by the exact distribution, others by
the normal approximation with its correction for ties, without correction for continuity.
"""

from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from itertools import combinations
from math import erfc, sqrt

import msgspec

EXACT_UP_TO = 30
"""Points up to which the exact distribution is summed."""


class Trend(msgspec.Struct, frozen=True):
    """What the test says of a series.

    `score` is pairs that rise less pairs that fall; `p` the two-sided probability of a score so
    far from zero where there is no trend.
    """

    score: int
    p: float

    @property
    def direction(self) -> int:
        """1 where the series rises, -1 where it falls, 0 where neither."""
        return (self.score > 0) - (self.score < 0)


def mann_kendall(values: Sequence[float]) -> Trend:
    """Return the trend of values in time order; fewer than three points have none."""
    score = sum((later > earlier) - (later < earlier) for earlier, later in combinations(values, 2))
    count = len(values)
    if count < 3 or score == 0:
        return Trend(score, 1.0)
    ties = [times for times in Counter(values).values() if times > 1]
    if not ties and count <= EXACT_UP_TO:
        return Trend(score, _exact(count, score))
    spread = count * (count - 1) * (2 * count + 5)
    spread -= sum(times * (times - 1) * (2 * times + 5) for times in ties)
    return Trend(score, erfc(abs(score) / sqrt(spread / 18) / sqrt(2)))


def change(values: Sequence[float]) -> float:
    """Return how the second half's mean differs from the first half's, relative to the first.

    A rise from nothing is infinite. A middle point belongs to neither half.
    """
    half = len(values) // 2
    if half == 0:
        return 0.0
    early, late = sum(values[:half]) / half, sum(values[-half:]) / half
    if early == late:
        return 0.0
    if early == 0:
        return float("inf") if late > 0 else float("-inf")
    return (late - early) / abs(early)


def _exact(count: int, score: int) -> float:
    """Return the two-sided probability of a score by counting orders by their inversions."""
    pairs = count * (count - 1) // 2
    fewest = (pairs - abs(score)) // 2
    orders = _inversions(count)
    return min(1.0, 2 * sum(orders[: fewest + 1]) / sum(orders))


@lru_cache(maxsize=32)
def _inversions(count: int) -> tuple[int, ...]:
    """Return how many orders of so many things have 0, 1, 2 … inversions."""
    orders = [1]
    for size in range(2, count + 1):
        wider = [0] * (len(orders) + size - 1)
        for at, times in enumerate(orders):
            for more in range(size):
                wider[at + more] += times
        orders = wider
    return tuple(orders)
