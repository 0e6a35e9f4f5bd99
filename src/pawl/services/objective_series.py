"""What Pawl's own stores measured of service level objectives, as the series behind them.

A point is a day: the share of good among all that the indicator counted on it. It is expected on
each day on which there was work to count. Work is known from two sides, the telemetry and the
records of supervised runs, so that a day on which runs ended and no telemetry arrived is a
missing point. A day without work is none: nothing can be measured on it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import TYPE_CHECKING, Protocol

from pawl.alerts.objectives import Objective as Promise
from pawl.alerts.objectives import budget_left
from pawl.base.times import format_time, parse_time
from pawl.maturity.facts.operations import Objective
from pawl.services.over_time import worked_until
from pawl.store.events.objective_days import ObjectiveDay

if TYPE_CHECKING:
    from pawl.store.records.runs import RunState


class Measuring(Protocol):
    """What is asked of the events."""

    def objective_days(
        self,
        indicator: str,
        since: str,
        until: str,
        *,
        project: str | None = None,
        threshold_ms: float | None = None,
    ) -> tuple[ObjectiveDay, ...]:
        """Return the good and bad of each day on which an indicator counted anything."""

    def active_days(self, since: str, until: str, project: str | None) -> tuple[str, ...]:
        """Return the days on which any event arrived."""


def objective_series(
    events: Measuring | None, runs: Iterable[RunState], promises: Iterable[Promise], until: str
) -> tuple[Objective, ...]:
    """Return the measured series of each objective over its own window, which ends at `until`.

    An objective that is measured elsewhere has no point here; nor has any without events.
    """
    known = list(runs)
    return tuple(_series(events, known, promise, until) for promise in promises)


def _series(
    events: Measuring | None, runs: list[RunState], promise: Promise, until: str
) -> Objective:
    since = format_time(parse_time(until) - timedelta(seconds=promise.window_s))
    days: tuple[ObjectiveDay, ...] = ()
    expected = _worked(runs, promise, since, until)
    if events is not None and promise.indicator:
        days = events.objective_days(
            promise.indicator,
            since,
            until,
            project=promise.project,
            threshold_ms=promise.threshold_ms,
        )
        if promise.indicator == "run-success":
            expected |= {each.day for each in days}
        else:
            expected |= set(events.active_days(since, until, promise.project))
    good, bad = sum(day.good for day in days), sum(day.bad for day in days)
    return Objective(
        service=promise.service,
        name=promise.name,
        target=promise.target,
        points=len(days),
        expected_points=len(expected),
        distinct_values=len({day.good / (day.good + day.bad) for day in days}),
        budget_left=budget_left(promise.target, good, bad),
    )


def _worked(runs: list[RunState], promise: Promise, since: str, until: str) -> set[str]:
    """Return the days on which supervised runs ended that had asked a model."""
    return {
        end[:10]
        for run in runs
        if (end := worked_until(run)) is not None
        and since <= end < until
        and promise.project in (None, run.attribution.project)
    }
