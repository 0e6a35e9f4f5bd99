"""What a suite could have seen, and what a look may cost, are told as they are."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.evals.suites import POLICY, case, rates_of

from pawl.evals.counts import Plan, Tally
from pawl.evals.detectable import (
    detectable_drop,
    detectable_mean_drop,
    expected_reruns,
    is_suspect,
    mean_interval,
)
from pawl.evals.statistics import fisher_drop

PERFECT = Tally(20, 20)


def _drop(baseline: Tally, plan: Plan, level: float) -> float | None:
    return detectable_drop(baseline, plan, screening_p=0.15, level=level, power=0.8)


def test_a_detectable_drop_is_found_as_often_as_it_says() -> None:
    """Played out, a case that fell by so much is found in four of five looks."""
    plan = Plan(3, 5, 20)
    drop = _drop(PERFECT, plan, 0.05 / 20)
    assert drop is not None
    chance, found = random.Random(5), 0
    for _ in range(4000):
        passes = [chance.random() >= drop for _ in range(plan.whole)]
        first, all_passes = sum(passes[: plan.k]), sum(passes)
        suspect = is_suspect(PERFECT, Tally(first, plan.k), 0.15)
        found += suspect and fisher_drop(20, 20, all_passes, plan.whole) <= 0.05 / 20
    assert found / 4000 == pytest.approx(0.8, abs=0.02)


def test_a_half_broken_case_is_invisible_with_few_trials() -> None:
    """After 3 and 5 trials only more than half can be seen; more reruns and no screen see less."""
    assert (_drop(PERFECT, Plan(3, 5, 20), 0.05 / 20) or 0) > 0.5
    assert (_drop(PERFECT, Plan(20, 20, 20), 0.05 / 20) or 1) < 0.5


@given(st.integers(1, 20), st.integers(1, 8), st.integers(0, 8))
def test_more_cases_hide_more(passes: int, k: int, confirm: int) -> None:
    """The stricter the level, the larger a drop must be; it never exceeds what there was."""
    baseline, plan = Tally(passes, 20), Plan(k, confirm, 20)
    alone, among_many = _drop(baseline, plan, 0.05), _drop(baseline, plan, 0.0005)
    if alone is None:
        assert among_many is None
        return
    assert 0 < alone <= passes / 20
    assert among_many is None or alone <= among_many <= passes / 20


def test_three_trials_after_three_can_show_nothing_among_several() -> None:
    """Not even a case that always fails now."""
    assert _drop(Tally(3, 3), Plan(3, 0, 3), 0.05 / 2) is None
    assert _drop(Tally(3, 3), Plan(3, 0, 3), 0.05) == pytest.approx(0.93, abs=0.01)


def test_the_interval_of_one_case_is_newcombes() -> None:
    """His example: 56 of 70 against 48 of 80 differ by 0.2, from 0.0524 to 0.3339."""
    found = mean_interval([case("a", (56, 70), (48, 80))], 0.95)
    assert found == pytest.approx((0.2, 0.0524, 0.3339), abs=5e-5)


@given(st.lists(st.tuples(st.integers(0, 8), st.integers(0, 20)), min_size=1, max_size=9))
def test_the_interval_encloses_the_change_and_clusters_widen_it(
    passes: list[tuple[int, int]],
) -> None:
    """Cases that err together tell less than as many that do not."""
    apart = [case(str(n), (a, 8), (b, 20)) for n, (a, b) in enumerate(passes)]
    together = [case(str(n), (a, 8), (b, 20), cluster="one") for n, (a, b) in enumerate(passes)]
    mean, low, high = mean_interval(apart, 0.95) or (0, 0, 0)
    same, wide_low, wide_high = mean_interval(together, 0.95) or (0, 0, 0)
    assert mean == same
    assert -1 <= wide_low <= low + 1e-12
    assert low <= mean <= high
    assert high <= wide_high + 1e-12
    assert wide_high <= 1


def test_nothing_compared_has_no_interval() -> None:
    """No case, no change: neither zero nor any other."""
    assert mean_interval([], 0.95) is None


def test_too_few_clusters_detect_no_mean_drop() -> None:
    """Six signs can come to 1 in 64 at best, seven to less than 1 in 100."""
    assert detectable_mean_drop([case(str(n)) for n in range(6)], POLICY) is None
    assert detectable_mean_drop([case(str(n)) for n in range(7)], POLICY) is not None


def test_expected_reruns_are_those_of_a_suite_that_did_not_change() -> None:
    """They are counted from what the pool allows, and cases without a pool expect none."""
    chance = random.Random(2)
    total = 0.0
    for _ in range(50):
        total += expected_reruns(
            [
                case(str(n), baseline=(sum(chance.random() < r for _ in range(20)), 20))
                for n, r in enumerate(rates_of(50))
            ],
            POLICY,
        )
    # 5.2 when simulated with the true rates; a prior that knows less expects somewhat more.
    assert 5 < total / 50 < 16
    assert expected_reruns([case("a", baseline=(0, 0)), case("b", baseline=(0, 20))], POLICY) == 0
