"""The feed reads back as what was written, in the weeks when clocks change as in any other."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import msgspec
from icalendar import Calendar

from pawl.base.times import format_time, parse_time
from pawl.governance.cadence import Every, Routine, State, occurrences
from pawl.governance.cadence_keeping import Line, record_of
from pawl.render.cadence_ics import calendar_text
from pawl.services.cadence_terms import Due

NOW = "2026-03-20T12:00:00.000000Z"
WEEKLY = Routine(
    id="tea", title="Tea, cake; and \\ more", every=Every.WEEKLY, on="FREQ=WEEKLY;BYDAY=MO",
    role="lead", checklist=("Boil, then pour",), outputs=("note",),
)  # fmt: skip


def due(zone: str, since: str = "2026-03-16", until: str = "2026-11-10") -> Due:
    found = occurrences(WEEKLY, ZoneInfo(zone), since, until)
    lines = tuple(Line(occurrence=each, routine=WEEKLY, state=State.UPCOMING) for each in found)
    return Due(at=NOW, time_zone=zone, lines=lines, people={"lead": ("ann", "bø")})


def test_what_is_written_reads_back() -> None:
    """Every occurrence is there once, at the very instant at which it is due, in both halves."""
    for zone in ("UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"):
        given = due(zone)
        read = Calendar.from_ical(calendar_text(given, url="https://pawl.example"))
        events = list(read.walk("VEVENT"))
        instants = [format_time(each.decoded("dtstart")) for each in events]
        assert instants == [line.occurrence.due_at for line in given.lines]
        assert len({str(each["uid"]) for each in events}) == len(events) > 30
        assert all(str(each["summary"]) == WEEKLY.title for each in events)
        assert "bø" in str(events[0]["description"])
        assert str(events[0]["url"]) == f"https://pawl.example/cadence/{given.lines[0].occurrence.id}"


def test_nine_stays_nine_and_the_zone_comes_along() -> None:
    """Local times are the same on both sides of the change, and a zone with its rules is there."""
    read = Calendar.from_ical(calendar_text(due("Europe/Berlin")))
    clocks = {f"{each.decoded('dtstart'):%H:%M}" for each in read.walk("VEVENT")}
    assert clocks == {"09:00"}
    (zone,) = read.walk("VTIMEZONE")
    assert str(zone["tzid"]) == "Europe/Berlin"
    assert zone.walk("DAYLIGHT")
    assert zone.walk("STANDARD")


def test_the_same_cadence_is_the_same_text() -> None:
    """Fetched twice it is the same, so that nothing looks changed that is not."""
    again = msgspec.structs.replace(due("Europe/Berlin"), at="2026-03-21T00:00:00.000000Z")
    assert calendar_text(due("Europe/Berlin")) == calendar_text(again)


def test_a_record_updates_its_event() -> None:
    """The UID stays, the sequence goes up, and the state is in the title; excused is cancelled."""
    (line, *_) = due("Europe/Berlin").lines
    at = format_time(parse_time(line.occurrence.opens_at) + timedelta(hours=1))
    before = _only(line)
    for state, title, status in (
        (State.DONE, f"done: {WEEKLY.title}", "CONFIRMED"),
        (State.MISSED, f"missed: {WEEKLY.title}", "CONFIRMED"),
        (State.EXCUSED, WEEKLY.title, "CANCELLED"),
    ):
        record = record_of(line, "done", at)
        later = _only(msgspec.structs.replace(line, state=state, record=record))
        assert later["uid"] == before["uid"]
        assert int(later["sequence"]) == 1 > int(before["sequence"])
        assert (str(later["summary"]), str(later["status"])) == (title, status)
        assert format_time(later.decoded("dtstamp")) == at


def _only(line: Line):  # type: ignore[no-untyped-def]
    given = msgspec.structs.replace(due("Europe/Berlin"), lines=(line,))
    (event,) = Calendar.from_ical(calendar_text(given)).walk("VEVENT")
    return event


def test_an_empty_cadence_is_a_calendar() -> None:
    """A team without routines has a feed without events."""
    read = Calendar.from_ical(calendar_text(Due(at=NOW, time_zone="UTC", lines=(), people={})))
    assert list(read.walk("VEVENT")) == []
