"""Wiring for what an incident used of error budgets: this machine's objectives and events."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from pawl.incidents.incident import Incident
    from pawl.services.objective_series import Measuring


def used_here(folder: Path, incident: Incident, opened: Measuring | None = None) -> float | None:
    """Return an incident's share of four weeks' error budget; None where nothing measures it.

    `opened` are the events of whoever has them open, who alone may. What does not read, and events
    that a server owns, measure nothing: nobody is kept from closing because a file is broken.
    """
    from pawl.app.alerting import machine_objectives
    from pawl.app.practice import machine_stores
    from pawl.base.errors import PawlError
    from pawl.services.incident_budgets import budget_used
    from pawl.world.clock import now

    try:
        promises = machine_objectives(folder)
        if not promises or opened is not None:
            return budget_used(opened, promises, incident, now())
        with machine_stores(folder) as stores:
            found = stores.events()
            if found is None:
                return None
            with found as events:
                return budget_used(events, promises, incident, now())
    except PawlError:
        return None
