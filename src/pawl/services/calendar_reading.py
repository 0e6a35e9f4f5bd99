"""Read who is on call out of an iCalendar file (RFC 5545), which may be anybody's and hostile.

Only events and the few properties that say who and when are handed to the parser; what a file says
of time zones is not run but looked up by name. Sizes, events, recurrences and results are bounded,
and what cannot be read is a doubt, so that one odd entry does not hide the others.
"""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from itertools import islice
from typing import Any

import msgspec

from pawl.base.errors import BadFile
from pawl.base.times import format_time, parse_time
from pawl.services.calendar_rule import Budget, days_of, rule_of

BYTES_MAX = 2 * 1024 * 1024
EVENTS_MAX = 10_000
BOOKINGS_MAX = 10_000
LINE_MAX = 64 * 1024
"""Characters of one line once it is unfolded; EXDATE may hold many days."""
DOUBTS_MAX = 50
LONGEST = timedelta(days=400)
"""What lasts longer is no turn of being on call."""
_KEPT = frozenset(
    {"UID", "SUMMARY", "DTSTART", "DTEND", "DURATION", "RRULE", "RDATE", "EXDATE"}
    | {"RECURRENCE-ID", "STATUS", "ATTENDEE"}
)
_TIMES = ("DTSTART", "DTEND", "EXDATE", "RDATE", "RECURRENCE-ID")
_ZONE = "X-PAWL-ZONE"
_TZID = re.compile(r";TZID=(?=[^:]*:)", re.IGNORECASE)
ZoneOf = Callable[[str], tzinfo | None]


class Booking(msgspec.Struct, frozen=True, kw_only=True):
    """One stretch of time with the names that stand on it: its title, its attendees."""

    title: str
    names: tuple[str, ...]
    starts: str
    ends: str


class Bookings(msgspec.Struct, frozen=True, kw_only=True):
    """What a calendar says, in the order of time, and what of it could not be read."""

    bookings: tuple[Booking, ...]
    doubts: tuple[str, ...] = ()


def read_calendar(
    content: bytes, since: str, until: str, *, zone_of: ZoneOf, local: tzinfo, place: str = "ICS"
) -> Bookings:
    """Return what a calendar says about a window; raises BadFile for what is no calendar.

    `zone_of` knows time zones by name, `local` is for times without one and for whole days.
    """
    if len(content) > BYTES_MAX:
        raise BadFile(
            f"larger than {BYTES_MAX:,} bytes.",
            place=place,
            hint="Export a shorter time; a year of shifts has some hundred kilobytes.",
        )
    events, doubts = _events(content.decode("utf-8-sig", "replace"), place)
    reader = _Reader(zone_of, local, parse_time(since), parse_time(until))
    for lines in events:
        reader.take(lines)
    found = sorted(
        set(islice(reader.bookings(), BOOKINGS_MAX + 1)),
        key=lambda each: (each.starts, each.ends, each.title),
    )
    if len(found) > BOOKINGS_MAX:
        raise BadFile(f"more than {BOOKINGS_MAX:,} entries in that time.", place=place)
    return Bookings(bookings=tuple(found), doubts=tuple([*doubts, *reader.doubts][:DOUBTS_MAX]))


def _events(text: str, place: str) -> tuple[list[list[str]], list[str]]:
    """Return the lines of each event that matter, without whatever is nested in it."""
    if not text.lstrip().upper().startswith("BEGIN:VCALENDAR"):
        raise BadFile("no calendar: it does not begin with BEGIN:VCALENDAR.", place=place)
    events: list[list[str]] = []
    doubts: list[str] = []
    inside: list[str] = []
    for line in _unfolded(text):
        name = line[: min(40, len(line))].partition(":")[0].partition(";")[0].upper()
        if name == "BEGIN":
            inside.append(line[6:26].strip().upper())
            if inside[1:] == ["VEVENT"]:
                events.append([])
        elif name == "END":
            inside = inside[:-1]
        elif inside[1:] == ["VEVENT"] and name in _KEPT:
            if len(line) > LINE_MAX:
                doubts.append(f"A {name} of {len(line):,} characters was left out.")
            else:
                events[-1].append(_with_zone_of_ours(line))
        if len(inside) > 20 or len(events) > EVENTS_MAX:
            raise BadFile(f"nested too deeply, or more than {EVENTS_MAX:,} events.", place=place)
    return events, doubts


