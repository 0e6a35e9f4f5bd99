"""Good and bad of each day behind a service level objective, as the alert on its budget counts."""

import msgspec

from pawl.base.errors import BadValue
from pawl.store.events.answers import Rows, moment, time_text
from pawl.store.events.practice import WorkPlace, owned
from pawl.store.events.queries import query

QUERIES = {
    "run-success": "objective_runs",
    "request-success": "objective_requests",
    "tool-success": "objective_tools",
    "request-latency": "objective_latency",
}
"""The query of each indicator that can be measured."""


class ObjectiveDay(msgspec.Struct, frozen=True, kw_only=True):
    """One UTC day, `YYYY-MM-DD`, on which something was counted."""

    day: str
    good: int
    bad: int


def ask_objective(
    rows: Rows,
    indicator: str,
    since: str,
    until: str,
    *,
    project: str | None = None,
    threshold_ms: float | None = None,
) -> tuple[ObjectiveDay, ...]:
    """Return each day of `since <= time < until` on which the indicator counted anything.

    `project` None is everybody's work. `threshold_ms` belongs to `request-latency`. Raises
    BadValue for an indicator that is not measured here.
    """
    if indicator not in QUERIES:
        raise BadValue(
            f"no indicator is called {indicator[:60]!r}.", hint=f"There are: {', '.join(QUERIES)}."
        )
    condition, owner = owned(WorkPlace(project=project))
    parameters = owner | {"since": moment(since), "until": moment(until)}
    if indicator == "request-latency":
        parameters["threshold_ms"] = threshold_ms or 0.0
    statement = query(QUERIES[indicator]).replace("{owned}", condition)
    return tuple(
        ObjectiveDay(day=time_text(row[0])[:10], good=int(row[1]), bad=int(row[2]))
        for row in rows(statement, parameters)
    )
