"""What a store holds, month by month: equal in two stores when one is a copy of the other."""

import msgspec

from pawl.store.events.answers import Rows
from pawl.store.events.queries import query


class MonthTotals(msgspec.Struct, frozen=True, kw_only=True):
    """One month, such as `2026-11`: its events, and the requests first seen in it."""

    month: str
    events: int = 0
    requests: int = 0
    tokens: int = 0
    cost_micros: int = 0
    unpriced_requests: int = 0


def ask_totals(rows: Rows) -> tuple[MonthTotals, ...]:
    """Return the totals of every month that has any, oldest first."""
    found: dict[str, MonthTotals] = {}
    for month, events in rows(query("totals_events"), {}):
        name = str(month)[:7]
        found[name] = MonthTotals(month=name, events=int(events))
    for month, requests, tokens, cost, unpriced in rows(query("totals_requests"), {}):
        name = str(month)[:7]
        found[name] = msgspec.structs.replace(
            found.get(name, MonthTotals(month=name)),
            requests=int(requests),
            tokens=int(tokens),
            cost_micros=int(cost),
            unpriced_requests=int(unpriced),
        )
    return tuple(found[name] for name in sorted(found))
