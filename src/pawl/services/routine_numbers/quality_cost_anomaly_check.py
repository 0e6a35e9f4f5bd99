"""Quality-cost anomaly check: what fired since the last time, and spend against each budget.

An alert is there as the latest look found it, whoever acknowledged it.
"""

from pawl.alerts.state import State
from pawl.base.money import format_usd
from pawl.services.routine_looks import Looks, RoutineNumbers, Window
from pawl.services.routine_table import Part, part, short


def _parts(look: Looks, window: Window) -> tuple[Part, ...]:
    fired = [
        each
        for each in look.alerts()
        if (each.fired_at is not None and window.since <= each.fired_at < window.until)
        or each.state is State.FIRING
    ]
    alerts = (
        {
            "level": each.level.value,
            "rule": each.rule,
            "summary": each.summary,
            "state": each.state.value,
            "fired": short(each.fired_at),
            "by": each.acknowledged.by if each.acknowledged else "nobody",
        }
        for each in sorted(fired, key=lambda each: (each.fired_at or "", each.id), reverse=True)
    )
    budgets = (
        {
            "name": each.name,
            "who": each.who,
            "spent": format_usd(each.spent_usd_micros),
            "limit": format_usd(each.limit_usd_micros),
            "state": each.state,
            "unknown": str(each.unknown_runs + each.unpriced_requests),
        }
        for each in look.budgets(window.now)
    )
    return (
        part("Alerts since the last check, and those that fire", _ALERTS, alerts),
        part("Spend against budgets", _BUDGETS, budgets),
    )


_ALERTS = {
    "level": "Level", "rule": "Rule", "summary": "What", "state": "Now", "fired": "Fired",
    "by": "Seen by",
}  # fmt: skip
_BUDGETS = {
    "name": "Budget", "who": "Of", "spent": "Spent", "limit": "Limit", "state": "State",
    "unknown": "Without a price",
}  # fmt: skip
NUMBERS = RoutineNumbers(parts=_parts)
