"""From the entries of a calendar to what a schedule lacks to say the same.

Only differences become overrides, so importing a calendar twice changes nothing the second time.
Where nobody is in the calendar the schedule stays as it is.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, tzinfo

import msgspec

from pawl.base.times import parse_time
from pawl.governance.roster import Kind, Roster
from pawl.incidents.oncall import Override, Rotation, Schedule, Shift
from pawl.incidents.turns import turns


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """A stretch of time, and the names that stand on it: the title first, then attendees."""

    names: tuple[str, ...]
    starts: str
    ends: str


class Mapped(msgspec.Struct, frozen=True, kw_only=True):
    """Stretches of time by person, and the titles of which nobody knows whose they are."""

    shifts: tuple[Shift, ...]
    unknown: tuple[str, ...]
    overlaps: int = 0


class Imported(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be added to a schedule; a rotation only where there was none of that name."""

    rotation: Rotation | None
    overrides: tuple[Override, ...]


def mapped(
    entries: Iterable[Entry], names: Mapping[str, str], roster: Roster, rotation: str
) -> Mapped:
    """Return whose turn each entry is: as `names` say, else by id or identity of the roster.

    A name counts where it stands in a title as words of its own, and where only one person's does.
    """
    finder = _Finder(names, roster)
    shifts: list[Shift] = []
    unknown: dict[str, None] = {}
    for each in entries:
        person = finder.person(each.names)
        if person:
            shifts.append(
                Shift(rotation=rotation, person=person, starts=each.starts, ends=each.ends)
            )
        else:
            unknown[each.names[0] if each.names else ""] = None
    shifts.sort(key=lambda each: (each.starts, each.ends, each.person))
    return Mapped(
        shifts=tuple(shifts), unknown=tuple(unknown), overlaps=sum(1 for _ in _overlaps(shifts))
    )


def imported(
    schedule: Schedule,
    rotation: str,
    shifts: Sequence[Shift],
    zones: Mapping[str, tzinfo],
    since: str,
    until: str,
) -> Imported:
    """Return what must be added so that a rotation is as a calendar says within a window.

    Of two people at one time the one whose turn began later has it.
    """
    own = _as_turns(schedule, rotation, shifts, zones, since, until)
    made = None
    if own and all(each.id != rotation for each in schedule.rotations):
        made = _rotation(rotation, own, zones[schedule.time_zone])
        schedule = msgspec.structs.replace(schedule, rotations=(*schedule.rotations, made))
    base = turns(schedule, rotation, zones, since, until)
    overrides = tuple(
        Override(rotation=rotation, person=each.person, starts=each.starts, ends=each.ends)
        for each in _different(own, base)
    )
    return Imported(rotation=made, overrides=overrides)


def _as_turns(
    schedule: Schedule,
    rotation: str,
    shifts: Sequence[Shift],
    zones: Mapping[str, tzinfo],
    since: str,
    until: str,
) -> tuple[Shift, ...]:
    alone = msgspec.structs.replace(
        schedule,
        rotations=(),
        overrides=tuple(
            Override(rotation=rotation, person=each.person, starts=each.starts, ends=each.ends)
            for each in shifts
        ),
    )
    return tuple(each for each in turns(alone, rotation, zones, since, until) if each.person)


def _different(own: Sequence[Shift], base: Sequence[Shift]) -> Iterator[Shift]:
    """Yield the turns of a calendar during which a schedule says anything else; both in order."""
    place = 0
    for each in own:
        while place < len(base) and base[place].ends <= each.starts:
            place += 1
        there = place
        while there < len(base) and base[there].starts < each.ends:
            if base[there].person != each.person:
                yield each
                break
            there += 1


def _rotation(id: str, own: Sequence[Shift], zone: tzinfo) -> Rotation:
    first = _local(own[0].starts, zone)
    lengths = {
        (
            _local(each.ends, zone).replace(tzinfo=None)
            - _local(each.starts, zone).replace(tzinfo=None)
        )
        for each in own[1:-1] or own
    }
    length = next(iter(lengths))
    regular = len(lengths) == 1 and not length.seconds and 1 <= length.days <= 366
    return Rotation(
        id=id,
        members=tuple(dict.fromkeys(each.person for each in own)),
        starts=first.date().isoformat(),
        hand_over=first.strftime("%H:%M"),
        days=length.days if regular else 7,
    )


def _local(at: str, zone: tzinfo) -> datetime:
    return parse_time(at).astimezone(zone)


def _overlaps(shifts: Sequence[Shift]) -> Iterator[Shift]:
    latest, person = "", ""
    for each in shifts:
        if each.starts < latest and each.person != person:
            yield each
        if each.ends > latest:
            latest, person = each.ends, each.person


class _Finder:
    """Knows people by what calendars call them."""

    def __init__(self, names: Mapping[str, str], roster: Roster) -> None:
        self._said = [
            (re.compile(rf"(?<!\w){re.escape(name.strip())}(?!\w)", re.IGNORECASE), person)
            for name, person in names.items()
            if name.strip()
        ]
        humans = [each for each in roster.people if each.kind is Kind.HUMAN]
        self._known = {each.id.casefold(): each.id for each in humans}
        for each in humans:
            for identity in each.identities:
                name = identity.partition(":")[2].casefold()
                self._known.setdefault(name, each.id)

    def person(self, names: Sequence[str]) -> str:
        """Return whose entry this is; empty where that is nobody's or two people's."""
        for text in names:
            found = {person for pattern, person in self._said if pattern.search(text[:300])}
            if len(found) == 1:
                return found.pop()
            if found:
                return ""
        known = (self._known.get(text.strip().casefold(), "") for text in names)
        return next((each for each in known if each), "")
