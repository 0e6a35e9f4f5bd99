"""A budget is shared by parts, and never spent twice."""

from hypothesis import given
from hypothesis import strategies as st

from pawl.review.budget import Budget, Used, allowance

BUDGET = Budget(usd_micros=1_000_000, seconds=100.0, least_micros=20_000, least_seconds=10.0)


def test_parts_share_what_is_left() -> None:
    """What one part does not use is there for the others."""
    first = allowance(BUDGET, Used(), 4)
    assert (first.usd_micros, first.seconds) == (250_000, 25.0)
    second = allowance(BUDGET, Used(100_000, 1.0), 3)
    assert (second.usd_micros, second.seconds) == (300_000, 33.0)


def test_too_little_is_not_begun_with() -> None:
    """Half a review that breaks off costs money and says nothing."""
    assert "budget" in allowance(BUDGET, Used(990_000, 0), 1).reason
    assert "time" in allowance(BUDGET, Used(0, 95.0), 1).reason


def test_a_small_budget_is_one_parts() -> None:
    """Whoever allows a cent gets what a cent buys."""
    small = Budget(usd_micros=10_000, seconds=None, least_micros=20_000, least_seconds=10.0)
    assert allowance(small, Used(), 3).usd_micros == 10_000
    assert allowance(small, Used(1, 0), 2).reason


def test_no_limit_is_no_limit() -> None:
    """None stays None."""
    free = Budget(usd_micros=None, seconds=None, least_micros=1, least_seconds=1.0)
    assert allowance(free, Used(10**9, 10**6), 2) == allowance(free, Used(), 1)


@given(st.integers(0, 3_000_000), st.integers(1, 30), st.lists(st.floats(0, 1), max_size=30))
def test_the_sum_stays_within(total: int, parts: int, shares: list[float]) -> None:
    """Parts that keep to what they are allowed never spend more than the budget."""
    budget = Budget(usd_micros=total, seconds=None, least_micros=20_000, least_seconds=1.0)
    spent = 0
    for number, share in zip(range(parts), shares, strict=False):
        allowed = allowance(budget, Used(spent, 0), parts - number)
        if allowed.reason:
            break
        assert allowed.usd_micros is not None
        spent += int(allowed.usd_micros * share)
    assert spent <= total
