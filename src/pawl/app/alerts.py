"""Wiring for alerts: the rules, what `pawl.toml` says of them, and the stored past."""

from __future__ import annotations

import os
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pawl.alerts.configuring import Setup
    from pawl.alerts.requests import Price
    from pawl.alerts.rule import Rule
    from pawl.services.alert_replay import History


def alert_rules() -> dict[str, Rule]:
    """Return all alert rules, third-party ones included."""
    from pawl import app
    from pawl.alerts import rules
    from pawl.alerts.rule import Rule

    return app.all_plugins(rules, "RULE", Rule)


def alert_setup(only: Iterable[str] = ()) -> Setup:
    """Return what `pawl.toml` asks of alerts where this process stands."""
    from pawl.services import alert_replay
    from pawl.world.launch_site import launch_site

    site = launch_site(Path.cwd(), dict(os.environ))
    top = Path(site.settings_place).parent

    def read(path: str) -> str | None:
        whole = (top / path).resolve()
        if not whole.is_relative_to(top.resolve()) or not whole.is_file():
            return None
        return whole.read_text(encoding="utf-8", errors="replace")

    return alert_replay.alert_setup(
        alert_rules(), site.settings, place=site.settings_place, read=read, only=only
    )


def record_tested(folder: Path, rules: Iterable[str]) -> None:
    """Record in the ledger that these alert rules were tested here and now."""
    from pawl import app
    from pawl.app.people import actor
    from pawl.store.records import alert_history

    engine = app.records_engine(folder)
    try:
        alert_history.record_tested(engine, rules, actor(), app.now())
    finally:
        engine.dispose()


def alert_price(folder: Path) -> Price:
    """Return the price of a request at the table in force."""
    from pawl import app

    return app.price_texts(folder).table().price


@contextmanager
def stored_past(folder: Path) -> Iterator[History]:
    """Open the events store of a data folder for its past; raises StoreBusy while it is served."""
    from pawl.app import SPOOL, events_url
    from pawl.services.stored_events import open_events

    with open_events(folder, events_url=events_url()) as events:
        events.drain(folder / SPOOL)
        yield events
