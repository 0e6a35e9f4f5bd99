"""The Mann-Kendall test agrees with its oracle and with common sense."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import kendalltau

from pawl.maturity.trend import EXACT_UP_TO, change, mann_kendall

NUMBERS = st.integers(-50, 50).map(float)


@given(st.lists(NUMBERS, min_size=4, max_size=EXACT_UP_TO, unique=True))
def test_short_series_agree_with_the_exact_test(values: list[float]) -> None:
    """Without ties the probability is that of Kendall's rank correlation with time, exactly."""
    told = kendalltau(range(len(values)), values, method="exact")
    trend = mann_kendall(values)
    assert trend.p == pytest.approx(told.pvalue, abs=1e-9)
    assert trend.score / (len(values) * (len(values) - 1) / 2) == pytest.approx(told.statistic)


@given(st.lists(st.sampled_from([0.0, 1.0, 2.0]), min_size=8, max_size=40))
def test_series_with_ties_agree_with_the_approximation(values: list[float]) -> None:
    """With ties, and in long series, it is the normal approximation corrected for them."""
    if len(set(values)) < 2 or len(set(values)) == len(values):
        return
    told = kendalltau(range(len(values)), values, method="asymptotic")
    assert mann_kendall(values).p == pytest.approx(told.pvalue, abs=1e-9)


@given(st.lists(NUMBERS, min_size=0, max_size=40))
def test_a_mirrored_series_has_the_opposite_trend(values: list[float]) -> None:
    """Turning a series upside down turns the direction and keeps the probability."""
    trend, mirrored = mann_kendall(values), mann_kendall([-each for each in values])
    assert mirrored.direction == -trend.direction
    assert mirrored.p == pytest.approx(trend.p)


def test_six_points_in_order_are_a_trend_and_two_are_none() -> None:
    """Six rising points happen by chance once in 360; of two points nothing is said."""
    assert mann_kendall([1, 2, 3, 4, 5, 6]).p == pytest.approx(2 / 720)
    assert mann_kendall([1, 2]).p == 1.0


@pytest.mark.parametrize(
    ("values", "moved"),
    [
        ([], 0.0),
        ([5], 0.0),
        ([10, 10, 15, 15], 0.5),
        ([10, 99, 5], -0.5),
        ([0, 1], float("inf")),
        ([0, -1], float("-inf")),
        ([-10, -5], 0.5),
    ],
)
def test_change_compares_the_halves(values: list[float], moved: float) -> None:
    """The second half's mean against the first's, relative to it; a middle point is in neither."""
    assert change(values) == pytest.approx(moved)