def _with_zone_of_ours(line: str) -> str:
    """Return a line whose time zone the parser does not look for; names are looked up by us."""
    if not line[:13].upper().startswith(_TIMES):
        return line
    return _TZID.sub(f";{_ZONE}=", line, count=1)


def _unfolded(text: str) -> Iterator[str]:
    """Yield logical lines: one that begins with a blank goes on from the one before."""
    parts: list[str] = []
    for line in text.replace("\r\n", "\n").split("\n"):
        if line[:1] in (" ", "\t"):
            parts.append(line[1:])
            continue
        if parts:
            yield "".join(parts)
        parts = [line] if line else []
    if parts:
        yield "".join(parts)


class _Moment(msgspec.Struct, frozen=True):
    """A local time with its zone; a whole day is its midnight."""

    local: datetime
    zone: tzinfo
    whole_day: bool

    def on(self, day: date) -> datetime:
        """Return the instant of the same local time on another day."""
        return datetime.combine(day, self.local.time(), tzinfo=self.zone).astimezone(UTC)

    def end(self, begins: datetime, lasts: "_Lasts") -> datetime:
        """Return when what begins at an instant ends: by the clock on the wall, or as time goes."""
        if not lasts.by_the_clock:
            return begins + lasts.length
        local = begins.astimezone(self.zone).replace(tzinfo=None) + lasts.length
        return local.replace(tzinfo=self.zone).astimezone(UTC)

    @property
    def instant(self) -> datetime:
        return self.on(self.local.date())


class _Lasts(msgspec.Struct, frozen=True):
    """How long something lasts. One that has an end in its own zone keeps that time of the day."""

    length: timedelta
    by_the_clock: bool


class _Unread(Exception):
    """Something of an event that is left out, and why."""


