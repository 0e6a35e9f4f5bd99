"""Wiring of `pawl events forget` and `pawl events drop`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pawl.services.forgetting import ForgetReport


def drop(folder: Path, month: str) -> int:
    """Delete the events before a month such as `2026-11`; return how many."""
    from pawl.services.forgetting import drop_months

    return drop_months(folder, month, events_url=os.environ.get("PAWL_EVENTS_URL") or None)


def forget(folder: Path, names: tuple[str, ...], reason: str) -> ForgetReport:
    """Erase a person from the data folder and the records; say who asked for it."""
    from pawl.app.contents import machine_settings, open_contents
    from pawl.app.people import actor
    from pawl.services.forgetting import forget as service
    from pawl.world import clock

    return service(
        folder,
        names,
        actor(),
        clock.now(),
        records_url=os.environ.get("PAWL_RECORDS_URL"),
        events_url=os.environ.get("PAWL_EVENTS_URL") or None,
        reason=reason,
        chance=clock.new_token(),
        texts=open_contents(folder, machine_settings(folder).content),
    )
