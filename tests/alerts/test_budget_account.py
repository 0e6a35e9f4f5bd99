"""Sums, what is left, and in which state a budget is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.alerts.budget_made import NOVEMBER, USD, account, budget, spend

from pawl.alerts.budget import Owner, Scope, UnpricedSpend
from pawl.alerts.budget_account import accounts, state_of

AMOUNTS = st.integers(0, 10**12)


@given(st.lists(st.tuples(AMOUNTS, AMOUNTS, AMOUNTS)), st.integers(0, 10**13))
def test_the_sums_are_those_of_the_parts(parts: list[tuple[int, int, int]], limit: int) -> None:
    """Spent and reserved are plain sums, and what is left is never below zero."""
    spends = [spend(settled=a, outside=b, reserved=c) for a, b, c in parts]
    found = accounts(budget(), NOVEMBER, limit, spends, at_least=("organisation",))
    (one,) = found.values()
    assert one.spent_micros == sum(a + b for a, b, _ in parts)
    assert one.reserved_micros == sum(c for _, _, c in parts)
    assert one.left_micros == max(0, limit - one.spent_micros - one.reserved_micros)


def test_what_an_unknown_run_held_counts_only_where_unpriced_models_are_refused() -> None:
    """Unknown is not zero; where it was allowed by policy it is counted and in no sum."""
    spends = [spend(held=3 * USD, unknown=1)]
    refuse = accounts(budget(), NOVEMBER, 10 * USD, spends)["organisation"]
    allow = accounts(budget(unpriced=UnpricedSpend.ALLOW), NOVEMBER, 10 * USD, spends)
    assert refuse.spent_micros == 3 * USD
    assert allow["organisation"].spent_micros == 0
    assert refuse.unknown_runs == allow["organisation"].unknown_runs == 1


def test_each_has_an_account_of_its_own() -> None:
    """One budget for every project: what one spends is not the other's."""
    spends = [
        spend(owner=Owner(project=name, models=()), settled=n * USD)
        for n, name in enumerate(("shop", "search", "shop"), 1)
    ]
    found = accounts(
        budget(scope=Scope.PROJECT, each=True), NOVEMBER, 10 * USD, spends, at_least=("new",)
    )
    assert {who: one.spent_micros // USD for who, one in found.items()} == {
        "new": 0,
        "search": 2,
        "shop": 4,
    }


def test_a_named_budget_is_shown_before_anything_is_spent() -> None:
    """It appears under its person's own name."""
    ada = budget(scope=Scope.DEVELOPER, of="a@x", identities={"a@x": ("ada",), "ada": ("ada",)})
    assert list(accounts(ada, NOVEMBER, 1, [])) == ["ada"]


@pytest.mark.parametrize(
    ("settled", "reserved", "soft", "state"),
    [
        (0, 0, None, "ok"),
        (7.9, 0, None, "ok"),
        (8, 0, None, "near"),
        (8, 2, None, "full"),
        (10, 0, None, "spent"),
        (4, 0, 5, "near"),
        (5, 0, 5, "over soft"),
    ],
)
def test_states(settled: float, reserved: int, soft: int | None, state: str) -> None:
    """From untouched to spent, by the nearest limit."""
    one = account(
        settled_micros=round(settled * USD),
        reserved_micros=reserved * USD,
        soft_micros=None if soft is None else soft * USD,
    )
    assert state_of(one, 80) == state
