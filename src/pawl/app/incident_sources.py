"""What incidents ask of the world: people, schedule and terms of the protected branch, and zones.

Read from commits, as what judges changes is. A file that is not there is ours; one that does not
read raises, and whoever declares an incident goes on without it and says so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import tzinfo
    from pathlib import Path

    from pawl.app.change_sources import Committed, RepositorySources
    from pawl.incidents.oncall import Schedule
    from pawl.incidents.people import People
    from pawl.incidents.terms import Terms

ONCALL, TERMS = "oncall.yaml", "incident-terms.yaml"


class BranchIncidentSources:
    """The sources of incidents of one repository, or of none where there is no `committed`."""

    def __init__(self, sources: RepositorySources) -> None:
        self._sources = sources

    def people(self, scope: str) -> People:
        """Return who is who and who answers for what; raises BadFile and CannotTell."""
        from pawl.incidents.people import People

        committed = self._sources.committed()
        return People(roster=committed.roster(), raci=committed.policy(scope).policy.raci)

    def schedule(self) -> Schedule:
        """Return who is on call; ours where there is no file. Raises BadFile and CannotTell."""
        return schedule_of(self._sources.committed())

    def terms(self) -> Terms:
        """Return the numbers of judgement, ours where there are none. Raises as above."""
        return terms_of(self._sources.committed())

    def zones(self, names: tuple[str, ...]) -> Mapping[str, tzinfo]:
        """Return time zones by name; raises BadFile for one that there is not."""
        from pawl.world.zones import zones

        return zones(names)


class NoIncidentSources:
    """What is known of who is on call where nobody said which repository tells: nothing.

    The clocks of an incident run nonetheless, with the schedule and the terms that come with Pawl.
    """

    def people(self, scope: str) -> People:
        """Raise CannotTell."""
        from pawl.base.errors import CannotTell

        raise CannotTell(
            "nobody said which repository holds the roster.",
            place="pawl.toml: changes.repository",
            hint="Run this in the repository, or name a clone in the data folder's pawl.toml.",
        )

    def schedule(self) -> Schedule:
        """Return the schedule that comes with Pawl."""
        from pawl.incidents.oncall import shipped_schedule

        return shipped_schedule()

    def terms(self) -> Terms:
        """Return the terms that come with Pawl."""
        from pawl.incidents.terms import shipped_terms

        return shipped_terms()

    def zones(self, names: tuple[str, ...]) -> Mapping[str, tzinfo]:
        """Return time zones by name; raises BadFile for one that there is not."""
        from pawl.world.zones import zones

        return zones(names)


def incident_sources(
    folder: Path, place: Path | None, *, once: bool = True
) -> BranchIncidentSources | NoIncidentSources:
    """Return the sources of incidents of the repository that holds a place, or of none.

    `folder` is the data folder, whose records know nothing of this. With `once` the protected
    branch is looked up one time, which is what a command wants; a server looks each time.
    """
    from pawl.app.change_sources import RepositorySources
    from pawl.world.repository import git_folders

    if place is None or git_folders(place.absolute()) is None:
        return NoIncidentSources()
    return BranchIncidentSources(RepositorySources(place, once=once))


def schedule_of(committed: Committed) -> Schedule:
    """Return who is on call by the files of a branch; raises BadFile."""
    from pawl.incidents.oncall import load_schedule, shipped_schedule

    text = committed.texts.get(ONCALL)
    place = f".pawl/{ONCALL} of {committed.place}"
    return shipped_schedule() if text is None else load_schedule(text, place=place)


def terms_of(committed: Committed) -> Terms:
    """Return the numbers of judgement by the files of a branch; raises BadFile."""
    from pawl.incidents.terms import load_terms, shipped_terms

    text = committed.texts.get(TERMS)
    place = f".pawl/{TERMS} of {committed.place}"
    return shipped_terms() if text is None else load_terms(text, place=place)
