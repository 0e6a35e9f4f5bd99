"""The cadence as pages show it: a month as a grid of days, and one occurrence of a routine."""

from datetime import date, datetime, timedelta, tzinfo

import msgspec

from pawl.base.times import format_time, parse_time
from pawl.governance.cadence import State
from pawl.governance.cadence_keeping import Adherence, Line
from pawl.services.cadence_terms import Shown

ADHERENCE_DAYS = 90
"""Days that the figure on the page looks back: a quarter, so that every routine is in it."""
LISTS = frozenset({"figures", "actions", "queue"})
"""Outputs that are what is shown, and need nothing written."""
LONG = frozenset({"note", "decisions", "findings", "roadmap", "cases"})
"""Outputs that are words."""


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One occurrence in the grid. `time` is by the team's clock."""

    line: Line
    time: str


class Day(msgspec.Struct, frozen=True, kw_only=True):
    """One day of the grid; `outside` is of another month."""

    day: str
    number: int
    name: str
    outside: bool
    today: bool
    entries: tuple[Entry, ...]


class MonthView(msgspec.Struct, frozen=True, kw_only=True):
    """A month with what is due in it, what waits now, and how well the cadence is kept."""

    month: str
    title: str
    before: str
    after: str
    this: str
    time_zone: str
    days: tuple[Day, ...]
    waiting: tuple[Entry, ...]
    people: dict[str, tuple[str, ...]]
    adherence: Adherence
    routines: int

    @property
    def states(self) -> tuple[State, ...]:
        """Every state there is, for the key below the grid."""
        return tuple(State)

    @property
    def share(self) -> str:
        """The share that was kept; a dash where nothing came due."""
        value = self.adherence.value
        return "-" if value is None else f"{value * 100:.0f} %"


class Field(msgspec.Struct, frozen=True, kw_only=True):
    """One output as a form asks for it. `shown` ones are what the page shows."""

    name: str
    shown: bool
    long: bool
    hint: str


class RoutineView(msgspec.Struct, frozen=True, kw_only=True):
    """One occurrence with its form. `open` says whether it can be recorded now."""

    shown: Shown
    due: str
    opens: str
    closes: str
    fields: tuple[Field, ...]
    open: bool
    excusable: bool


HINTS = {
    "assessment": "The digest of an assessment, or its beginning.",
    "drill": "The id of a drill that is on record.",
    "changes": "Ids of changes, with commas; or none: and why.",
    "cases": "Which eval cases were made, or none and why.",
}


def month_bounds(month: str, zone: tzinfo) -> tuple[date, date, str, str]:
    """Return the first and last day of a month's grid, with the instants around them."""
    first = date(int(month[:4]), int(month[5:7]), 1)
    following = (first + timedelta(days=32)).replace(day=1)
    begin = first - timedelta(days=first.weekday())
    end = following + timedelta(days=(7 - following.weekday()) % 7)
    return begin, end, _midnight(begin, zone), _midnight(end, zone)


def month_days(month: str, lines: tuple[Line, ...], zone: tzinfo, now: str) -> tuple[Day, ...]:
    """Return the days of a month's grid with what is due on each, whole weeks from Monday on."""
    begin, end, _, _ = month_bounds(month, zone)
    today = parse_time(now).astimezone(zone).date()
    entries: dict[date, list[Entry]] = {}
    for line in lines:
        day = parse_time(line.occurrence.due_at).astimezone(zone).date()
        entries.setdefault(day, []).append(entry_of(line, zone))
    return tuple(
        Day(
            day=day.isoformat(),
            number=day.day,
            name=f"{day:%A}",
            outside=day.isoformat()[:7] != month,
            today=day == today,
            entries=tuple(entries.get(day, ())),
        )
        for day in (begin + timedelta(days=count) for count in range((end - begin).days))
    )


def entry_of(line: Line, zone: tzinfo) -> Entry:
    """Return an occurrence as the grid shows it."""
    local = parse_time(line.occurrence.due_at).astimezone(zone)
    return Entry(line=line, time=f"{local:%H:%M}")


def routine_view(shown: Shown, zone: tzinfo) -> RoutineView:
    """Return one occurrence as its page shows it."""
    line = shown.line
    listed = {part.output for part in shown.numbers.parts if part.output and not part.unknown}
    fields = tuple(
        Field(
            name=name,
            shown=name == "figures" or name in listed,
            long=name in LONG or name in LISTS,
            hint=HINTS.get(name, ""),
        )
        for name in line.routine.outputs
    )
    return RoutineView(
        shown=shown,
        due=_local(line.occurrence.due_at, zone),
        opens=_local(line.occurrence.opens_at, zone),
        closes=_local(line.occurrence.closes_at, zone),
        fields=fields,
        open=line.state in (State.DUE, State.OVERDUE),
        excusable=line.state in (State.DUE, State.OVERDUE, State.UPCOMING),
    )


def _local(time: str, zone: tzinfo) -> str:
    return f"{parse_time(time).astimezone(zone):%A %Y-%m-%d %H:%M}"


def _midnight(day: date, zone: tzinfo) -> str:
    return format_time(datetime(day.year, day.month, day.day, tzinfo=zone))
