"""How the cadence stands: what is due, one occurrence with its numbers, how well it was kept."""

import re
from collections.abc import Callable, Iterable
from datetime import timedelta, tzinfo

from pawl.alerts.budget_letter import Mailing
from pawl.base import catalogue
from pawl.base.errors import PawlError
from pawl.base.times import format_time, parse_time
from pawl.governance.cadence import Cadence, Occurrence, Routine, State, occurrences
from pawl.governance.cadence_keeping import (
    Adopted,
    Line,
    adherence,
    adopted,
    around,
    standing,
    window,
)
from pawl.governance.roster import Roster, holders
from pawl.services import routine_numbers
from pawl.services.cadence_terms import (
    CadenceSources,
    Due,
    Kept,
    NoSuchRoutine,
    RoutineAdherence,
    Shown,
    Zones,
)
from pawl.services.routine_looks import Looks, RoutineNumbers, Window
from pawl.services.routine_table import Numbers, Part
from pawl.store.records.cadence import CadenceBook, CadenceRecords

OPEN = (State.DUE, State.OVERDUE)
AHEAD_DAYS = 7.0
"""Days ahead that `due` shows."""
EARLIER = 5
_PERIOD = re.compile(r"(\d{4})-(?:\d\d-\d\d|W\d\d|Q[1-4]|\d\d)")
_NOMINAL = {"daily": 1, "weekly": 7, "monthly": 31, "quarterly": 92}
"""Days back that the first occurrence of a routine looks."""
NO_NUMBERS = "No numbers come with this routine; look at what its checklist says."


