"""Error budgets as this machine measures them: of the objective's own window, else not known."""

from typing import Any

import pytest
from tests.changes.made_changes import NOW, at, manifest, opened

from pawl.alerts.objectives import Objective
from pawl.app.change_budgets import error_budgets
from pawl.services.change_budgets import budgets_left
from pawl.store.events.objective_days import ObjectiveDay

CHANGE = opened(manifest(scope="shop"))
PROMISE = Objective(
    name="runs-succeed", service="shop", target=0.9, window_s=7 * 86_400.0, indicator="run-success"
)


class Counted:
    """Events that were counted, and which window was asked for."""

    def __init__(self, *days: ObjectiveDay) -> None:
        self.days = days
        self.asked: list[tuple[str, str]] = []

    def objective_days(self, indicator: str, since: str, until: str, **_: Any) -> Any:
        self.asked.append((since, until))
        return self.days

    def active_days(self, since: str, until: str, project: str | None) -> tuple[str, ...]:
        return ()


def test_the_days_of_the_window_are_put_together() -> None:
    """Two days with one failure of twenty runs: half of the budget of a tenth is left."""
    events = Counted(
        ObjectiveDay(day="2026-11-20", good=9, bad=1),
        ObjectiveDay(day="2026-11-21", good=10, bad=0),
    )
    found = budgets_left(events, [PROMISE], CHANGE, NOW)
    assert found is not None
    assert [(each.component, each.objective) for each in found] == [
        ("prompt/support", "runs-succeed")
    ]
    assert found[0].left == pytest.approx(0.5)
    assert events.asked == [(at(-7 * 24), NOW)]


def test_what_is_measured_elsewhere_is_not_known() -> None:
    """Neither an indicator of another tool nor a machine without events tells anything."""
    elsewhere = Objective(name="x", service="shop", target=0.9, window_s=1.0, problem="elsewhere")
    assert budgets_left(Counted(), [elsewhere], CHANGE, NOW) is None
    assert budgets_left(None, [PROMISE], CHANGE, NOW) is None


def test_a_machine_without_objectives_has_no_budgets(tmp_path: Any) -> None:
    """No objective is set: that is none, and not unknown."""
    assert error_budgets(tmp_path, CHANGE, NOW) == ()
