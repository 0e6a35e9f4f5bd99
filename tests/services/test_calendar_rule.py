"""Recurrences are walked as a well-known library has them, and within a budget."""

from datetime import date, datetime, timedelta
from itertools import takewhile

import pytest
from dateutil.rrule import rrulestr
from hypothesis import given
from hypothesis import strategies as st

from pawl.base.errors import BadFile
from pawl.services.calendar_rule import Budget, days_of, rule_of

_DAYS = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]


@st.composite
def rules(draw: st.DrawFn) -> dict[str, list[str]]:
    """Return the parts of a recurrence that is read."""
    freq = draw(st.sampled_from(["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]))
    parts = {"FREQ": [freq], "INTERVAL": [str(draw(st.integers(1, 4)))]}
    if draw(st.booleans()):
        parts["COUNT"] = [str(draw(st.integers(1, 30)))]
    if draw(st.booleans()):
        # The library takes weekdays with an ordinal and without one together as neither.
        by_place = freq in ("MONTHLY", "YEARLY") and draw(st.booleans())
        ordinals = st.sampled_from(["1", "2", "-1"] if by_place else [""])
        days = st.tuples(ordinals, st.sampled_from(_DAYS)).map("".join)
        parts["BYDAY"] = draw(st.lists(days, min_size=1, max_size=3, unique=True))
    elif freq != "WEEKLY" and draw(st.booleans()):
        numbers = st.sampled_from(["1", "15", "31", "-1", "-5"])
        parts["BYMONTHDAY"] = draw(st.lists(numbers, min_size=1, max_size=2, unique=True))
    if draw(st.booleans()):
        months = st.integers(1, 12).map(str)
        parts["BYMONTH"] = draw(st.lists(months, min_size=1, max_size=3, unique=True))
    if draw(st.booleans()):
        parts["WKST"] = [draw(st.sampled_from(_DAYS))]
    return parts


@given(rules(), st.dates(date(2020, 1, 1), date(2026, 12, 31)), st.integers(0, 900))
def test_days_are_those_of_the_library(
    parts: dict[str, list[str]], start: date, after: int
) -> None:
    """Each day from a later one on is a day of the same recurrence as dateutil has it."""
    since, until = start + timedelta(days=after), start + timedelta(days=after + 500)
    text = ";".join(f"{name}={','.join(values)}" for name, values in parts.items())
    begins = datetime.combine(start, datetime.min.time())
    expected = takewhile(lambda each: each.date() <= until, rrulestr(text, dtstart=begins))
    mine = days_of(rule_of(parts, start), start, since, until, Budget())
    assert list(mine) == [each.date() for each in expected if each.date() >= since]


def test_a_rule_that_matches_nothing_ends() -> None:
    """The thirtieth of February is looked for in the window alone."""
    rule = rule_of({"FREQ": ["DAILY"], "BYMONTH": ["2"], "BYMONTHDAY": ["30"]}, date(2026, 1, 1))
    budget = Budget(1_000)
    assert list(days_of(rule, date(2026, 1, 1), date(2026, 6, 1), date(2027, 1, 1), budget)) == []


def test_counting_far_ends_with_the_budget() -> None:
    """A thousand million times from 1970 on is not counted through."""
    rule = rule_of({"FREQ": ["DAILY"], "COUNT": ["1000000000"]}, date(1970, 1, 1))
    days = days_of(rule, date(1970, 1, 1), date(2026, 1, 1), date(2026, 2, 1), Budget(10_000))
    with pytest.raises(BadFile, match="repeat more often"):
        list(days)


@pytest.mark.parametrize(
    "parts",
    [
        {"FREQ": ["SECONDLY"]},
        {"FREQ": ["HOURLY"]},
        {},
        {"FREQ": ["DAILY"], "BYSETPOS": ["1"]},
        {"FREQ": ["DAILY"], "BYHOUR": ["9"]},
        {"FREQ": ["DAILY"], "INTERVAL": ["0"]},
        {"FREQ": ["DAILY"], "INTERVAL": ["x"]},
        {"FREQ": ["WEEKLY"], "BYDAY": ["1MO"]},
        {"FREQ": ["WEEKLY"], "BYDAY": ["XX"]},
        {"FREQ": ["WEEKLY"], "BYMONTHDAY": ["1"]},
    ],
)
def test_what_is_not_read_is_refused(parts: dict[str, list[str]]) -> None:
    """A rule is refused rather than read as another one."""
    with pytest.raises(BadFile):
        rule_of(parts, date(2026, 1, 1))
