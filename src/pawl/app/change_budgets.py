"""Wiring for the error budgets that a gate asks of: this machine's objectives and events."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from pawl.changes.change import Change
    from pawl.changes.facts import BudgetLeft
    from pawl.services.objective_series import Measuring


def error_budgets(
    folder: Path, change: Change, now: str, opened: Measuring | None = None
) -> tuple[BudgetLeft, ...] | None:
    """Return the error budgets of what a change touches; none where no objective is set.

    `opened` are the events of whoever has them open, who alone may. None where the budgets cannot
    be told, as while a server owns the events. Raises BadFile for objectives that do not read.
    """
    from pawl.app.alerting import machine_objectives
    from pawl.app.practice import machine_stores
    from pawl.services.change_budgets import budgets_left
    from pawl.store.events.owner import StoreBusy

    promises = machine_objectives(folder)
    if not promises:
        return ()
    if opened is not None:
        return budgets_left(opened, promises, change, now)
    with machine_stores(folder) as stores:
        try:
            found = stores.events()
        except StoreBusy:
            return None
        if found is None:
            return budgets_left(None, promises, change, now)
        with found as events:
            return budgets_left(events, promises, change, now)
