"""How far a share seen in few cases may be from the true one."""

from functools import lru_cache
from math import sqrt


@lru_cache(maxsize=8192)
def wilson(hits: int, of: int, z: float) -> tuple[float, float]:
    """Return the score interval of a share, both ends from 0 to 1.

    E. B. Wilson, "Probable inference, the law of succession, and statistical inference",
    Journal of the American Statistical Association 22 (1927). With z = 1.959963984540054, the
    0.975 quantile of the normal distribution, it covers 95 %. `of` must be above zero.
    """
    share = hits / of
    scale = 1 + z * z / of
    middle = (share + z * z / (2 * of)) / scale
    half = z * sqrt(share * (1 - share) / of + z * z / (4 * of * of)) / scale
    # At the ends the interval touches the share itself; rounding must not step past it.
    low = 0.0 if hits == 0 else max(0.0, middle - half)
    high = 1.0 if hits == of else min(1.0, middle + half)
    return low, high
