"""The sign-flip test counts exactly, in three ways that agree, and never says zero."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import permutation_test

from pawl.evals.sign_flip import Method, _count_by_sum, _count_up_to, _draw_up_to, sign_flip_drop

FEW = st.lists(st.integers(-9, 9), min_size=1, max_size=8)
MANY = st.lists(st.integers(-30, 30), min_size=13, max_size=40)


def _p(differences: list[int]) -> float:
    return sign_flip_drop(differences, seed=0, draws=1000).p


@given(FEW)
def test_it_is_the_share_of_all_signs_with_a_sum_as_low(differences: list[int]) -> None:
    """Written out over every choice of signs, ties counted as being as low."""
    signs = list(product((1, -1), repeat=len(differences)))
    sums = [sum(s * d for s, d in zip(each, differences, strict=True)) for each in signs]
    assert _p(differences) == sum(each <= sum(differences) for each in sums) / len(sums)


@given(st.lists(st.integers(-9, 9), min_size=2, max_size=7))
def test_it_agrees_with_the_oracle(differences: list[int]) -> None:
    """The oracle's exact test of paired samples gives the same p-value."""
    told = permutation_test(
        (np.array(differences, dtype=float),),
        np.sum,
        permutation_type="samples",
        alternative="less",
        n_resamples=np.inf,
    )
    assert _p(differences) == pytest.approx(told.pvalue)


@given(st.lists(st.integers(1, 60), min_size=1, max_size=12), st.integers(0, 200))
def test_counting_by_sum_is_listing(sizes: list[int], most: int) -> None:
    """Both ways to count the choices that stay below a sum agree."""
    assert _count_by_sum(sorted(sizes), most) == _count_up_to(sorted(sizes), most)


@given(MANY)
def test_it_is_symmetric(differences: list[int]) -> None:
    """A drop and a rise mirrored share all choices between them, but for those that tie."""
    p, mirrored = _p(differences), _p([-each for each in differences])
    assert 0 < p <= 1
    assert p + mirrored >= 1
    assert sign_flip_drop(differences, seed=0, draws=1).method is Method.EXACT


@given(st.lists(st.integers(1, 30), min_size=1, max_size=30), st.integers(0, 300))
def test_drawing_comes_near_counting(sizes: list[int], most: int) -> None:
    """Four thousand draws lie within five standard errors of the exact share."""
    exact = (_count_up_to(sorted(sizes), most) or 0) / 2 ** len(sizes)
    drawn = _draw_up_to(sorted(sizes), most, 11, 4000) / 4000
    assert abs(drawn - exact) <= 5 * (exact * (1 - exact) / 4000) ** 0.5 + 1 / 4000


@given(FEW | MANY, st.data())
def test_a_difference_that_falls_never_raises_p(
    differences: list[int], data: st.DataObject
) -> None:
    """Whatever else the suite did, one case doing worse is no comfort."""
    place = data.draw(st.integers(0, len(differences) - 1))
    worse = list(differences)
    worse[place] -= data.draw(st.integers(1, 40))
    assert _p(worse) <= _p(differences)


@given(FEW | MANY, st.integers(1, 1000))
def test_neither_order_nor_scale_matters(differences: list[int], scale: int) -> None:
    """Differences are a bag of numbers in whatever unit."""
    assert _p(sorted(differences)) == _p(differences) == _p([scale * x for x in differences])


def test_known_answers() -> None:
    """Nothing moved: 1. All of five fell: 1 of 32. All rose: 1."""
    assert _p([]) == _p([0, 0, 0]) == 1
    assert _p([-1] * 5) == 1 / 32
    assert _p([3] * 5) == 1
    assert sign_flip_drop([-1, 0, 0], seed=0, draws=1000).p_least == 1 / 8


def test_too_many_to_count_are_drawn_and_repeat() -> None:
    """Differences without a small common measure are drawn, alike for a seed and in any order."""
    wild = [(-1) ** n * (10**9 + 7**n) for n in range(9)] + [-(3**n) for n in range(13, 21)]
    once = sign_flip_drop(wild, seed=3, draws=2000)
    assert once.method is Method.DRAWN
    assert once == sign_flip_drop(sorted(wild), seed=3, draws=2000)
    assert once.p != sign_flip_drop(wild, seed=4, draws=2000).p
    assert once.p_least == 1 / 2001


def test_two_thousand_clusters_that_all_fell_are_not_impossible() -> None:
    """A p-value below the least double is told as the least one, never as zero."""
    assert 0 < _p([-1] * 2000) < 1e-300


def test_a_draw_that_meets_nothing_still_leaves_a_chance() -> None:
    """Where no drawn sum is as low, the signs as they are count as the one draw that is."""
    moved = [10**6 + 1] + [-(10**9 + 7**n) for n in range(30)]
    drawn = sign_flip_drop(moved, seed=3, draws=1000)
    assert (drawn.method, drawn.p) == (Method.DRAWN, 1 / 1001)
