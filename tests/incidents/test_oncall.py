"""Who is on call, also when the clocks change."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pawl.base.errors import BadFile
from pawl.base.times import format_time, seconds_between
from pawl.incidents.oncall import load_schedule, on_call, shifts, shipped_schedule, zone_names

TEXT = """
schema: pawl.oncall/1
time_zone: Europe/Berlin
rotations:
  - {id: primary, members: [ann, leo, sue], starts: "2026-01-05", hand_over: "02:30", days: 1}
  - {id: weekly, members: [ann, leo], starts: "2026-01-05", days: 7, time_zone: UTC}
overrides:
  - {rotation: weekly, person: pia, starts: "2026-01-07", ends: "2026-01-08"}
  - {rotation: weekly, person: sue, starts: "2026-01-07T12:00:00Z", ends: "2026-01-07T13:00:00Z"}
"""
SCHEDULE = load_schedule(TEXT, place="oncall.yaml")
ZONES = {"Europe/Berlin": ZoneInfo("Europe/Berlin"), "UTC": UTC}
PRIMARY, WEEKLY = SCHEDULE.rotations


def test_turns_are_taken_in_order() -> None:
    """Each has a week, from the hand-over on; before the rotation begins nobody is on call."""
    told = {
        "2026-01-05T08:59:59.000000Z": "",
        "2026-01-05T09:00:00.000000Z": "ann",
        "2026-01-12T08:59:59.000000Z": "ann",
        "2026-01-12T09:00:00.000000Z": "leo",
        "2026-01-19T09:00:00.000000Z": "ann",
    }
    assert {each: on_call(SCHEDULE, "weekly", ZONES, each) for each in told} == told
    assert on_call(SCHEDULE, "none", ZONES, "2026-01-12T09:00:00.000000Z") == ""


def test_the_last_override_counts() -> None:
    """Somebody stands in for whoever stands in, and the end is the first instant after."""
    assert on_call(SCHEDULE, "weekly", ZONES, "2026-01-07T00:00:00.000000Z") == "pia"
    assert on_call(SCHEDULE, "weekly", ZONES, "2026-01-07T12:30:00.000000Z") == "sue"
    assert on_call(SCHEDULE, "weekly", ZONES, "2026-01-08T00:00:00.000000Z") == "ann"


@pytest.mark.parametrize(
    ("since", "until", "hours"),
    [
        ("2026-03-28T02:00:00.000000Z", "2026-03-30T00:00:00.000000Z", [24, 23]),
        ("2026-10-24T01:00:00.000000Z", "2026-10-26T01:00:00.000000Z", [24, 25]),
    ],
)
def test_a_turn_is_an_hour_off_when_the_clocks_change(
    since: str, until: str, hours: list[int]
) -> None:
    """02:30 is left out in spring and comes twice in autumn: one change of shift on each day."""
    found = list(shifts(SCHEDULE, PRIMARY, ZONES, since, until))
    assert [seconds_between(each.starts, each.ends) / 3600 for each in found] == hours


@given(st.integers(0, 300 * 86_400))
def test_somebody_is_on_call_at_every_instant(seconds: int) -> None:
    """Shifts follow one another without a gap, and whoever has one is on call in it."""
    moment = datetime(2026, 1, 6, tzinfo=UTC) + timedelta(seconds=seconds)
    start, end = format_time(moment), format_time(moment + timedelta(days=3))
    found = list(shifts(SCHEDULE, PRIMARY, ZONES, start, end))
    assert found[0].starts <= start < found[0].ends
    assert on_call(SCHEDULE, "primary", ZONES, start) == found[0].person
    for one, other in pairwise(found):
        assert one.ends == other.starts
        assert on_call(SCHEDULE, "primary", ZONES, other.starts) == other.person


def test_zones_that_must_be_known_are_named() -> None:
    """The schedule's own and those of its rotations, each once."""
    assert zone_names(SCHEDULE) == ("Europe/Berlin", "UTC")


def test_a_schedule_without_an_escalation_has_ours() -> None:
    """Whom to page when comes with Pawl: at once, after two and four minutes, and five at most."""
    assert [each.after_s for each in SCHEDULE.escalation] == [0, 120, 240]
    assert SCHEDULE.breach_after_s == shipped_schedule().breach_after_s == 300


@pytest.mark.parametrize(
    "line",
    [
        "breach_after_s: 301",
        "breach_after_s: 60",
        "escalation: [{after_s: 60, page: a}, {after_s: 0, page: b}]",
        "rotations: [{id: a, members: [], starts: '2026-01-05'}]",
        "rotations: [{id: command, members: [x], starts: '2026-01-05'}]",
        "rotations: [{id: a, members: [x], starts: 'soon'}]",
        "rotations: [{id: a, members: [x], starts: '2026-01-05', days: 0}]",
        "rotations: [{id: a, members: [x], starts: '2026-01-05', hand_over: '09:00Z'}]",
        "overrides: [{rotation: a, person: x, starts: '2026-01-05', ends: '2026-01-06'}]",
        "days: 3",
    ],
)
def test_a_schedule_that_says_nothing_clear_is_refused(line: str) -> None:
    """A longer promise, a page after it, empty or double rotations, and unknown keys."""
    with pytest.raises(BadFile):
        load_schedule(f"schema: pawl.oncall/1\n{line}\n", place="oncall.yaml")
