"""Wiring for changes and gates: a desk over the records, the clock, ids and the outbox.

The command line, the server and what looks after rollouts all take their desk from here, so that
each of them judges a change by the same facts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pawl.changes.change import Change
    from pawl.services.change_terms import Sources
    from pawl.services.changes import ChangeDesk
    from pawl.services.incidents import IncidentDesk
    from pawl.services.objective_series import Measuring
    from pawl.store.records.changes import Alongside
    from pawl.store.records.connection import Engine


def desk_of(
    folder: Path,
    place: Path | None,
    *,
    engine: Engine | None = None,
    events: Measuring | None = None,
    once: bool = True,
) -> ChangeDesk:
    """Return the desk of a data folder, for the repository that holds a place.

    Without a place changes are shown, and no gate can tell. `engine` and `events` are the records
    and events that somebody has open already; else they are opened when they are asked. With `once`
    the protected branch is looked up one time, which is what a command wants.
    """
    from pawl.app import records_engine
    from pawl.app.change_budgets import error_budgets
    from pawl.app.change_sources import NoRepository, RepositorySources
    from pawl.app.incidents import incident_desk

    records = records_engine(folder) if engine is None else engine

    def incidents() -> IncidentDesk:
        return incident_desk(folder, place, engine=records, once=once)

    if place is None:
        return change_desk(folder, NoRepository(folder, incidents), engine=records)
    desks: list[ChangeDesk] = []
    sources = RepositorySources(
        place,
        live=lambda name: desks[0].live(name),
        budgets=lambda change, now: error_budgets(folder, change, now, events),
        incidents=incidents,
        once=once,
    )

    def read_again(change: Change) -> None:
        from pawl.app.approvals import bring_reviews
        from pawl.services.reviews_again import read_again

        desk = desks[0]
        read_again(desk, change, lambda pull, which: bring_reviews(desk, place, which, pull))

    desks.append(change_desk(folder, sources, engine=records, before_start=read_again))
    return desks[0]


def change_desk(
    folder: Path,
    sources: Sources,
    alongside: tuple[Alongside, ...] = (),
    *,
    engine: Engine | None = None,
    before_start: Callable[[Change], None] = lambda change: None,
) -> ChangeDesk:
    """Return the desk of a data folder; `sources` tell it of policy, people and the world.

    `alongside` is done in the transaction of every event. Close the desk after use, unless the
    `engine` is somebody else's, who closes it.
    """
    from pawl.app import records_engine
    from pawl.app.budgets import budget_mailing
    from pawl.services.changes import ChangeDesk
    from pawl.store.records.changes import ChangeRecords
    from pawl.world.clock import new_id, now

    return ChangeDesk(
        ChangeRecords(records_engine(folder) if engine is None else engine, alongside),
        sources,
        now=now,
        new_id=new_id,
        mailing=lambda: budget_mailing(folder),
        before_start=before_start,
    )
