"""Write turns of being on call as an iCalendar file (RFC 5545), for calendars to subscribe to."""

from collections.abc import Iterable

from pawl.base.canonical import digest
from pawl.base.times import parse_time
from pawl.incidents.oncall import Shift


def calendar_of(shifts: Iterable[Shift], now: str, *, name: str = "On call") -> bytes:
    """Return a calendar with an event for each turn that somebody has.

    An event's id is of its rotation, person and beginning, so a calendar that is fetched again
    knows the turns that it has. Its title is the person's id, which reading it back needs.
    """
    from icalendar import Calendar, Event

    calendar = Calendar()
    calendar.add("prodid", "-//Pawl//on call//EN")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", name)
    for each in shifts:
        if not each.person:
            continue
        event = Event()
        event.add("uid", f"{digest([each.rotation, each.person, each.starts])[:32]}@pawl")
        event.add("dtstamp", parse_time(now))
        event.add("dtstart", parse_time(each.starts))
        event.add("dtend", parse_time(each.ends))
        event.add("summary", each.person)
        event.add("description", f"On call: {each.rotation}")
        event.add("categories", [each.rotation])
        calendar.add_component(event)
    content: bytes = calendar.to_ical()
    return content
