"""Intervals, bounds and tests of small counts agree with their oracle and with known numbers."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import betabinom, binom, binomtest, fisher_exact, norm

from pawl.evals.statistics import (
    beta_binomial_pmf,
    binomial_pmf,
    fisher_drop,
    holm,
    never_seen_bound,
    normal_quantile,
    pass_at_k,
    pass_hat_k,
    wilson,
)

CONFIDENCES = st.sampled_from([0.5, 0.8, 0.9, 0.95, 0.99])
P_VALUES = st.lists(st.floats(0, 1), min_size=1, max_size=12)


@st.composite
def tallies(draw: st.DrawFn, most: int = 60) -> tuple[int, int]:
    """Draw passes and trials, at least one trial."""
    n = draw(st.integers(1, most))
    return draw(st.integers(0, n)), n


@given(st.floats(0.0001, 0.9999))
def test_a_quantile_is_that_of_the_normal_distribution(probability: float) -> None:
    """It agrees with the oracle to nine digits."""
    assert normal_quantile(probability) == pytest.approx(norm.ppf(probability), abs=1e-9)


@pytest.mark.parametrize("probability", [0.0, 1.0, -0.1, 1.1])
def test_a_quantile_of_no_probability_is_refused(probability: float) -> None:
    """Certainty lies infinitely far out, and nothing lies beyond it."""
    with pytest.raises(ValueError, match="probability"):
        normal_quantile(probability)


@given(tallies(), CONFIDENCES)
def test_wilson_agrees_with_its_oracle(tally: tuple[int, int], confidence: float) -> None:
    """Both ends are those of the score interval without continuity correction."""
    told = binomtest(*tally).proportion_ci(confidence, method="wilson")
    assert wilson(*tally, confidence) == pytest.approx((told.low, told.high), abs=1e-9)


@given(tallies(), CONFIDENCES)
def test_wilson_encloses_the_rate_and_mirrors(tally: tuple[int, int], confidence: float) -> None:
    """The rate lies within, ends stay in [0, 1], and failures have the mirrored interval."""
    successes, n = tally
    low, high = wilson(successes, n, confidence)
    assert 0 <= low <= successes / n <= high <= 1
    assert wilson(n - successes, n, confidence) == pytest.approx((1 - high, 1 - low), abs=1e-9)


@given(tallies())
def test_wilson_moves_with_the_passes(tally: tuple[int, int]) -> None:
    """One pass more raises both ends."""
    successes, n = tally
    if successes < n:
        low, high = wilson(successes, n, 0.95)
        next_low, next_high = wilson(successes + 1, n, 0.95)
        assert low < next_low
        assert high < next_high


@pytest.mark.parametrize(("n", "bound"), [(20, 0.1391), (60, 0.0487), (1, 0.95), (0, 1.0)])
def test_a_guard_never_violated_may_still_be(n: int, bound: float) -> None:
    """No violation in 20 trials allows 13.9 %, in 60 it allows 4.9 %, in none anything."""
    assert never_seen_bound(n, 0.95) == pytest.approx(bound, abs=5e-5)


@given(st.integers(1, 500), CONFIDENCES)
def test_the_bound_is_the_exact_one(n: int, confidence: float) -> None:
    """It is the upper end of the one-sided Clopper-Pearson interval of no occurrence."""
    told = binomtest(0, n, alternative="less").proportion_ci(confidence, method="exact")
    assert never_seen_bound(n, confidence) == pytest.approx(told.high, abs=1e-9)


@given(tallies(most=9), st.integers(1, 9))
def test_passing_once_and_always_are_means_over_all_choices(tally: tuple[int, int], k: int) -> None:
    """Both are what k trials chosen among the n would show on average; too few tell nothing."""
    successes, n = tally
    once, always = pass_at_k(successes, n, k), pass_hat_k(successes, n, k)
    if n < k:
        assert once is None
        assert always is None
        return
    choices = list(combinations([True] * successes + [False] * (n - successes), k))
    assert once == sum(map(any, choices)) / len(choices)
    assert always == sum(map(all, choices)) / len(choices)


def test_pass_hat_k_of_a_known_case() -> None:
    """Of 8 passes in 10, three all pass in 56 of 120 choices, and one passes always."""
    assert pass_hat_k(8, 10, 3) == pytest.approx(56 / 120)
    assert pass_at_k(8, 10, 3) == 1


@given(tallies(), tallies())
def test_fisher_agrees_with_its_oracle(base: tuple[int, int], now: tuple[int, int]) -> None:
    """It is the one-sided exact test that the second group succeeds less often."""
    table = [[now[0], now[1] - now[0]], [base[0], base[1] - base[0]]]
    assert fisher_drop(*base, *now) == pytest.approx(
        fisher_exact(table, alternative="less").pvalue, rel=1e-9, abs=1e-12
    )


@pytest.mark.parametrize(
    ("counts", "p"),
    [
        ((3, 3, 0, 3), 1 / 20),
        ((20, 20, 0, 3), 1 / 1771),
        ((20, 20, 2, 3), 3 / 23),
        ((20, 20, 3, 3), 1.0),
        ((0, 20, 0, 3), 1.0),
        ((0, 5, 5, 5), 1.0),
    ],
)
def test_fisher_of_known_tables(counts: tuple[int, int, int, int], p: float) -> None:
    """Three failures after three passes have exactly 0.05; after twenty passes 0.0006."""
    assert fisher_drop(*counts) == p


@given(tallies(), tallies())
def test_a_failure_more_never_raises_fishers_p(base: tuple[int, int], now: tuple[int, int]) -> None:
    """Neither a pass that became a failure nor a failing trial more speaks for the case."""
    successes, n = now
    p = fisher_drop(*base, successes, n)
    assert 0 < p <= 1
    assert fisher_drop(*base, successes, n + 1) <= p
    if successes:
        assert fisher_drop(*base, successes - 1, n) <= p


@given(P_VALUES)
def test_holm_lies_between_the_raw_and_bonferroni(p_values: list[float]) -> None:
    """It is never below the p-value itself and never above what Bonferroni makes of it."""
    for p, adjusted in zip(p_values, holm(p_values), strict=True):
        assert p <= adjusted <= min(1.0, len(p_values) * p) or adjusted == pytest.approx(p)
    lowest = min(p_values)
    assert min(holm(p_values)) == pytest.approx(min(1.0, len(p_values) * lowest))


@given(P_VALUES, st.randoms(use_true_random=False))
def test_holm_keeps_the_order_it_was_given(p_values: list[float], chance: object) -> None:
    """The same p-value is adjusted alike wherever it stands."""
    shuffled = list(p_values)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert dict(zip(p_values, holm(p_values), strict=True)) == dict(
        zip(shuffled, holm(shuffled), strict=True)
    )


@given(P_VALUES, st.data())
def test_holm_gets_no_milder_when_one_p_falls(p_values: list[float], data: st.DataObject) -> None:
    """Evidence against one case never speaks for another."""
    place = data.draw(st.integers(0, len(p_values) - 1))
    worse = list(p_values)
    worse[place] = p_values[place] * data.draw(st.floats(0, 1))
    assert all(a <= b for a, b in zip(holm(worse), holm(p_values), strict=True))


def test_holm_of_a_known_list() -> None:
    """The smallest of four is multiplied by four, the next by three, and none falls again."""
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx((0.03, 0.06, 0.06, 0.02))
    assert holm([]) == ()


@given(tallies(most=20), st.floats(0, 1))
def test_binomial_chances_agree_with_their_oracle(tally: tuple[int, int], rate: float) -> None:
    """Also where the rate is 0 or 1."""
    assert binomial_pmf(*tally, rate) == pytest.approx(binom.pmf(*tally, rate), abs=1e-12)


@given(tallies(most=20), tallies())
def test_predicted_passes_agree_with_their_oracle(
    tally: tuple[int, int], seen: tuple[int, int]
) -> None:
    """The prediction under the prior Beta(1/2, 1/2) is the beta-binomial distribution."""
    told = betabinom.pmf(*tally, seen[0] + 0.5, seen[1] - seen[0] + 0.5)
    assert beta_binomial_pmf(*tally, *seen) == pytest.approx(told, rel=1e-7, abs=1e-12)
