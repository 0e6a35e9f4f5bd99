"""The periods of budgets: UTC days, ISO weeks from Monday, calendar months.

UTC is the one time zone, because the bill is kept in it: a budget and the bill of the same
period must be able to agree to the last request.
"""

from datetime import datetime, timedelta
from enum import StrEnum

import msgspec

from pawl.base.times import format_time, parse_time

TIMEZONE = "UTC"


class Period(StrEnum):
    """How often a budget begins anew."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


class Span(msgspec.Struct, frozen=True):
    """One period: canonical instants, `begin` included and `end` excluded.

    `label` is what people call it: `2026-11-21`, `2026-W47`, `2026-11`.
    """

    begin: str
    end: str
    label: str


def span_at(period: Period, at: str) -> Span:
    """Return the period that holds a canonical instant."""
    moment = parse_time(at)
    day = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    if period is Period.DAY:
        return _span(day, day + timedelta(days=1), day.strftime("%Y-%m-%d"))
    if period is Period.WEEK:
        monday = day - timedelta(days=day.weekday())
        year, week, _ = monday.isocalendar()
        return _span(monday, monday + timedelta(days=7), f"{year}-W{week:02d}")
    first = day.replace(day=1)
    # The 1st plus 31 days is always in the next month, whatever the month's length.
    following = (first + timedelta(days=31)).replace(day=1)
    return _span(first, following, first.strftime("%Y-%m"))


def _span(begin: datetime, end: datetime, label: str) -> Span:
    return Span(format_time(begin), format_time(end), label)
