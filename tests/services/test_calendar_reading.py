"""Calendars of many programs, and of people who mean harm."""

from datetime import tzinfo
from zoneinfo import ZoneInfo

import pytest

from pawl.base.errors import BadFile
from pawl.incidents.oncall import Shift
from pawl.services import calendar_reading
from pawl.services.calendar_reading import BYTES_MAX, Bookings, read_calendar
from pawl.services.calendar_writing import calendar_of
from pawl.services.calendar_zones import calendar_zone
from pawl.world.zones import zone, zones

SINCE, UNTIL = "2026-10-20T00:00:00.000000Z", "2026-11-20T00:00:00.000000Z"


def zone_of(name: str) -> tzinfo | None:
    """Return a zone as calendars name it."""
    return calendar_zone(name, zone)


def read(*events: str, header: str = "", since: str = SINCE, until: str = UNTIL) -> Bookings:
    """Return what a calendar with some events says."""
    body = "".join(f"BEGIN:VEVENT\n{each.strip()}\nEND:VEVENT\n" for each in events)
    text = f"BEGIN:VCALENDAR\nVERSION:2.0\n{header}{body}END:VCALENDAR\n"
    return read_calendar(
        text.replace("\n", "\r\n").encode(), since, until, zone_of=zone_of,
        local=ZoneInfo("Europe/Berlin"),
    )  # fmt: skip


def times(found: Bookings) -> list[tuple[str, str]]:
    """Return when entries begin and end, to the minute."""
    return [(each.starts[:16], each.ends[:16]) for each in found.bookings]


def test_local_times_keep_their_hour_when_the_clocks_change() -> None:
    """A weekly turn from nine to nine is an hour longer in the week of the change."""
    found = read(
        "UID:1\nSUMMARY:Ann\nDTSTART;TZID=Europe/Berlin:20261019T090000\n"
        "DTEND;TZID=Europe/Berlin:20261026T090000\nRRULE:FREQ=WEEKLY;INTERVAL=2"
    )
    assert times(found) == [
        ("2026-10-19T07:00", "2026-10-26T08:00"),
        ("2026-11-02T08:00", "2026-11-09T08:00"),
        ("2026-11-16T08:00", "2026-11-23T08:00"),
    ]


@pytest.mark.parametrize(
    "name",
    ["Europe/Berlin", "W. Europe Standard Time", "/example.org/20260101/Europe/Berlin",
     '"Europe/Berlin"'],
)  # fmt: skip
def test_zones_are_known_by_the_names_of_many_programs(name: str) -> None:
    """What a calendar itself says of a zone is not asked, though it says nonsense."""
    lies = (
        f"BEGIN:VTIMEZONE\nTZID:{name}\nBEGIN:STANDARD\nDTSTART:16010101T000000\n"
        "RRULE:FREQ=SECONDLY\nTZOFFSETFROM:+0000\nTZOFFSETTO:+1400\nEND:STANDARD\nEND:VTIMEZONE\n"
    )
    found = read(f"SUMMARY:x\nDTSTART;TZID={name}:20261101T090000\nDURATION:PT1H", header=lies)
    assert times(found) == [("2026-11-01T08:00", "2026-11-01T09:00")]
    assert found.doubts == ()


def test_whole_days_are_days_of_the_schedule() -> None:
    """A day on which the clocks change has twenty-five hours; without an end it is one day."""
    found = read("SUMMARY:x\nDTSTART;VALUE=DATE:20261025")
    assert times(found) == [("2026-10-24T22:00", "2026-10-25T23:00")]
    found = read("SUMMARY:x\nDTSTART;VALUE=DATE:20261101\nDTEND;VALUE=DATE:20261103")
    assert times(found) == [("2026-10-31T23:00", "2026-11-02T23:00")]


def test_days_left_out_added_and_moved() -> None:
    """EXDATE, RDATE, an instance that was moved and one that was called off."""
    found = read(
        "UID:1\nSUMMARY:Ann\nDTSTART:20261101T000000Z\nDTEND:20261101T010000Z\n"
        "RRULE:FREQ=DAILY;UNTIL=20261105T000000Z\nEXDATE:20261102T000000Z\nRDATE:20261110T000000Z",
        "UID:1\nSUMMARY:Leo\nRECURRENCE-ID:20261103T000000Z\nDTSTART:20261103T120000Z\n"
        "DTEND:20261103T130000Z",
        "UID:1\nSTATUS:CANCELLED\nSUMMARY:Ann\nRECURRENCE-ID:20261104T000000Z\n"
        "DTSTART:20261104T000000Z\nDTEND:20261104T010000Z",
    )
    assert [(each.starts[:13], each.title) for each in found.bookings] == [
        ("2026-11-01T00", "Ann"),
        ("2026-11-03T12", "Leo"),
        ("2026-11-05T00", "Ann"),
        ("2026-11-10T00", "Ann"),
    ]


def test_attendees_are_names() -> None:
    """Both what an attendee is called and where they are written to."""
    (found,) = read(
        "SUMMARY:Shift\nATTENDEE;CN=Ann Lee:mailto:ann@example.com\nDTSTART:20261101T000000Z\n"
        "DTEND:20261102T000000Z"
    ).bookings
    assert found.names == ("Ann Lee", "ann@example.com")


