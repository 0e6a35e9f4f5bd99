"""From calendars to overrides, and into a file that people wrote."""

from datetime import UTC, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pawl.base.errors import BadFile
from pawl.base.times import format_time, parse_time
from pawl.governance.roster import Kind, Person, Roster
from pawl.incidents.calendar_import import Entry, imported, mapped
from pawl.incidents.oncall import Override, Rotation, Schedule, Shift, load_schedule, on_call
from pawl.incidents.oncall_text import with_rows

START = "2026-11-23T09:00:00.000000Z"
ZONES = {"UTC": UTC}
ROSTER = Roster(
    people=(
        Person(id="ann", identities=("oidc:ann@example.com",)),
        Person(id="leo"),
        Person(id="coder", kind=Kind.AGENT, sponsor="ann"),
    )
)
BASE = Schedule(rotations=(Rotation(id="primary", members=("ann", "leo"), starts="2026-11-23"),))


def at(hours: float) -> str:
    """Return an instant some hours after the start."""
    return format_time(parse_time(START) + timedelta(hours=hours))


def entry(*names: str, start: float = 0, hours: float = 24) -> Entry:
    """Return an entry of a calendar."""
    return Entry(names=names, starts=at(start), ends=at(start + hours))


@pytest.mark.parametrize(
    ("names", "person"),
    [
        (("On Call - Ann Lee - Primary",), "ann"),
        (("ann lee",), "ann"),
        (("Shift", "ann@example.com"), "ann"),
        (("LEO",), "leo"),
        (("Joann Leeward",), ""),
        (("Ann Lee and Leo Kim",), ""),
        (("coder",), ""),
        ((), ""),
    ],
)
def test_people_are_found_by_what_a_calendar_calls_them(
    names: tuple[str, ...], person: str
) -> None:
    """Whole words, ids and addresses count; two people, agents and parts of words do not."""
    found = mapped((entry(*names),), {"Ann Lee": "ann", "Leo Kim": "leo"}, ROSTER, "primary")
    assert [each.person for each in found.shifts] == ([person] if person else [])
    assert bool(found.unknown) == (not person)


def test_two_people_at_one_time_are_counted_and_the_later_has_it() -> None:
    """Whoever begins while another's turn lasts stands in until the end of their own."""
    found = mapped((entry("ann", hours=48), entry("leo", start=12, hours=12)), {}, ROSTER, "p")
    assert found.overlaps == 1
    made = imported(Schedule(), "p", found.shifts, ZONES, at(0), at(60))
    after = Schedule(rotations=(made.rotation,) if made.rotation else (), overrides=made.overrides)
    told = [on_call(after, "p", ZONES, at(hour)) for hour in (1, 13, 25)]
    assert told == ["ann", "leo", "ann"]


@given(
    st.lists(
        st.tuples(st.sampled_from(["ann", "leo", "sue"]), st.integers(0, 300), st.integers(1, 80)),
        max_size=8,
    ),
    st.booleans(),
)
def test_a_schedule_says_what_the_calendar_says_and_once_is_enough(
    rows: list[tuple[str, int, int]], empty: bool
) -> None:
    """Afterwards each instant of an entry is its person's, and importing again adds nothing."""
    base = Schedule() if empty else BASE
    shifts = sorted(
        (
            Shift(rotation="primary", person=who, starts=at(start), ends=at(start + hours))
            for who, start, hours in rows
        ),
        key=lambda each: (each.starts, each.ends, each.person),
    )
    made = imported(base, "primary", shifts, ZONES, at(0), at(400))
    rotations = (*base.rotations, *((made.rotation,) if made.rotation else ()))
    after = Schedule(rotations=rotations, overrides=made.overrides)
    for hour in range(0, 390, 7):
        standing = [each for each in shifts if each.starts <= at(hour) < each.ends]
        if standing:
            assert on_call(after, "primary", ZONES, at(hour)) == standing[-1].person
    again = imported(after, "primary", shifts, ZONES, at(0), at(400))
    assert (again.rotation, again.overrides) == (None, ())


def test_turns_that_a_rotation_gives_anyway_become_no_overrides() -> None:
    """A calendar that says the same changes nothing; a new rotation is found in regular turns."""
    shifts = [
        Shift(rotation="new", person=who, starts=at(168 * n), ends=at(168 * (n + 1)))
        for n, who in enumerate(["ann", "leo", "ann", "leo"])
    ]
    made = imported(BASE, "new", shifts, ZONES, at(0), at(168 * 4))
    assert made.rotation == Rotation(
        id="new", members=("ann", "leo"), starts="2026-11-23", hand_over="09:00", days=7
    )
    assert made.overrides == ()


ROW = "{rotation: primary, person: leo, starts: 2026-01-01, ends: 2026-01-02}"
FORMS = {
    "block": f"overrides:\n  - {ROW}\n",
    "flush": "overrides:\n- rotation: primary\n  person: leo  # why\n  starts: 2026-01-01\n"
    "  ends: 2026-01-02\n# after\n",
    "empty": "overrides: []  # none\n",
    "flow": f"overrides: [{ROW},]\n",
    "none": "# the end, without a line break",
    "between": f"overrides:\n  - {ROW}  # x\n\nversion: '3'\n",
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("odd", ["lia", "no", "x: y", "1", "it's #1", "\u00e9"])
def test_rows_are_added_and_every_comment_stays(form: str, odd: str) -> None:
    """Whatever way the list is written, what was there stays and what is added is read back."""
    text = (
        "# ours\nschema: pawl.oncall/1\nrotations:  # who\n"
        "  - id: primary\n    members: [ann]  # alone\n    starts: 2026-01-05\n" + FORMS[form]
    )
    before = load_schedule(text, place="x")
    added = Override(rotation="second", person=odd, starts=at(0), ends=at(1.00001))
    second = Rotation(id="second", members=(odd, "ann"), starts="2026-02-02")
    made = with_rows(text, (second,), (added,), place="x")
    after = load_schedule(made, place="x")
    assert after.overrides == (*before.overrides, added)
    assert after.rotations == (*before.rotations, second)
    for comment in [line.partition("#")[2] for line in text.splitlines() if "#" in line]:
        assert f"#{comment}" in made


def test_a_new_file_is_begun() -> None:
    """Where there is none one is written with its zone."""
    made = with_rows(None, (Rotation(id="primary", members=("ann",), starts="2026-01-05"),), (),
                     place="x", time_zone="Europe/Berlin")  # fmt: skip
    assert load_schedule(made, place="x").time_zone == "Europe/Berlin"


def test_what_cannot_be_added_to_is_refused() -> None:
    """An override of a rotation that there is not is no file that would load."""
    strange = Override(rotation="none", person="ann", starts=at(0), ends=at(1))
    with pytest.raises(BadFile):
        with_rows("schema: pawl.oncall/1\n", (), (strange,), place="x")
