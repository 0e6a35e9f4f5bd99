"""The cadence: one occurrence in each period, due by the team's own clock."""

from datetime import timedelta, tzinfo
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pawl.base.errors import BadFile
from pawl.base.times import format_time, parse_time, seconds_between
from pawl.governance.cadence import (
    Every,
    Kept,
    Occurrence,
    Routine,
    State,
    load_cadence,
    occurrences,
    shipped_cadence,
    state_of,
)
from pawl.governance.raci import shipped_raci

BERLIN = ZoneInfo("Europe/Berlin")
SEED = """
{"cadence": {
  "daily": ["quality-cost anomaly check", "review queue triage"],
  "weekly": ["release gate review", "failed sample curation", "incident action tracking"],
  "monthly": ["policy audit", "maturity score review", "cost architecture adjustment"],
  "quarterly": ["chaos drill", "governance reset", "roadmap reprioritization"]
}}
"""
ZONES = st.sampled_from(
    ["UTC", "Europe/Berlin", "America/Sao_Paulo", "Asia/Kathmandu", "Pacific/Apia",
     "Australia/Lord_Howe", "America/St_Johns"]
).map(ZoneInfo)  # fmt: skip


def due(routine: Routine, since: str, until: str, zone: tzinfo = BERLIN) -> list[tuple[str, str]]:
    found = occurrences(routine, zone, since, until)
    return [(each.period, each.due_at[:16]) for each in found]


def test_the_plain_list_is_the_eleven_routines_that_come_with_pawl() -> None:
    """Names alone bring role, checklist and outputs with them."""
    found = load_cadence(SEED, place="cadence.json").routines
    assert found == shipped_cadence().routines
    assert len(found) == 11
    known = {
        role
        for row in shipped_raci().rows
        for role in (row.responsible, row.accountable, *row.consulted, *row.informed)
    }
    assert all(each.outputs and each.checklist and each.role in known for each in found)


def test_a_name_that_nobody_knows_is_a_routine_of_the_teams_own() -> None:
    """It is taken as it is, without outputs that somebody else made up."""
    (routine,) = load_cadence('{"cadence": {"weekly": ["Tea & cake"]}}', place="c").routines
    assert routine == Routine(id="tea-cake", title="Tea & cake", every=Every.WEEKLY)


def test_nine_stays_nine_in_the_weeks_when_the_clocks_change() -> None:
    """In Berlin that is 08:00 in UTC, then 07:00, and in autumn 07:00, then 08:00."""
    weekly = Routine(id="w", title="W", every=Every.WEEKLY, on="FREQ=WEEKLY;BYDAY=MO")
    assert due(weekly, "2026-03-16", "2026-04-07") == [
        ("2026-W12", "2026-03-16T08:00"),
        ("2026-W13", "2026-03-23T08:00"),
        ("2026-W14", "2026-03-30T07:00"),
        ("2026-W15", "2026-04-06T07:00"),
    ]
    assert due(weekly, "2026-10-19", "2026-10-27") == [
        ("2026-W43", "2026-10-19T07:00"),
        ("2026-W44", "2026-10-26T08:00"),
    ]


def test_a_local_time_that_is_left_out_or_comes_twice_is_due_once() -> None:
    """On the days of the change itself there is one occurrence, at one instant."""
    daily = Routine(id="d", title="D", every=Every.DAILY, at="02:30")
    assert due(daily, "2026-03-28", "2026-03-31") == [
        ("2026-03-28", "2026-03-28T01:30"),
        ("2026-03-29", "2026-03-29T01:30"),
        ("2026-03-30", "2026-03-30T00:30"),
    ]
    assert due(daily, "2026-10-24", "2026-10-27") == [
        ("2026-10-24", "2026-10-24T00:30"),
        ("2026-10-25", "2026-10-25T00:30"),
        ("2026-10-26", "2026-10-26T01:30"),
    ]


def test_working_days_and_last_days_are_found_in_short_months_too() -> None:
    """A rule without a day in a period gives none there."""
    daily = Routine(id="d", title="D", every=Every.DAILY, on="FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR")
    assert [period for period, _ in due(daily, "2026-11-20", "2026-11-24")] == [
        "2026-11-20",
        "2026-11-23",
    ]
    last = Routine(id="m", title="M", every=Every.MONTHLY, on="FREQ=MONTHLY;BYMONTHDAY=-1")
    assert [day[:10] for _, day in due(last, "2028-02-01", "2028-04-01")] == [
        "2028-02-29",
        "2028-03-31",
    ]
    drill = next(each for each in shipped_cadence().routines if each.id == "chaos-drill")
    assert [day[:10] for _, day in due(drill, "2026-01-01", "2027-01-01")] == [
        "2026-02-02",
        "2026-05-01",
        "2026-08-03",
        "2026-11-02",
    ]