@pytest.mark.parametrize(
    ("event", "why"),
    [
        ("SUMMARY:bad", "no DTSTART"),
        ("SUMMARY:bad\nDTSTART:20261101T000000Z", "no end"),
        ("SUMMARY:bad\nDTSTART:nonsense\nDTEND:20261101T000000Z", "does not read"),
        ("SUMMARY:bad\nDTSTART:20261102T000000Z\nDTEND:20261101T000000Z", "no end"),
        ("SUMMARY:bad\nDTSTART:20261102T000000Z\nDTEND:20361101T000000Z", "no end"),
        ("SUMMARY:bad\nDTSTART;TZID=Nowhere/Land:20261101T000000\nDURATION:PT1H", "time zone"),
        ("SUMMARY:bad\nDTSTART:20261101T000000Z\nDURATION:PT1H\nRRULE:FREQ=SECONDLY", "repeats"),
        ("SUMMARY:bad\nDTSTART:00010101T000000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY", "since 1"),
        ("SUMMARY:bad\nDTSTART:19700101T000000Z\nDURATION:PT1H\nRRULE:FREQ=YEARLY;COUNT=1000000000"
         ";BYMONTH=2;BYMONTHDAY=30\nRRULE:FREQ=DAILY", "several RRULE"),
    ],
)  # fmt: skip
def test_what_does_not_read_is_left_out_and_said(event: str, why: str) -> None:
    """One odd entry hides no other."""
    good = "SUMMARY:good\nDTSTART:20261101T000000Z\nDTEND:20261102T000000Z"
    found = read(event, good)
    assert [each.title for each in found.bookings] == ["good"]
    assert len(found.doubts) == 1
    assert "'bad'" in found.doubts[0]
    assert why in found.doubts[0]


def test_counting_to_a_thousand_million_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Many endless series use one budget up, and each after that is left out."""
    monkeypatch.setattr(calendar_reading, "Budget", lambda: calendar_reading_budget())
    rule = "RRULE:FREQ=DAILY;COUNT=1000000000"
    event = f"UID:{{}}\nSUMMARY:bad\nDTSTART:19700101T000000Z\nDURATION:PT1H\n{rule}"
    found = read(*(event.format(each) for each in range(5)))
    assert len(found.bookings) <= 31
    assert found.doubts


def calendar_reading_budget() -> object:
    """Return a budget that is used up soon."""
    from pawl.services.calendar_rule import Budget

    return Budget(30_000)


def test_giants_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Too many bytes, events, results, levels or characters of a line end the reading."""
    with pytest.raises(BadFile, match="larger than"):
        read("SUMMARY:" + "x" * BYTES_MAX)
    with pytest.raises(BadFile, match="no calendar"):
        read_calendar(b"%PDF-1.4", SINCE, UNTIL, zone_of=zone_of, local=ZoneInfo("UTC"))
    with pytest.raises(BadFile, match="nested"):
        read(header="BEGIN:X\n" * 30)
    found = read("SUMMARY:x" + "\n y" * 70_000 + "\nDTSTART;VALUE=DATE:20261101")
    assert "SUMMARY of" in found.doubts[0]
    monkeypatch.setattr(calendar_reading, "BOOKINGS_MAX", 10)
    with pytest.raises(BadFile, match="more than 10"):
        read("SUMMARY:x\nDTSTART:20261101T000000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY")
    monkeypatch.setattr(calendar_reading, "EVENTS_MAX", 3)
    with pytest.raises(BadFile, match="more than 3 events"):
        read(*["SUMMARY:x"] * 5)


def test_what_is_exported_is_read_back() -> None:
    """Turns survive a calendar, and each keeps its id from one export to the next."""
    shifts = (
        Shift(rotation="primary", person="ann", starts=SINCE, ends="2026-10-27T00:00:00.000000Z"),
        Shift(rotation="primary", person="", starts="2026-10-27T00:00:00.000000Z", ends=UNTIL),
        Shift(
            rotation="p;,\\n",
            person="l\u00e9o; x",
            starts="2026-10-28T00:00:00.000000Z",
            ends=UNTIL,
        ),
    )
    content = calendar_of(shifts, "2026-11-21T00:00:00.000000Z")
    assert content == calendar_of(shifts, "2026-11-21T00:00:00.000000Z")
    found = read_calendar(content, SINCE, UNTIL, zone_of=zone_of, local=ZoneInfo("UTC"))
    assert [(each.title, each.starts, each.ends) for each in found.bookings] == [
        (each.person, each.starts, each.ends) for each in shifts if each.person
    ]


@pytest.mark.parametrize(
    "name", ["", "../../etc/passwd", "Europe", "/etc/passwd", "x\0y", "a" * 300]
)
def test_names_of_zones_lead_nowhere_else(name: str) -> None:
    """A name that is no zone is none, whatever path it would be."""
    assert zone(name) is None
    assert zone_of(name) is None
    with pytest.raises(BadFile):
        zones((name,))


def test_folding_and_a_byte_order_mark_are_read() -> None:
    """Long lines are folded, and some programs begin with a mark."""
    event = "SUMM\n ARY:An\n n\nDTSTART;VALUE=DATE:2026\n\t1101"
    text = f"\ufeffBEGIN:VCALENDAR\nBEGIN:VEVENT\n{event}\nEND:VEVENT\nEND:VCALENDAR"
    found = read_calendar(text.encode(), SINCE, UNTIL, zone_of=zone_of, local=ZoneInfo("UTC"))
    assert [each.title for each in found.bookings] == ["Ann"]
