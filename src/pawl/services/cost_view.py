"""A bill laid out for people: a line for each group, and a column of groups for each day."""

from collections.abc import Iterable
from datetime import date, timedelta

import msgspec

from pawl.telemetry.bill import Amount, Bill, BillRow, Key

OTHERS = "(all others)"
SERIES = 6
"""How many groups get a colour of their own; the rest are added up."""
DAYS_DRAWN = 400
"""How many days a chart draws at most: the latest ones."""


class DayAmounts(msgspec.Struct, frozen=True, kw_only=True):
    """One day: an amount for each series, None where nothing was seen, and the day's total."""

    day: str
    amounts: tuple[Amount | None, ...]
    total: Amount


class CostView(msgspec.Struct, frozen=True, kw_only=True):
    """A bill by one key, and by day and that key. `rows` are dearest first, days in order."""

    key: Key
    first: str
    last: str
    bill: Bill
    rows: tuple[BillRow, ...]
    series: tuple[str, ...]
    days: tuple[DayAmounts, ...]


def cost_view(bill: Bill, *, key: Key, columns: tuple[Key, ...], first: str, last: str) -> CostView:
    """Lay out a bill grouped by `columns`, of which day is the first and `key` is one.

    `first` and `last` are ISO days; each day between them gets an entry, so that a gap in the
    chart is a gap in time.
    """
    position = columns.index(key)
    groups = sum_by(bill.rows, position)
    if key is Key.DAY:
        ordered = sorted(groups, reverse=True)
        series: tuple[str, ...] = ("all",)
    else:
        ordered = sorted(groups, key=lambda name: _dearest_first(name, groups[name]))
        drawn = SERIES if len(ordered) <= SERIES else SERIES - 1
        series = tuple(ordered[:drawn]) + ((OTHERS,) if len(ordered) > drawn else ())
    return CostView(
        key=key,
        first=first,
        last=last,
        bill=bill,
        rows=tuple(BillRow(keys=(name,), amount=groups[name]) for name in ordered),
        series=series,
        days=_days(bill.rows, position, series, first, last),
    )


def sum_by(rows: Iterable[BillRow], position: int) -> dict[str, Amount]:
    """Return the rows added up by the value of one of their keys."""
    sums: dict[str, Amount] = {}
    for row in rows:
        name = row.keys[position]
        sums[name] = sums[name] + row.amount if name in sums else row.amount
    return sums


def _dearest_first(name: str, amount: Amount) -> tuple[int, int, str]:
    return (-amount.cost_micros, -amount.usage.total, name)


def _days(
    rows: tuple[BillRow, ...], position: int, series: tuple[str, ...], first: str, last: str
) -> tuple[DayAmounts, ...]:
    cells: dict[str, dict[str, Amount]] = {}
    for row in rows:
        name = "all" if position == 0 else row.keys[position]
        name = name if name in series else OTHERS
        day = cells.setdefault(row.keys[0], {})
        day[name] = day[name] + row.amount if name in day else row.amount
    listed = []
    for day_name in _span(first, last):
        of_day = cells.get(day_name, {})
        total = Amount()
        for amount in of_day.values():
            total = total + amount
        amounts = tuple(of_day.get(name) for name in series)
        listed.append(DayAmounts(day=day_name, amounts=amounts, total=total))
    return tuple(listed)


def _span(first: str, last: str) -> list[str]:
    end = date.fromisoformat(last)
    start = max(date.fromisoformat(first), end - timedelta(days=DAYS_DRAWN - 1))
    return [(start + timedelta(days=n)).isoformat() for n in range((end - start).days + 1)]