@given(
    every=st.sampled_from(list(Every)),
    zone=ZONES,
    at=st.sampled_from(["00:00", "00:30", "02:15", "09:00", "23:59"]),
    cuts=st.lists(st.integers(0, 24 * 800), min_size=1, max_size=6, unique=True),
)
def test_each_period_has_one_occurrence_however_often_it_is_asked(
    every: Every, zone: ZoneInfo, at: str, cuts: list[int]
) -> None:
    """Asked in pieces, after restarts or jumps of a clock, it is what it is asked at once."""
    routine = Routine(id="r", title="R", every=every, at=at)
    start = parse_time("2025-12-30T11:00:00Z")
    times = sorted({0, *cuts, 24 * 800})
    marks = [format_time(start + timedelta(hours=each)) for each in times]
    whole = list(occurrences(routine, zone, marks[0], marks[-1]))
    pieces = [
        each
        for since, until in pairwise(marks)
        for each in occurrences(routine, zone, since, until)
    ]
    assert pieces == whole
    assert len({each.period for each in whole}) == len(whole)
    for before, after in pairwise(whole):
        assert before.closes_at == after.opens_at
        assert before.due_at < after.due_at
    for each in whole:
        assert each.opens_at <= each.due_at < each.closes_at


OPEN = Occurrence(
    routine="r",
    period="2026-W48",
    opens_at="2026-11-23T00:00:00.000000Z",
    due_at="2026-11-23T09:00:00.000000Z",
    closes_at="2026-11-30T00:00:00.000000Z",
)
WEEKLY = Routine(id="r", title="R", every=Every.WEEKLY, outputs=("figures", "decisions"))


def kept(at: str = "2026-11-23T08:00:00.000000Z", excused: str = "", **outputs: str) -> Kept:
    return Kept(occurrence=OPEN.id, at=at, by="ada", outputs=outputs, excused=excused)


@pytest.mark.parametrize(
    ("record", "now", "expected"),
    [
        (None, "2026-11-22T23:59:59.999999Z", State.UPCOMING),
        (None, "2026-11-23T00:00:00.000000Z", State.DUE),
        (None, "2026-11-23T09:00:00.000000Z", State.OVERDUE),
        (None, "2026-11-30T00:00:00.000000Z", State.MISSED),
        (kept(figures="f", decisions="d"), "2026-12-30T00:00:00.000000Z", State.DONE),
        (kept(figures="f"), "2026-11-24T00:00:00.000000Z", State.OVERDUE),
        (kept(figures="f", decisions=" "), "2026-11-24T00:00:00.000000Z", State.OVERDUE),
        (kept(excused="A holiday."), "2026-11-24T00:00:00.000000Z", State.EXCUSED),
        (
            kept("2026-11-30T00:00:00.000000Z", figures="f", decisions="d"),
            "2026-12-30T00:00:00.000000Z",
            State.MISSED,
        ),
    ],
)
def test_it_is_done_with_every_output_and_within_its_period(
    record: Kept | None, now: str, expected: State
) -> None:
    """Half of the outputs are none, and afterwards is too late."""
    assert state_of(OPEN, WEEKLY, record, now) is expected


def test_an_occurrence_lasts_a_week_of_its_zone() -> None:
    """The week in which clocks go forward is an hour shorter."""
    weekly = Routine(id="w", title="W", every=Every.WEEKLY)
    (found,) = occurrences(weekly, BERLIN, "2026-03-23", "2026-03-24")
    assert seconds_between(found.opens_at, found.closes_at) == 167 * 3600


@pytest.mark.parametrize(
    "text",
    [
        "{cadence: 3}",
        "{cadence: {hourly: [x]}}",
        "{cadence: {daily: x}}",
        "{cadence: {daily: [x, X]}}",
        "{cadence: {daily: ['...']}}",
        "{schema: pawl.cadence/2}",
        "routines: [{id: a, title: A, every: daily, at: '24:00'}]",
        "routines: [{id: a, title: A, every: daily, on: FREQ=SECONDLY}]",
        "routines: [{id: a, title: A, every: daily, on: FREQ=DAILY;COUNT=3}]",
        "routines: [{id: a, title: A, every: daily, on: FREQ=DAILY;BYDAY=XX}]",
        "routines: [{id: a, title: A, every: monthly, on: FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=30}]",
        "routines: [{id: A b, title: A, every: daily}]",
        "[",
    ],
)
def test_what_nobody_could_keep_is_refused_with_the_place(text: str) -> None:
    """The file is named, and what to write instead."""
    with pytest.raises(BadFile) as caught:
        load_cadence(text, place=".pawl/cadence.yaml")
    assert caught.value.place.startswith(".pawl/cadence.yaml")
