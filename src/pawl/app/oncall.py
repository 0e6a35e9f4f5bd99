"""Wiring of `pawl oncall` and of what `pawl doctor` says of who is reached."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from pawl.base.errors import BadFile, BadValue, CannotTell

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import tzinfo
    from pathlib import Path

    from pawl.base.finding import Finding
    from pawl.incidents.oncall import Schedule
    from pawl.incidents.oncall_view import OnCall
    from pawl.incidents.people import People

FILE = ".pawl/oncall.yaml"
DAYS_MAX = 366


class _Known(NamedTuple):
    """All that says who is reached, and what of it did not read."""

    schedule: Schedule
    people: People
    zones: Mapping[str, tzinfo]
    branch: str
    commit: str
    doubts: tuple[str, ...]


def on_call_here(place: Path, at: str, days: int, *, branch: str | None = None) -> OnCall:
    """Return who is reached from an instant on, as the protected branch of a repository says.

    What does not read is a doubt, as it is when an incident is declared. Raises CannotTell where
    there is no repository, BadValue for days that are too many.
    """
    from pawl.incidents.oncall_view import on_call_from

    check_days(days)
    known = _known(place, branch)
    return on_call_from(
        known.schedule,
        known.people,
        known.zones,
        at,
        days,
        branch=known.branch,
        commit=known.commit,
        doubts=known.doubts,
    )


def check_days(days: int) -> None:
    """Raise BadValue for days that nobody looks ahead."""
    if not 1 <= days <= DAYS_MAX:
        raise BadValue(f"{days} days.", place="--days", hint=f"Say 1 to {DAYS_MAX}.")


def shifts_calendar(
    place: Path, at: str, days: int, *, rotation: str = "", branch: str | None = None
) -> bytes:
    """Return the shifts of the days to come as a calendar; raises as above, and BadValue."""
    from datetime import timedelta

    from pawl.base.times import format_time, parse_time
    from pawl.incidents.turns import rotations, turns
    from pawl.services.calendar_writing import calendar_of

    check_days(days)
    known = _known(place, branch)
    names = rotations(known.schedule)
    if rotation and rotation not in names:
        raise _no_rotation(rotation, set(names))
    # From a beginning that stays, so that the turn of today is the same event tomorrow.
    since = f"{int(at[:4]) - 1:04}-01-01T00:00:00.000000Z"
    until = format_time(parse_time(at) + timedelta(days=days))
    wanted = (
        each
        for name in names
        if rotation in ("", name)
        for each in turns(known.schedule, name, known.zones, since, until)
        if each.ends > at
    )
    return calendar_of(wanted, at, name=f"On call: {rotation}" if rotation else "On call")


def oncall_findings_here(place: Path, now: str) -> list[Finding]:
    """Return what `pawl doctor` says of who is reached; nothing where nobody wrote a policy."""
    from pawl.app.change_sources import RepositorySources
    from pawl.incidents.oncall_health import oncall_findings, unread_findings
    from pawl.world.repository import git_folders

    if git_folders(place.absolute()) is None:
        return []
    try:
        committed = RepositorySources(place).committed()
    except (BadFile, CannotTell):
        return []  # Whatever does not read of the policy is told there.
    if not committed.texts:
        return []
    known = _known(place, None)
    if known.doubts:
        return list(unread_findings(known.doubts, committed.place))
    return list(
        oncall_findings(
            known.schedule, known.people, known.zones, now, place=f"{FILE} of {committed.place}"
        )
    )


def _known(place: Path, branch: str | None) -> _Known:
    """Read all that says who is reached; what does not read is a doubt, and ours in its place."""
    from pawl.app.change_sources import RepositorySources
    from pawl.app.incident_sources import schedule_of
    from pawl.governance.raci import shipped_raci
    from pawl.governance.roster import Roster
    from pawl.incidents.oncall import shipped_schedule, zone_names
    from pawl.incidents.people import People
    from pawl.world.zones import zones

    committed = RepositorySources(place, branch=branch).committed()
    doubts: list[str] = []
    roster, raci, schedule = Roster(), shipped_raci(), shipped_schedule()
    try:
        roster = committed.roster()
    except BadFile as error:
        doubts.append(f"The roster does not read, so nobody is known: {error}")
    try:
        raci = committed.policy("").policy.raci
    except BadFile as error:
        doubts.append(f"The policy does not read, so ours says who owns which domain: {error}")
    try:
        found = schedule_of(committed)
        known = zones(zone_names(found))
        schedule = found
    except BadFile as error:
        doubts.append(f"The schedule does not read, so nobody is on call: {error}")
        known = zones(zone_names(schedule))
    return _Known(
        schedule=schedule,
        people=People(roster=roster, raci=raci),
        zones=known,
        branch=committed.place,
        commit=committed.commit,
        doubts=tuple(doubts),
    )


def _no_rotation(name: str, names: set[str]) -> BadValue:
    return BadValue(
        f"no rotation is called {name[:60]!r}.",
        place="--rotation",
        hint=f"There are: {', '.join(sorted(names)) or 'none'}.",
    )
