"""Wiring of what the on-call schedule of an assessed commit tells of the weeks before it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pawl.governance.roster import Roster
    from pawl.incidents.oncall import Schedule
    from pawl.maturity.facts.operations import Operations
    from pawl.services.practice_operated import Shifts
    from pawl.services.practice_stores import MachineStores
    from pawl.world.plain_folder import PlainFolder
    from pawl.world.repository import GitRepository

    Opened = GitRepository | PlainFolder

FILE, ROSTER = ".pawl/oncall.yaml", ".pawl/roster.yaml"


def operated_at(stores: MachineStores, source: Opened, since: str, until: str) -> Operations | None:
    """Return what the records, and the schedule of the assessed commit, tell of operation."""
    from pawl.telemetry.attribution import project_of

    project = project_of(source.name)
    return stores.operated(since, until, project, on_call_before(source, until))


def on_call_before(source: Opened, until: str) -> Shifts:
    """Return what the schedule of an assessed commit tells of as long as the probe looks back."""
    from pawl.maturity.looking.recent import days_before
    from pawl.maturity.probes.oncall_is_covered import SCHEDULE_DAYS

    since = days_before(until, SCHEDULE_DAYS)
    return shifts_before(Path(source.place), source.commit, since, until)


def shifts_before(place: Path, commit: str | None, since: str, until: str) -> Shifts:
    """Return since when a schedule is in force at a commit, and who was on call by it.

    None where the commit has none. What did not read at its time paged nobody. Raises CannotTell
    for a history that git cannot read.
    """
    from pawl.base.errors import BadFile
    from pawl.services.practice_oncall import InForce, shifts_of
    from pawl.world.file_versions import file_versions
    from pawl.world.zones import zones

    versions = () if commit is None else file_versions(place, commit, FILE, since)
    if commit is None or not versions or versions[-1].content is None:
        return None
    written = [InForce(each.at, _schedule(each.content)) for each in versions]
    people = file_versions(place, commit, ROSTER, until)
    try:
        roster = _roster(people[-1].content if people else None)
    except BadFile:
        roster = _roster(None)  # Nobody is known by what does not read.
    return written[0].at, shifts_of(written, roster, zones, since, until)


def _schedule(content: bytes | None) -> Schedule:
    """Return a schedule as an incident would have had it: without one that reads, ours."""
    from pawl.base.errors import BadFile
    from pawl.incidents.oncall import load_schedule, shipped_schedule, zone_names
    from pawl.world.zones import zones

    if content is None:
        return shipped_schedule()
    try:
        found = load_schedule(content.decode(), place=FILE)
        zones(zone_names(found))
    except (BadFile, UnicodeDecodeError):
        return shipped_schedule()
    return found


def _roster(content: bytes | None) -> Roster:
    from pawl.base.errors import BadFile
    from pawl.governance.roster import Roster, load_roster

    if content is None:
        return Roster()
    try:
        return load_roster(content.decode(), place=ROSTER)
    except UnicodeDecodeError as error:
        raise BadFile("is no UTF-8 text.", place=ROSTER) from error
