"""Who is on call over a window agrees with who is on call at each instant of it."""

from datetime import UTC, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from pawl.base.times import format_time, parse_time
from pawl.incidents.oncall import Override, Rotation, Schedule, on_call, shipped_schedule
from pawl.incidents.turns import gaps, paged, rotations, turns

START = "2026-03-20T00:00:00.000000Z"
ZONES = {"UTC": UTC, "Europe/Berlin": ZoneInfo("Europe/Berlin")}


def at(hours: float) -> str:
    """Return an instant some hours after the start."""
    return format_time(parse_time(START) + timedelta(hours=hours))


@st.composite
def schedules(draw: st.DrawFn) -> Schedule:
    """Return a schedule with one rotation around the change of clocks, and some overrides."""
    overrides = draw(
        st.lists(
            st.tuples(st.sampled_from("xyz"), st.integers(-50, 400), st.integers(1, 90)), max_size=6
        )
    )
    return Schedule(
        time_zone="Europe/Berlin",
        rotations=(
            Rotation(
                id="primary",
                members=tuple(draw(st.lists(st.sampled_from("abc"), min_size=1, max_size=3))),
                starts=draw(st.sampled_from(["2026-01-05", "2026-03-22"])),
                hand_over=draw(st.sampled_from(["09:00", "02:30", "00:00"])),
                days=draw(st.integers(1, 7)),
            ),
        ),
        overrides=tuple(
            Override(rotation="primary", person=who, starts=at(start), ends=at(start + length))
            for who, start, length in overrides
        ),
        escalation=shipped_schedule().escalation,
    )


@given(schedules(), st.lists(st.floats(0, 335), min_size=1, max_size=20))
def test_turns_say_what_each_instant_says(schedule: Schedule, hours: list[float]) -> None:
    """Whoever stands in a turn is on call at each of its instants, and turns leave none out."""
    found = turns(schedule, "primary", ZONES, at(0), at(336))
    assert (found[0].starts, found[-1].ends) == (at(0), at(336))
    assert all(one.ends == other.starts for one, other in pairwise(found))
    assert all(one.person != other.person for one, other in pairwise(found))
    for each in map(at, hours):
        (turn,) = [turn for turn in found if turn.starts <= each < turn.ends]
        assert turn.person == on_call(schedule, "primary", ZONES, each)


def test_times_with_nobody_are_gaps_of_what_is_paged() -> None:
    """A rotation that is paged and is none is a gap throughout; one that begins late until then."""
    late = Rotation(id="primary", members=("ann",), starts="2026-03-22", hand_over="00:00")
    schedule = Schedule(rotations=(late,), escalation=shipped_schedule().escalation)
    found = gaps(schedule, ZONES, at(0), at(96))
    assert [(each.rotation, each.starts, each.ends) for each in found] == [
        ("primary", at(0), at(48)),
        ("secondary", at(0), at(96)),
    ]
    assert paged(schedule) == ("primary", "secondary")
    assert rotations(schedule) == ("primary", "secondary")
    assert turns(schedule, "primary", ZONES, at(5), at(5)) == ()


def test_ten_thousand_overrides_are_worked_out_at_once() -> None:
    """As many rows as a schedule may hold are sorted, not compared with each other."""
    overrides = tuple(
        Override(rotation="primary", person=f"p{each % 7}", starts=at(each / 50), ends=at(400))
        for each in range(10_000)
    )
    schedule = Schedule(overrides=overrides)
    found = turns(schedule, "primary", ZONES, at(0), at(300))
    assert len(found) == 10_000
    assert found[-1].person == "p3"
