"""Error budgets: of sums, so no order matters; of what a change touches, and unknown is unknown."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pawl.alerts.objectives import budget_left
from pawl.changes.budgets import Measured, budgets_of
from pawl.changes.facts import BudgetLeft


def measured(**other: Any) -> Measured:
    fields: dict[str, Any] = {
        "objective": "answers", "service": "shop", "project": None, "target": 0.9, "good": 95,
        "bad": 5,
    }  # fmt: skip
    return Measured(**{**fields, **other})


def test_what_is_left_is_told_by_component() -> None:
    """Half of the ten in a hundred that may go wrong went wrong: half is left, for each part."""
    found = budgets_of([measured()], ["prompt/b", "prompt/a"], "shop/search")
    assert found is not None
    assert [(each.component, each.objective) for each in found] == [
        ("prompt/a", "answers"), ("prompt/b", "answers")]  # fmt: skip
    assert found[0].left == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("service", "project", "scope", "about"),
    [
        ("prompt/a", None, "shop", True),
        ("prompt/b", None, "shop", False),
        ("shop", None, "shop/search", True),
        ("shop/search", None, "shop", False),
        ("bank", None, "shop", False),
        ("checkout", "shop", "shop", True),
        ("bank", "bank", "", True),
        ("", None, "shop", True),
    ],
)
def test_an_objective_is_about_a_component_or_a_scope(
    service: str, project: str | None, scope: str, about: bool
) -> None:
    """By the component's name, by a scope that holds the change's; naming nothing it is of all."""
    found = budgets_of([measured(service=service, project=project)], ["prompt/a"], scope)
    assert bool(found) is about


def test_an_objective_that_nobody_measured_is_not_known() -> None:
    """Nor are the others then; elsewhere it does not matter."""
    elsewhere = measured(service="bank", good=None)
    assert budgets_of([measured(), measured(good=None)], ["prompt/a"], "shop") is None
    assert budgets_of([measured(), elsewhere], ["prompt/a"], "shop") is not None
    assert budgets_of([], ["prompt/a"], "shop") == ()


def test_where_nothing_ran_nothing_was_used() -> None:
    """A quiet service has its whole budget, or nothing could ever ship to it."""
    found = budgets_of([measured(good=0, bad=0)], ["prompt/a"], "shop")
    assert found == (BudgetLeft(component="prompt/a", objective="answers", left=1.0),)


@given(st.lists(st.booleans(), min_size=1, max_size=60), st.floats(0.01, 0.999), st.randoms())
def test_no_order_of_events_matters(outcomes: list[bool], target: float, chance: Any) -> None:
    """The budget is `1 - bad/((1-t)*all)` of all events, in whatever order and pieces they came."""
    mixed = list(outcomes)
    chance.shuffle(mixed)
    left = budget_left(target, sum(outcomes), len(outcomes) - sum(outcomes))
    assert left == budget_left(target, sum(mixed), sum(not each for each in mixed))
    assert left is not None
    assert left <= 1
    assert (left == 1) == all(outcomes)


@given(st.integers(0, 500), st.integers(0, 500), st.floats(0.01, 0.999))
def test_one_more_failure_leaves_less(good: int, bad: int, target: float) -> None:
    """A failure never fills a budget, and a success never empties one."""
    left = budget_left(target, good, bad)
    worse, better = budget_left(target, good, bad + 1), budget_left(target, good + 1, bad)
    assert worse is not None
    assert better is not None
    if left is None:
        assert (good, bad) == (0, 0)
        return
    assert worse <= left <= better
