"""What is left of the error budgets of what a change touches, as this machine measures them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from pawl.alerts.objectives import Objective
from pawl.base.times import format_time, parse_time
from pawl.changes.budgets import Measured, budgets_of
from pawl.changes.change import Change
from pawl.changes.facts import BudgetLeft
from pawl.changes.manifest import changed
from pawl.services.objective_series import Measuring


def budgets_left(
    events: Measuring | None, promises: Iterable[Objective], change: Change, until: str
) -> tuple[BudgetLeft, ...] | None:
    """Return the error budgets of a change's components at `until`; None where one is not known.

    An objective that is measured elsewhere, or without events, is not known.
    """
    measured = [_measured(events, each, until) for each in promises]
    return budgets_of(measured, changed(change.manifest), change.manifest.scope)


def _measured(events: Measuring | None, promise: Objective, until: str) -> Measured:
    good: int | None = None
    bad = 0
    if events is not None and promise.indicator:
        since = format_time(parse_time(until) - timedelta(seconds=promise.window_s))
        days = events.objective_days(
            promise.indicator,
            since,
            until,
            project=promise.project,
            threshold_ms=promise.threshold_ms,
        )
        good, bad = sum(day.good for day in days), sum(day.bad for day in days)
    return Measured(
        objective=promise.name,
        service=promise.service,
        project=promise.project,
        target=promise.target,
        good=good,
        bad=bad,
    )
