"""Wiring for incidents: a desk over the records, the clock, ids and the outbox."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from pawl.services.incidents import IncidentDesk
    from pawl.store.records.connection import Engine


def incident_desk(
    folder: Path, place: Path | None, *, engine: Engine | None = None, once: bool = True
) -> IncidentDesk:
    """Return the desk of a data folder, with people and schedule of the repository of a place.

    Without a place incidents are declared all the same, and nobody can be named. `engine` is the
    records that somebody has open already, who closes them; else close the desk after use. With
    `once` the protected branch is looked up one time, which is what a command wants.
    """
    from pawl.app import records_engine
    from pawl.app.budgets import budget_mailing
    from pawl.app.incident_sources import RepositoryIncidents
    from pawl.services.incidents import IncidentDesk
    from pawl.store.records.incidents import IncidentRecords
    from pawl.world.clock import new_id, now

    return IncidentDesk(
        IncidentRecords(records_engine(folder) if engine is None else engine),
        RepositoryIncidents(folder, place, once=once),
        now=now,
        new_id=new_id,
        mailing=lambda: budget_mailing(folder),
    )
