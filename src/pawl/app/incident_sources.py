"""What incidents ask of the world: people and schedule of the protected branch, and time zones."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import tzinfo
    from pathlib import Path

    from pawl.incidents.oncall import Schedule
    from pawl.incidents.people import People
    from pawl.incidents.terms import Terms


class RepositoryIncidents:
    """The sources of the incidents of one repository; without a place nobody is known."""

    def __init__(self, folder: Path, place: Path | None, *, once: bool = True) -> None:
        from pawl.app.change_sources import NoRepository, RepositorySources

        self._changes = (
            NoRepository(folder) if place is None else RepositorySources(place, once=once)
        )

    def people(self, scope: str) -> People:
        """Return who is who and who answers for what; raises CannotTell and BadFile."""
        from pawl.incidents.people import People

        return People(roster=self._changes.roster(), raci=self._changes.policy(scope).policy.raci)

    def schedule(self) -> Schedule:
        """Return who is on call: `.pawl/oncall.yaml` as committed on the protected branch."""
        from pawl.incidents.oncall import shipped_schedule

        return shipped_schedule()

    def terms(self) -> Terms:
        """Return the numbers of judgement."""
        from pawl.incidents.terms import shipped_terms

        return shipped_terms()

    def zones(self, names: tuple[str, ...]) -> Mapping[str, tzinfo]:
        """Return time zones by name; raises BadFile for one that there is not."""
        from zoneinfo import ZoneInfo

        from pawl.base.errors import BadFile

        try:
            return {name: ZoneInfo(name) for name in names}
        except (KeyError, ValueError, OSError) as error:
            raise BadFile(f"there is no such time zone: {error}.", place="oncall.yaml") from error
