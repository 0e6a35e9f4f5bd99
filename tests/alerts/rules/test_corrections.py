"""A request of which more is known: put right in place, or taken off and put on, is the same."""

import copy
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pawl.alerts.instants import DAY_S
from pawl.alerts.rule import Counted
from pawl.alerts.rules import cost_anomaly, cost_over_threshold, early_warning

MICROS = st.sampled_from([None, 0, 5, 5, 7, 1_000_000])


def counted(n: int, micros: int | None, whose: int, model: str, at: float = 0.0) -> Counted:
    """Return a request of a session."""
    return Counted(
        f"q{n}", at, f"e{n}", "agent", model, "shop", f"s{whose}" if whose else None, None, micros
    )


requests = st.builds(
    counted, st.integers(0, 40), MICROS, st.integers(0, 130), st.sampled_from(["m", "n"])
)


def values(thing: object) -> Any:
    """Return what an object holds, names and values, whatever it is made of."""
    if isinstance(thing, dict):
        return {key: values(value) for key, value in thing.items()}
    if isinstance(thing, list | tuple):
        return [values(value) for value in thing]
    slots = getattr(type(thing), "__slots__", ())
    if slots and not isinstance(thing, Counted):
        return {name: values(getattr(thing, name, None)) for name in slots}
    return thing


@settings(max_examples=60)
@given(st.lists(requests, max_size=150), st.integers(0, 149), requests)
def test_a_day_of_spend(told: list[Counted], which: int, more: Counted) -> None:
    """Sums, shares and the dearest are the same, also when names were forgotten."""
    day = cost_over_threshold._Day()
    first = {each.key: each for each in told}
    for each in first.values():
        day.count(each, 1)
    for before in list(first.values())[which : which + 3]:
        after = msgspec.structs.replace(more, key=before.key)
        for told_more in (after, before):
            other = copy.deepcopy(day)
            day.correct(before, told_more)
            other.count(before, -1)
            other.count(told_more, 1)
            assert values(day) == values(other)
            day.correct(told_more, before)


@pytest.mark.parametrize("late", [False, True])
@given(first=MICROS, then=MICROS)
def test_a_project_of_two_months(late: bool, first: int | None, then: int | None) -> None:
    """Counts of the day and the dearest requests are the same; a day forgotten stays so."""
    project = early_warning._Project()
    before, after = (counted(1, micros, 1, "m") for micros in (first, then))
    _told(project, before, 1)
    for day in range(100 if late else 3):
        _told(project, counted(day + 2, 6, 1, "m", day * DAY_S), 1)
    other = copy.deepcopy(project)
    if not project.correct(before, after):
        assert late or (first is None) is not (then is None)
        _told(project, before, -1)
        _told(project, after, 1)
    _told(other, before, -1)
    _told(other, after, 1)
    assert values(project) == values(other)


def _told(project: early_warning._Project, request: Counted, sign: int) -> None:
    counts = project.day(request.at)
    if request.micros is None:
        counts[early_warning._UNPRICED] += sign
        return
    counts[early_warning._PRICED] += sign
    counts[early_warning._MICROS] += sign * request.micros
    dear = project.evidence["cost"]
    if sign > 0:
        dear.put(request.micros, request.key, "request")
    else:
        dear.remove(request.key)


@given(MICROS, MICROS, st.integers(0, 400))
def test_a_week_of_hours(first: int | None, then: int | None, hours: int) -> None:
    """The spend of every hour known is the same; of an hour forgotten nothing is put right."""
    project = cost_anomaly._Project(10)
    before, after = (counted(1, micros, 1, "m", 1.0) for micros in (first, then))
    project.spend(before.at, before.micros or 0)
    for hour in range(hours):
        project.spend(hour * 3600.0, 4)
    other = copy.deepcopy(project)
    if project.correct(before, after):
        other.spend(before.at, -(before.micros or 0))
        other.spend(after.at, after.micros or 0)
        assert values(project.hours) == values(other.hours)
        now = max(1.0, hours * 3600.0)
        assert project.hour.sums(now) == other.hour.sums(now)
    else:
        assert 0 not in project.hours
