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

    from pawl.app.change_sources import Committed
    from pawl.incidents.oncall import Schedule
    from pawl.incidents.people import People
    from pawl.incidents.terms import Terms

ONCALL, TERMS = "oncall.yaml", "incident-terms.yaml"


class RepositoryIncidents:
    """The sources of the incidents of one repository.

    Without a place nobody is known, and the clocks run by the schedule that comes with Pawl. With
    `once` the protected branch is looked up one time; a server looks each time.
    """

    def __init__(self, folder: Path, place: Path | None, *, once: bool = True) -> None:
        from pawl.app.change_sources import NoRepository, RepositorySources

        self._own = None if place is None else RepositorySources(place, once=once)
        self._changes = NoRepository(folder) if self._own is None else self._own

    def people(self, scope: str) -> People:
        """Return who is who and who answers for what; raises CannotTell and BadFile."""
        from pawl.incidents.people import People

        roster = self._changes.roster()
        assert self._own is not None  # Without a place there is no roster.
        # Gates and terms of changes are not read for it: declaring waits for this.
        return People(roster=roster, raci=self._own.committed().raci())

    def schedule(self) -> Schedule:
        """Return who is on call; ours where there is no file. Raises CannotTell and BadFile."""
        from pawl.incidents.oncall import shipped_schedule

        return shipped_schedule() if self._own is None else schedule_of(self._own.committed())

    def terms(self) -> Terms:
        """Return the numbers of judgement, ours where there are none. Raises as above."""
        from pawl.incidents.terms import shipped_terms

        return shipped_terms() if self._own is None else terms_of(self._own.committed())

    def zones(self, names: tuple[str, ...]) -> Mapping[str, tzinfo]:
        """Return time zones by name; raises BadFile for one that there is not."""
        from pawl.world.zones import zones

        return zones(names)


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
