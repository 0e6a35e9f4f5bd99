"""Wiring of `pawl oncall import`: a calendar, the working tree's schedule, and what it would lack.

What is read and written is the working tree's file, which counts once it is committed on the
protected branch, as all policy does.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import msgspec

from pawl.app.oncall import FILE, check_days
from pawl.base.errors import BadFile, BadValue, CannotTell

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from pawl.governance.roster import Roster
    from pawl.incidents.calendar_import import Mapped
    from pawl.incidents.oncall import Rotation
    from pawl.services.calendar_reading import Bookings


class CalendarImport(msgspec.Struct, frozen=True, kw_only=True):
    """What a calendar would change in the file, and the texts of before and after."""

    path: str
    rotation: str
    since: str
    until: str
    entries: int
    new_rotation: Rotation | None
    overrides: int
    before: str
    after: str
    doubts: tuple[str, ...] = ()


def import_calendar(
    place: Path,
    calendar: Path,
    now: str,
    days: int,
    *,
    rotation: str = "",
    names: Mapping[str, str] | None = None,
) -> CalendarImport:
    """Return what a calendar would change in the working tree's schedule; nothing is written.

    Raises BadFile for a calendar or a schedule that does not read, and BadValue for entries of
    which nobody knows whose they are.
    """
    from pawl.app.change_commands import read_file
    from pawl.base.times import format_time, parse_time
    from pawl.incidents.calendar_import import imported
    from pawl.incidents.oncall import load_schedule, shipped_schedule, zone_names
    from pawl.incidents.oncall_text import with_rows
    from pawl.services.calendar_reading import read_calendar
    from pawl.services.calendar_zones import calendar_zone
    from pawl.world.working_tree import top_of
    from pawl.world.zones import zone, zones

    check_days(days)
    text = _working_text(place, FILE.rpartition("/")[2])
    schedule = shipped_schedule() if text is None else load_schedule(text, place=FILE)
    known = zones(zone_names(schedule), FILE)
    # Whole days, so that what is written does not end at the second of the import.
    since = f"{now[:10]}T00:00:00.000000Z"
    until = format_time(parse_time(since) + timedelta(days=days))
    target = rotation or (schedule.rotations[0].id if schedule.rotations else "primary")
    read = read_calendar(
        read_file(calendar),
        since,
        until,
        zone_of=lambda name: calendar_zone(name, zone),
        local=known[schedule.time_zone],
        place=str(calendar),
    )
    found, doubts = _mapped(place, calendar, read, names or {}, target)
    made = imported(schedule, target, found.shifts, known, since, until)
    rotations = () if made.rotation is None else (made.rotation,)
    after = text or ""
    if rotations or made.overrides:
        after = with_rows(text, rotations, made.overrides, place=FILE)
    return CalendarImport(
        path=str(top_of(place) / FILE),
        rotation=target,
        since=since,
        until=until,
        entries=len(read.bookings),
        new_rotation=made.rotation,
        overrides=len(made.overrides),
        before=text or "",
        after=after,
        doubts=(*read.doubts, *doubts),
    )


def write_schedule(place: Path, text: str) -> None:
    """Write the working tree's schedule; through no link. Raises CannotTell."""
    from pawl.world.tree_writer import TreeWriter
    from pawl.world.working_tree import top_of

    TreeWriter(top_of(place)).write_bytes(FILE, text.encode())


def _mapped(
    place: Path, calendar: Path, read: Bookings, names: Mapping[str, str], rotation: str
) -> tuple[Mapped, tuple[str, ...]]:
    """Return whose each entry is, and doubts; raises BadValue for those that are nobody's."""
    from pawl.incidents.calendar_import import Entry, mapped

    entries = [
        Entry(names=(each.title, *each.names), starts=each.starts, ends=each.ends)
        for each in read.bookings
    ]
    roster, doubts = _working_roster(place)
    found = mapped(entries, names, roster, rotation)
    if found.unknown:
        told = ", ".join(repr(each[:60]) for each in found.unknown[:5])
        more = f" and {len(found.unknown) - 5} more" if len(found.unknown) > 5 else ""
        raise BadValue(
            f"nobody knows whose turn this is: {told}{more}.",
            place=str(calendar),
            hint='Say it for each, such as --map "Ann Lee=ann", with ids of .pawl/roster.yaml.',
        )
    if found.overlaps:
        doubts += (
            f"{found.overlaps} entries begin while somebody else's last; the later one has it.",
        )
    strangers = {each.person for each in found.shifts} - {each.id for each in roster.people}
    if strangers and roster.people:
        doubts += (f"The roster does not know {', '.join(sorted(strangers)[:5])}.",)
    return found, doubts


def _working_text(place: Path, name: str) -> str | None:
    """Return a policy file of the working tree, None where there is none; raises BadFile."""
    from pawl.app.change_sources import policy_text
    from pawl.world.policy_folder import policy_folder

    files = policy_folder(place)
    return policy_text(name, files[name]) if name in files else None


def _working_roster(place: Path) -> tuple[Roster, tuple[str, ...]]:
    """Return who is who in the working tree; nobody, and a doubt, where that does not read."""
    from pawl.governance.roster import Roster, load_roster

    try:
        text = _working_text(place, "roster.yaml")
        return (Roster() if text is None else load_roster(text, place=".pawl/roster.yaml")), ()
    except (BadFile, CannotTell) as error:
        return Roster(), (f"The roster does not read, so nobody is known by it: {error}",)
