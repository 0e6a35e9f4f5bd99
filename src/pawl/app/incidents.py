"""Wiring for incidents: a desk over the records, the clock, ids and the outbox."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from pawl.services.change_incidents import ChangeIncidents
    from pawl.services.incident_server import IncidentServer
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


def served_incidents(folder: Path, engine: Engine) -> IncidentDesk:
    """Return the desk of a server, for the repository that `[changes]` names, if it names one."""
    from pawl.app.contents import machine_settings

    repository = machine_settings(folder).changes.repository
    place = None if repository is None else folder / repository
    return incident_desk(folder, place, engine=engine, once=False)


def incident_server(engine: Engine, desk: IncidentDesk) -> IncidentServer:
    """Return what lets time do what is due, and declares what changes give reason to."""
    from pawl.services.incident_server import IncidentServer
    from pawl.world.clock import now

    return IncidentServer(desk, now=now, also=change_incidents(engine, desk).look)


def change_incidents(engine: Engine, desk: IncidentDesk) -> ChangeIncidents:
    """Return what declares an incident where a change gives reason to."""
    from pawl.services.change_incidents import ChangeIncidents
    from pawl.store.records.changes import ChangeRecords
    from pawl.world.clock import now

    return ChangeIncidents(ChangeRecords(engine), desk, now=now)
