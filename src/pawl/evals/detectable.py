"""What a suite of this size could have seen: the least drop it finds, and what a look may cost.

A gate that prints "no regression" without this says nothing: with three trials a case, one that
fails half of the time is mostly invisible.
"""

from collections.abc import Iterable
from functools import lru_cache
from math import sqrt

from pawl.evals.counts import CaseCounts, Plan, Tally
from pawl.evals.gate_policy import GatePolicy
from pawl.evals.statistics import (
    beta_binomial_pmf,
    binomial_pmf,
    fisher_drop,
    normal_quantile,
    wilson,
)

_STEPS = 30
"""Halvings of the search; the drop is known to a thousand-millionth."""


def is_suspect(baseline: Tally, trials: Tally, screening_p: float) -> bool:
    """Say whether trials look bad enough to be looked at again: a failure, and a low p-value."""
    failed = trials.passes < trials.n
    return failed and fisher_drop(*_both(baseline, trials)) <= screening_p


@lru_cache(maxsize=4096)
def detectable_drop(
    baseline: Tally, plan: Plan, *, screening_p: float, level: float, power: float
) -> float | None:
    """Return the least fall of one case's rate that both stages find with this power.

    The fall is from the rate of the baseline; None when not even a case that always fails would
    be found. Exact: both stages are binomial, and their critical counts come from Fisher's test.
    """
    seen = baseline.passes / baseline.n
    if seen == 0 or _found(baseline, plan, 0.0, screening_p, level) < power:
        return None
    low, high = 0.0, seen
    for _ in range(_STEPS):
        rate = (low + high) / 2
        if _found(baseline, plan, rate, screening_p, level) >= power:
            low = rate
        else:
            high = rate
    return seen - low


def _found(baseline: Tally, plan: Plan, rate: float, screening_p: float, level: float) -> float:
    """Return the chance that a case of this rate is a suspect first and confirmed then."""
    most = _most_rejected(baseline, plan.whole, level)
    chance = 0.0
    for first in range(min(most, plan.k) + 1):
        if not is_suspect(baseline, Tally(first, plan.k), screening_p):
            break  # with more passes it is none either
        second = sum(
            binomial_pmf(more, plan.confirm, rate)
            for more in range(min(most - first, plan.confirm) + 1)
        )
        chance += binomial_pmf(first, plan.k, rate) * second
    return chance


@lru_cache(maxsize=4096)
def _most_rejected(baseline: Tally, n: int, level: float) -> int:
    """Return the most passes of n that are significantly few; -1 when none is."""
    most = -1
    while most < n and fisher_drop(*_both(baseline, Tally(most + 1, n))) <= level:
        most += 1
    return most


def mean_interval(
    cases: Iterable[CaseCounts], confidence: float
) -> tuple[float, float, float] | None:
    """Return the mean change of the cases' rates, and the ends of its interval; None of none.

    Wilson's intervals of both rates are joined as by R. G. Newcombe, "Interval estimation for the
    difference between independent proportions", Statistics in Medicine 17 (1998), method 10, and
    summed as by G. Y. Zou and A. Donner, "Construction of confidence limits about effect
    measures", Statistics in Medicine 27 (2008). Cases of a cluster are taken to err together, the
    worst there is. The interval speaks of these cases, not of others that could be written.
    """
    given = list(cases)
    if not given:
        return None
    mean = sum(rate_change(case) for case in given) / len(given)
    down: dict[tuple[str, str], list[float]] = {}
    for case in given:
        rate, before = case.trials.passes / case.trials.n, case.baseline.passes / case.baseline.n
        low, high = wilson(case.trials.passes, case.trials.n, confidence)
        low_before, high_before = wilson(case.baseline.passes, case.baseline.n, confidence)
        sums = down.setdefault(cluster_of(case), [0.0, 0.0, 0.0, 0.0])
        for place, part in enumerate(
            (rate - low, high_before - before, high - rate, before - low_before)
        ):
            sums[place] += part
    below = sqrt(sum(a * a + b * b for a, b, _, _ in down.values())) / len(given)
    above = sqrt(sum(c * c + d * d for _, _, c, d in down.values())) / len(given)
    return mean, max(-1.0, mean - below), min(1.0, mean + above)


def rate_change(case: CaseCounts) -> float:
    """Return by how much a case's rate rose; both sides have trials."""
    return case.trials.passes / case.trials.n - case.baseline.passes / case.baseline.n


def cluster_of(case: CaseCounts) -> tuple[str, str]:
    """Return what names a case's cluster; a case without one is a cluster of itself."""
    return ("cluster", case.cluster) if case.cluster else ("case", case.id)


def detectable_mean_drop(cases: Iterable[CaseCounts], policy: GatePolicy) -> float | None:
    """Return the least fall of the mean rate that the test over the suite finds with its power.

    By the normal approximation, the usual formula for sample sizes: the quantiles of the test's
    level and of its power times the standard error. A case's rate is taken from its baseline
    under the prior Beta(1/2, 1/2), so that 20 of 20 still has some spread. None when there are
    too few clusters for any answer to be significant.
    """
    given = list(cases)
    spread: dict[tuple[str, str], float] = {}
    for case in given:
        before = case.baseline
        rate = (before.passes + 0.5) / (before.n + 1)
        own = sqrt(rate * (1 - rate) * (1 / before.n + 1 / case.trials.n))
        spread[cluster_of(case)] = spread.get(cluster_of(case), 0.0) + own
    if 2.0 ** -len(spread) > policy.suite_alpha:
        return None
    error = sqrt(sum(each * each for each in spread.values())) / len(given)
    quantiles = normal_quantile(1 - policy.suite_alpha) + normal_quantile(policy.power)
    return min(1.0, quantiles * error)


def expected_reruns(cases: Iterable[CaseCounts], policy: GatePolicy) -> float:
    """Return how many confirming trials to expect of cases that did not change at all.

    For a budget before the first trial runs. Cases without a baseline are left out.
    """
    expected = 0.0
    for case in cases:
        plan = case.plan or policy.plan
        before = case.baseline
        if not before.n:
            continue
        for passes in range(plan.k):
            if not is_suspect(before, Tally(passes, plan.k), policy.screening_p):
                break
            chance = beta_binomial_pmf(passes, plan.k, before.passes, before.n)
            expected += plan.confirm * chance
    return expected


def _both(baseline: Tally, trials: Tally) -> tuple[int, int, int, int]:
    return baseline.passes, baseline.n, trials.passes, trials.n
