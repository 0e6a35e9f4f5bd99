"""What a few trials allow to say about a rate: intervals, bounds and tests for small numbers.

Each function is exact where that is affordable, in whole numbers until one last division, so that
the same counts give the same number on every machine. Nothing here uses the normal approximation
to a rate at small n, which claims far too much certainty there.
"""

from collections.abc import Sequence
from functools import lru_cache
from math import comb, erfc, exp, lgamma, sqrt

from pawl.base import intervals

_HALVINGS = 100
"""Halvings of an interval; a double has no digits left after that many."""


@lru_cache(maxsize=64)
def normal_quantile(probability: float) -> float:
    """Return the z below which a standard normal value falls with this probability in (0, 1).

    Found by halving on the distribution function, which `erfc` gives.
    """
    if not 0 < probability < 1:
        raise ValueError("a quantile is asked for a probability between 0 and 1")
    low, high = -40.0, 40.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if erfc(-middle / sqrt(2)) / 2 < probability:
            low = middle
        else:
            high = middle
    return (low + high) / 2


@lru_cache(maxsize=8192)
def wilson(successes: int, n: int, confidence: float) -> tuple[float, float]:
    """Return the two-sided score interval of a rate, both ends from 0 to 1; n is above zero.

    E. B. Wilson, "Probable inference, the law of succession, and statistical inference",
    Journal of the American Statistical Association 22 (1927).
    """
    rate = successes / n
    low, high = intervals.wilson(successes, n, normal_quantile((1 + confidence) / 2))
    # Rounding must not step past the rate itself.
    return min(rate, low), max(rate, high)


def never_seen_bound(n: int, confidence: float) -> float:
    """Return the highest rate that 0 of n still allows, one-sided; 1 for n of zero.

    The upper end of C. J. Clopper and E. S. Pearson, "The use of confidence or fiducial limits",
    Biometrika 26 (1934), which for no occurrence is 1 - (1 - confidence)^(1/n).
    """
    return float(1 - (1 - confidence) ** (1 / n)) if n else 1.0


def pass_at_k(successes: int, n: int, k: int) -> float | None:
    """Return the chance that at least one of k trials passes; None when n is below k.

    The unbiased 1 - C(n-c, k)/C(n, k) of M. Chen and others, "Evaluating large language models
    trained on code", arXiv:2107.03374 (2021).
    """
    return None if n < k else (comb(n, k) - comb(n - successes, k)) / comb(n, k)


def pass_hat_k(successes: int, n: int, k: int) -> float | None:
    """Return the chance that all of k trials pass (pass^k); None when n is below k.

    The unbiased C(c, k)/C(n, k) of S. Yao and others, "tau-bench: a benchmark for
    tool-agent-user interaction in real-world domains", arXiv:2406.12045 (2024).
    """
    return None if n < k else comb(successes, k) / comb(n, k)


@lru_cache(maxsize=8192)
def fisher_drop(base_successes: int, base_n: int, successes: int, n: int) -> float:
    """Return the one-sided exact p-value that the second rate is below the first.

    R. A. Fisher, "The design of experiments" (1935): of all ways to share out the successes
    between both groups, those that leave the second group with as few as it has, or fewer.
    """
    total = base_successes + successes
    fewest = max(0, total - base_n)
    # C(n, x) C(base_n, total - x), each made of the one before it: no factor is computed twice.
    ways = comb(n, fewest) * comb(base_n, total - fewest)
    as_few = ways
    for taken in range(fewest, successes):
        left = total - taken
        ways = ways * (n - taken) * left // ((taken + 1) * (base_n - left + 1))
        as_few += ways
    return as_few / comb(n + base_n, total)


def holm(p_values: Sequence[float]) -> tuple[float, ...]:
    """Return the p-values adjusted for being several, in the order given, none above 1.

    S. Holm, "A simple sequentially rejective multiple test procedure", Scandinavian Journal of
    Statistics 6 (1979): the i-th smallest of m is multiplied by m - i + 1, and never falls below
    an adjusted smaller one. Rejecting all at or below alpha bounds any false rejection by alpha.
    """
    count = len(p_values)
    adjusted = [0.0] * count
    highest = 0.0
    for rank, place in enumerate(sorted(range(count), key=p_values.__getitem__)):
        highest = max(highest, min(1.0, (count - rank) * p_values[place]))
        adjusted[place] = highest
    return tuple(adjusted)


@lru_cache(maxsize=8192)
def binomial_pmf(successes: int, n: int, rate: float) -> float:
    """Return the chance of exactly so many passes in n trials of one rate."""
    return float(comb(n, successes) * rate**successes * (1 - rate) ** (n - successes))


@lru_cache(maxsize=8192)
def beta_binomial_pmf(successes: int, n: int, seen_successes: int, seen_n: int) -> float:
    """Return the chance of so many passes in n new trials, given what was seen before.

    The predictive distribution of a binomial rate under the prior Beta(1/2, 1/2) of H. Jeffreys,
    "An invariant form for the prior probability in estimation problems" (1946): unlike the
    binomial at the rate seen, it counts in that the rate itself is known from few trials.
    """
    a = seen_successes + 0.5
    b = seen_n - seen_successes + 0.5
    return comb(n, successes) * exp(_log_beta(successes + a, n - successes + b) - _log_beta(a, b))


def _log_beta(a: float, b: float) -> float:
    return lgamma(a) + lgamma(b) - lgamma(a + b)
