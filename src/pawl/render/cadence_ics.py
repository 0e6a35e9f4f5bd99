"""The cadence as an iCalendar feed (RFC 5545): one event an occurrence, in the team's own time.

An event keeps its UID for good, made of routine and period, so a calendar that fetches the feed
again updates what it has. Times carry the zone with its rules, so that nine stays nine.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from pawl.base.times import parse_time
from pawl.governance.cadence import State

if TYPE_CHECKING:
    from icalendar import Event

    from pawl.governance.cadence_keeping import Line
    from pawl.services.cadence_terms import Due

LASTS = timedelta(minutes=30)
"""How long an event is shown; a routine is due at its beginning."""
_MARKS = {State.DONE: "done: ", State.MISSED: "missed: ", State.OVERDUE: "overdue: "}


def calendar_text(due: Due, *, url: str = "") -> bytes:
    """Return the feed; `url` is where the pages are, empty where there are none."""
    from icalendar import Calendar

    calendar = Calendar()
    calendar.add("prodid", "-//Pawl//Cadence//EN")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", "Operating cadence")
    calendar.add("x-published-ttl", "PT1H")
    for line in due.lines:
        calendar.add_component(_event(line, due, url))
    if due.lines and due.time_zone != "UTC":
        calendar.add_missing_timezones()
    told: bytes = calendar.to_ical()
    return told


def _event(line: Line, due: Due, url: str) -> Event:
    from icalendar import Event

    occurrence, routine, record = line.occurrence, line.routine, line.record
    start = parse_time(occurrence.due_at).astimezone(ZoneInfo(due.time_zone))
    event = Event()
    event.add("uid", f"{routine.id}.{occurrence.period}@cadence.pawl")
    # The instant of the last change and no other: the same feed twice is the same text.
    event.add(
        "dtstamp", parse_time(record.at if record else occurrence.opens_at).replace(microsecond=0)
    )
    event.add("sequence", 1 if record else 0)
    event.add("dtstart", start)
    event.add("duration", LASTS)
    event.add("summary", f"{_MARKS.get(line.state, '')}{routine.title}")
    event.add("categories", [routine.every.value])
    event.add("status", "CANCELLED" if line.state is State.EXCUSED else "CONFIRMED")
    event.add("transp", "TRANSPARENT")
    event.add("description", _description(line, due.people.get(routine.role, ())))
    if url:
        event.add("url", f"{url}/cadence/{routine.id}/{occurrence.period}")
    return event


def _description(line: Line, people: tuple[str, ...]) -> str:
    routine = line.routine
    who = f"For {routine.role}: {', '.join(people) or 'nobody holds it'}." if routine.role else ""
    leaves = f"It leaves behind: {', '.join(routine.outputs)}." if routine.outputs else ""
    return "\n".join(filter(None, (who, *(f"- {each}" for each in routine.checklist), leaves)))
