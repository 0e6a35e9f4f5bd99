"""Thresholds answer yes, no, or that nobody can tell."""

from statistics import NormalDist

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.maturity.judged import NUMBERS

from pawl.base.intervals import wilson
from pawl.maturity.evidence import Share, Value
from pawl.maturity.model import Threshold
from pawl.maturity.threshold import check_of, compare

Z = NUMBERS.interval.z


def holds(threshold: Threshold, value: Value | None) -> bool | None:
    """Return whether a value reaches a threshold."""
    return compare(check_of("x", threshold), value, Z).holds


@pytest.mark.parametrize(
    ("threshold", "value", "expected"),
    [
        (Threshold(at_least=3), 3, True),
        (Threshold(at_least=3), 2.5, False),
        (Threshold(at_most=3), 3, True),
        (Threshold(at_most=3), 4, False),
        (Threshold(at_least=1, at_most=3), 4, False),
        (Threshold(equals=3), 3.0, True),
        (Threshold(equals=3), 2, False),
        (Threshold(equals=True), True, True),
        (Threshold(equals=True), False, False),
        (Threshold(equals="main"), "main", True),
        (Threshold(equals="main"), "dev", False),
        (Threshold(), "anything", True),
    ],
)
def test_values_are_compared(threshold: Threshold, value: Value, expected: bool) -> None:
    """Numbers are compared as numbers, words and yes as they are."""
    assert holds(threshold, value) is expected


@pytest.mark.parametrize(
    ("threshold", "value"),
    [
        (Threshold(at_least=1), None),
        (Threshold(at_least=1), True),
        (Threshold(at_least=1), "2"),
        (Threshold(equals=True), 1),
        (Threshold(equals="1"), 1),
        (Threshold(equals=1), True),
        (Threshold(equals=True), Share(1, 1)),
        (Threshold(at_least=1), float("nan")),
        (Threshold(at_least=1), float("inf")),
        (Threshold(at_least=0), Share(0, 0)),
        (Threshold(at_least=0), Share(3, 2)),
        (Threshold(at_most=1), Share(-1, 2, census=False)),
    ],
)
def test_what_cannot_be_compared_is_unknown(threshold: Threshold, value: Value | None) -> None:
    """A missing value, another type, a share of nothing: unknown, never no and never yes."""
    assert holds(threshold, value) is None


def test_a_census_is_compared_directly() -> None:
    """Nine of ten is nine tenths when all ten were looked at."""
    assert holds(Threshold(at_least=0.9), Share(9, 10)) is True
    assert holds(Threshold(at_least=0.91), Share(9, 10)) is False


def test_a_sample_must_clear_the_threshold_with_its_worse_end() -> None:
    """Ten of ten sampled do not prove nine tenths; a hundred of a hundred do."""
    wanted = Threshold(at_least=0.9)
    assert holds(wanted, Share(10, 10, census=False)) is None
    assert holds(wanted, Share(100, 100, census=False)) is True
    assert holds(wanted, Share(2, 10, census=False)) is False
    assert holds(Threshold(at_most=0.1), Share(0, 10, census=False)) is None
    assert holds(Threshold(at_most=0.1), Share(0, 100, census=False)) is True


def test_a_sample_shows_its_interval_and_a_census_none() -> None:
    """Only a sample has ends."""
    check = check_of("x", Threshold(at_least=0.5))
    sample = compare(check, Share(8, 10, census=False), Z)
    assert sample.low == pytest.approx(0.4901625)
    assert sample.high == pytest.approx(0.9433178)
    census = compare(check, Share(8, 10), Z)
    assert (census.low, census.high) == (None, None)


def test_a_threshold_says_what_it_wants() -> None:
    """The words are those of the model, with both ends where there are two."""
    assert check_of("x", Threshold(at_least=0.9, at_most=1)).wanted == "at least 0.9 and at most 1"
    assert check_of("x", Threshold(equals=True)).wanted == "exactly true"


shares = st.integers(1, 2_000).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of)))


@given(shares)
def test_the_interval_ends_where_the_score_test_would_reject(share: tuple[int, int]) -> None:
    """Each end is as far from the share as z standard errors of that end, as the source says."""
    hits, of = share
    found = hits / of
    low, high = wilson(hits, of, Z)
    assert 0 <= low <= found <= high <= 1
    for end in (low, high):
        assert (found - end) ** 2 == pytest.approx(Z**2 * end * (1 - end) / of, abs=1e-12)


def test_the_quantile_is_that_of_95_percent() -> None:
    """The number in the file is the 0.975 quantile of the normal distribution."""
    assert pytest.approx(NormalDist().inv_cdf(0.975), abs=1e-12) == Z


@given(shares, st.floats(0, 1))
def test_a_sample_never_proves_what_its_census_denies(share: tuple[int, int], bar: float) -> None:
    """Looking at less never makes a share reach more."""
    hits, of = share
    for threshold in (Threshold(at_least=bar), Threshold(at_most=bar)):
        if holds(threshold, Share(hits, of)) is False:
            assert holds(threshold, Share(hits, of, census=False)) is not True
