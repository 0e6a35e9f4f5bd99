"""Days, ISO weeks and months: where they begin and end."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pawl.alerts.budget_period import Period, span_at
from pawl.base.times import format_time


@pytest.mark.parametrize(
    ("period", "at", "label", "begin", "end"),
    [
        (Period.DAY, "2026-11-30T23:59:59.999999Z", "2026-11-30", "2026-11-30", "2026-12-01"),
        (Period.DAY, "2028-02-29T12:00:00.000000Z", "2028-02-29", "2028-02-29", "2028-03-01"),
        (Period.WEEK, "2026-11-22T23:59:59.999999Z", "2026-W47", "2026-11-16", "2026-11-23"),
        (Period.WEEK, "2026-11-23T00:00:00.000000Z", "2026-W48", "2026-11-23", "2026-11-30"),
        (Period.WEEK, "2027-01-01T00:00:00.000000Z", "2026-W53", "2026-12-28", "2027-01-04"),
        (Period.WEEK, "2024-12-30T00:00:00.000000Z", "2025-W01", "2024-12-30", "2025-01-06"),
        (Period.MONTH, "2026-12-31T23:59:59.999999Z", "2026-12", "2026-12-01", "2027-01-01"),
        (Period.MONTH, "2026-01-31T00:00:00.000000Z", "2026-01", "2026-01-01", "2026-02-01"),
        (Period.MONTH, "2028-02-29T00:00:00.000000Z", "2028-02", "2028-02-01", "2028-03-01"),
        (Period.MONTH, "2100-02-28T23:00:00.000000Z", "2100-02", "2100-02-01", "2100-03-01"),
    ],
)
def test_boundaries(period: Period, at: str, label: str, begin: str, end: str) -> None:
    """Month ends, leap days and weeks that belong to another year than their days."""
    span = span_at(period, at)
    assert (span.begin[:10], span.end[:10], span.label) == (begin, end, label)
    assert span.begin[10:] == span.end[10:] == "T00:00:00.000000Z"


@given(st.sampled_from(Period), st.datetimes(datetime(1970, 1, 2), datetime(2999, 1, 1)))
def test_periods_follow_each_other_without_gap_or_overlap(period: Period, at: datetime) -> None:
    """Every instant is in its period, and the next one begins where that ends."""
    moment = format_time(at.replace(tzinfo=UTC))
    span = span_at(period, moment)
    assert span.begin <= moment < span.end
    assert span_at(period, span.begin) == span
    assert span_at(period, span.end).begin == span.end