class _Reader:
    """Takes events one by one; afterwards knows what they come to."""

    def __init__(self, zone_of: ZoneOf, local: tzinfo, since: datetime, until: datetime) -> None:
        self._zone_of, self._local = zone_of, local
        self._since, self._until = since, until
        self._budget = Budget()
        self._series: list[tuple[Any, _Moment, _Lasts]] = []
        self._moved: dict[tuple[str, datetime], None] = {}
        self.doubts: list[str] = []

    def take(self, lines: list[str]) -> None:
        """Take one event in; what it lacks is a doubt."""
        from icalendar import Event

        try:
            event = Event.from_ical("\r\n".join(("BEGIN:VEVENT", *lines, "END:VEVENT", "")))
            start = self._moment(event, "DTSTART")
            if start is None:
                raise _Unread("it has no DTSTART")
            again = self._moment(event, "RECURRENCE-ID")
            if again is not None:
                self._moved[str(event.get("UID", "")), again.instant] = None
                if "RRULE" in event or _param(event["RECURRENCE-ID"], "RANGE"):
                    raise _Unread("it changes a whole series at once")
            if str(event.get("STATUS", "")).upper() != "CANCELLED":
                self._series.append((event, start, self._length(event, start)))
        except _Unread as why:
            self._doubt(lines, f"{why}.")
        except BadFile as error:
            self._doubt(lines, error.message)
        except (ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError) as why:
            self._doubt(lines, f"it does not read ({type(why).__name__}).")

    def bookings(self) -> Iterator[Booking]:
        """Yield every stretch of time that touches the window."""
        for event, start, lasts in self._series:
            summary = str(event.get("SUMMARY", ""))
            try:
                names = _names(event)
                for begins in self._starts(event, start, lasts.length):
                    ends = start.end(begins, lasts)
                    if ends > self._since and begins < self._until:
                        yield Booking(
                            title=summary.strip()[:300],
                            names=names,
                            starts=format_time(begins),
                            ends=format_time(ends),
                        )
            except _Unread as why:
                self._doubt([f"SUMMARY:{summary}"], f"{why}.")
            except BadFile as error:
                self._doubt([f"SUMMARY:{summary}"], error.message)
            except (ValueError, TypeError, KeyError, AttributeError, OverflowError) as why:
                self._doubt([f"SUMMARY:{summary}"], f"it does not read ({type(why).__name__}).")

    def _starts(self, event: Any, start: _Moment, length: timedelta) -> Iterator[datetime]:
        left_out = set(self._moments(event, "EXDATE", start))
        identity = str(event.get("UID", ""))
        if "RECURRENCE-ID" in event:
            yield start.instant
            return
        for begins in self._repeated(event, start, length):
            if begins not in left_out and (identity, begins) not in self._moved:
                yield begins
        for begins in self._moments(event, "RDATE", start):
            if begins not in left_out:
                yield begins

    def _repeated(self, event: Any, start: _Moment, length: timedelta) -> Iterator[datetime]:
        if "RRULE" not in event:
            yield start.instant
            return
        parts = event["RRULE"]
        if isinstance(parts, list):
            raise _Unread("it has several RRULE")
        first = start.local.date()
        if not 1970 <= first.year <= 9000:
            raise _Unread(f"it repeats since {first.year}")
        rule = rule_of(dict(parts), first)
        ends = _until(parts, start)
        since = (self._since - length - timedelta(days=2)).date()
        until = (self._until + timedelta(days=2)).date()
        for day in days_of(rule, first, since, until, self._budget):
            begins = start.on(day)
            if ends is not None and begins > ends:
                return
            yield begins

    def _length(self, event: Any, start: _Moment) -> _Lasts:
        end = self._moment(event, "DTEND")
        if end is not None and end.zone == start.zone:
            lasts = _Lasts(end.local - start.local, True)
        elif end is not None:
            lasts = _Lasts(end.instant - start.instant, False)
        elif "DURATION" in event:
            lasts = _Lasts(event["DURATION"].dt, start.whole_day)
        else:
            lasts = _Lasts(timedelta(days=1) if start.whole_day else timedelta(), True)
        if not timedelta() < lasts.length <= LONGEST:
            raise _Unread("it has no end, or one that is too far off")
        return lasts

    def _moment(self, event: Any, name: str) -> _Moment | None:
        value = event.get(name)
        if value is None:
            return None
        if isinstance(value, list):
            raise _Unread(f"it has several {name}")
        return self._as_moment(value.dt, _param(value, _ZONE))

    def _moments(self, event: Any, name: str, start: _Moment) -> Iterator[datetime]:
        """Yield the instants of EXDATE or RDATE; a day alone is meant at the time of the event."""
        value = event.get(name)
        rows = [] if value is None else value if isinstance(value, list) else [value]
        for row in rows:
            for each in row.dts:
                if not isinstance(each.dt, date):  # A datetime is one; a period is not.
                    raise _Unread(f"{name} holds periods")
                if not isinstance(each.dt, datetime):
                    yield start.on(each.dt)
                else:
                    yield self._as_moment(each.dt, _param(row, _ZONE)).instant

    def _as_moment(self, value: date, named: str) -> _Moment:
        if not isinstance(value, datetime):
            return _Moment(datetime.combine(value, time()), self._local, True)
        if named:
            zone = self._zone_of(named)
            if zone is None:
                raise _Unread(f"nobody knows its time zone {named[:60]!r}")
            return _Moment(value.replace(tzinfo=None), zone, False)
        zone = value.tzinfo or self._local
        return _Moment(value.replace(tzinfo=None), zone, False)

    def _doubt(self, lines: list[str], why: str) -> None:
        if len(self.doubts) < DOUBTS_MAX:
            title = next((each[8:68] for each in lines if each.upper().startswith("SUMMARY:")), "")
            self.doubts.append(f"The entry {title!r} was left out: {why}")


def _until(parts: Any, start: _Moment) -> datetime | None:
    """Return the last instant of a recurrence."""
    values = parts.get("UNTIL")
    if not values:
        return None
    value = values[0] if isinstance(values, list) else values
    if not isinstance(value, datetime):
        return start.on(value)
    return (value if value.tzinfo else value.replace(tzinfo=start.zone)).astimezone(UTC)


def _names(event: Any) -> tuple[str, ...]:
    """Return the attendees by name and address; at most a few."""
    value = event.get("ATTENDEE")
    rows = [] if value is None else value if isinstance(value, list) else [value]
    found: dict[str, None] = {}
    for row in rows[:10]:
        address = str(row)
        if address.lower().startswith("mailto:"):
            address = address[7:]
        for name in (_param(row, "CN"), address):
            if name.strip():
                found[name.strip()[:200]] = None
    return tuple(found)


def _param(value: Any, name: str) -> str:
    return str(value.params.get(name, "")) if hasattr(value, "params") else ""
