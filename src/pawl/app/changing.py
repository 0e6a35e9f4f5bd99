"""Wiring for changes and gates: a desk over the records, the clock, ids and the outbox."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from pawl.services.change_terms import Sources
    from pawl.services.changes import ChangeDesk
    from pawl.store.records.changes import Alongside


def change_desk(
    folder: Path, sources: Sources, alongside: tuple[Alongside, ...] = ()
) -> ChangeDesk:
    """Return the desk of a data folder; `sources` tell it of policy, people and the world.

    `alongside` is done in the transaction of every event. Close the desk after use.
    """
    from pawl.app import records_engine
    from pawl.app.budgets import budget_mailing
    from pawl.services.changes import ChangeDesk
    from pawl.store.records.changes import ChangeRecords
    from pawl.world.clock import new_id, now

    return ChangeDesk(
        ChangeRecords(records_engine(folder), alongside),
        sources,
        now=now,
        new_id=new_id,
        mailing=lambda: budget_mailing(folder),
    )
