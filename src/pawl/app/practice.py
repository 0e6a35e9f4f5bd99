"""Wiring of what this machine's own stores tell an assessment of agents at work."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pawl.services.practice_stores import MachineStores


def machine_stores(folder: Path, checkpoint: Path | None = None) -> MachineStores:
    """Return the stores of a data folder, or those that the environment names; close it after use.

    `checkpoint` is a file with the ledger's newest entry as it was kept elsewhere.
    """
    from pawl.app import now, price_texts
    from pawl.app.alerting import machine_objectives
    from pawl.services.practice_stores import MachineStores
    from pawl.world.zones import zones

    return MachineStores(
        folder,
        price_texts(folder),
        now,
        records_url=os.environ.get("PAWL_RECORDS_URL") or None,
        events_url=os.environ.get("PAWL_EVENTS_URL") or None,
        checkpoint=checkpoint,
        promises=lambda: machine_objectives(folder),
        zones=lambda name: zones((name,), "cadence")[name],
    )