class CadenceReading:
    """Read, and change nothing."""

    def __init__(
        self,
        records: CadenceRecords,
        sources: CadenceSources,
        look: Looks,
        *,
        now: Callable[[], str],
        zones: Zones,
        numbers: Callable[[str], RoutineNumbers | None],
        mailing: Callable[[], Mailing] | None = None,
    ) -> None:
        """`numbers` gives what a routine looks at by its id, `zones` time zones by their names."""
        self._records = records
        self.sources = sources
        self.look = look
        self._now = now
        self._zones = zones
        self._numbers_of = numbers
        self._mailing = mailing

    def cadence(self) -> Cadence:
        """Return the cadence in force; raises BadFile and CannotTell."""
        return self.sources.cadence()

    def due(self, *, days: float = AHEAD_DAYS) -> Due:
        """Return what is due or overdue, and what comes due within some days."""
        now = self._now()
        ends = format_time(parse_time(now) + timedelta(days=days))
        cadence = self.cadence()
        lines = tuple(
            line
            for line in self._lines(cadence, *around(now), now)
            if line.state in OPEN
            or (line.state is State.UPCOMING and line.occurrence.due_at < ends)
        )
        return self._told(cadence, lines, now)

    def calendar(self, since: str, until: str) -> Due:
        """Return every occurrence due in a window, as it stands."""
        now = self._now()
        cadence = self.cadence()
        return self._told(cadence, self._lines(cadence, since, until, now), now)

    def show(self, routine: str, period: str = "") -> Shown:
        """Return one occurrence with its numbers, of now without a period; raises NoSuchRoutine."""
        now = self._now()
        cadence = self.cadence()
        line = self._line(cadence, routine, period, now)
        with self._records.reading() as book:
            earlier = book.newest(line.routine.id, line.occurrence.due_at, EARLIER)
        until = line.record.at if line.record is not None else now
        numbers = self._numbers(cadence, line, min(until, line.occurrence.closes_at))
        return Shown(
            at=now,
            line=line,
            time_zone=cadence.time_zone,
            people=self._people((line,)).get(line.routine.role, ()),
            numbers=numbers,
            seen=numbers.seen,
            earlier=earlier,
        )

    def adherence(self, since: str, until: str) -> Kept:
        """Return how much of what came due in a window was done, in all and of each routine."""
        now = self._now()
        lines = self._lines(self.cadence(), since, until, now)
        titles = {line.routine.id: line.routine.title for line in lines}
        return Kept(
            whole=adherence(lines, since, until, now),
            routines=tuple(
                RoutineAdherence(
                    routine=identity,
                    title=title,
                    adherence=adherence(
                        (line for line in lines if line.routine.id == identity), since, until, now
                    ),
                )
                for identity, title in sorted(titles.items())
            ),
        )

    def zone(self, cadence: Cadence) -> tzinfo:
        """Return the time zone of a cadence; raises BadValue for one that is none."""
        return self._zones(cadence.time_zone)

    def _lines(self, cadence: Cadence, since: str, until: str, now: str) -> tuple[Line, ...]:
        with self._records.reading() as book:
            return self._lines_in(book, adopted(book.kept(), cadence, now), since, until, now)

    def _lines_in(
        self, book: CadenceBook, kept: dict[str, Adopted], since: str, until: str, now: str
    ) -> tuple[Line, ...]:
        zones = {each.time_zone: self._zones(each.time_zone) for each in kept.values()}
        return window(tuple(kept.values()), zones, book.due(since, until), since, until, now)

    def _line(self, cadence: Cadence, routine: str, period: str, now: str) -> Line:
        """Return an occurrence by its names; without a period the open one, else the next."""
        known = next((each for each in cadence.routines if each.id == routine), None)
        if known is None:
            raise NoSuchRoutine(
                f"no routine is called {routine[:80]!r}.",
                place=routine[:80],
                hint="See them with `pawl cadence due --all`.",
            )
        zone = self.zone(cadence)
        found = _named(known, zone, period) if period else _current(known, zone, now)
        if found is None:
            raise NoSuchRoutine(
                f"{known.title} has no occurrence {period[:40]!r}.",
                place=f"{known.id}/{period[:40]}",
                hint="Periods are such as 2026-03-29, 2026-W13, 2026-03 and 2026-Q1.",
            )
        with self._records.reading() as book:
            record = book.record(found.id)
        return Line(
            occurrence=found if record is None else record.occurrence,
            routine=known,
            state=standing(record, found, known, now),
            record=record,
        )

    def _numbers(self, cadence: Cadence, line: Line, until: str) -> Numbers:
        """Return what a routine looks at, as it is shown for a time."""
        occurrence, routine = line.occurrence, line.routine
        since = min(self._last_due(routine, self.zone(cadence), occurrence), until)
        found = self._numbers_of(routine.id)
        looked = Window(since, until, until)
        return Numbers(
            routine=routine.id,
            period=occurrence.period,
            since=since,
            until=until,
            parts=(
                found.parts(self.look, looked)
                if found is not None
                else (Part(title="Numbers", unknown=NO_NUMBERS),)
            ),
        )

    @staticmethod
    def _last_due(routine: Routine, zone: tzinfo, occurrence: Occurrence) -> str:
        due = parse_time(occurrence.due_at)
        begin = format_time(due - timedelta(days=2 * _NOMINAL[routine.every] + 5))
        before = [each.due_at for each in occurrences(routine, zone, begin, occurrence.due_at)]
        return before[-1] if before else format_time(due - timedelta(days=_NOMINAL[routine.every]))

    def _people(self, lines: Iterable[Line]) -> dict[str, tuple[str, ...]]:
        """Return who holds the roles of some routines; nobody where no roster reads."""
        roster, now = self._roster(), self._now()
        roles = {line.routine.role for line in lines} - {""}
        return {role: holders(roster, role, "", now) for role in sorted(roles)}

    def _roster(self) -> Roster:
        try:
            return self.sources.roster()
        except PawlError:
            return Roster()  # Whom it is for is not known; what is due is.

    def _told(self, cadence: Cadence, lines: tuple[Line, ...], now: str) -> Due:
        return Due(at=now, time_zone=cadence.time_zone, lines=lines, people=self._people(lines))


def shipped_numbers(routine: str) -> RoutineNumbers | None:
    """Return what a routine looks at, by its id; None for one that has no file here."""
    try:
        return catalogue.load(routine_numbers, routine, "NUMBERS", RoutineNumbers)
    except KeyError:
        return None


def _named(routine: Routine, zone: tzinfo, period: str) -> Occurrence | None:
    told = _PERIOD.fullmatch(period)
    if told is None or not 1 < int(told[1]) < 9998:
        return None
    year = int(told[1])
    begin, end = f"{year - 1:04}-12-20T00:00:00.000000Z", f"{year + 1:04}-01-12T00:00:00.000000Z"
    every = occurrences(routine, zone, begin, end)
    return next((each for each in every if each.period == period), None)


def _current(routine: Routine, zone: tzinfo, now: str) -> Occurrence | None:
    """Return the occurrence whose period it is, else the next one."""
    every = occurrences(routine, zone, *around(now))
    return next((each for each in every if now < each.closes_at), None)
