"""What budgets need of the world: their files, the records, the clock."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from pawl.alerts.budget_letter import Mailing
    from pawl.runs.config import Settings, Terms
    from pawl.runs.meter import Price
    from pawl.runs.outside import Surroundings
    from pawl.services.budget_desk import Desk
    from pawl.services.budget_files import Read
    from pawl.services.budgeting import Plan
    from pawl.services.machine import Progress
    from pawl.store.records.budgets import BudgetRecords
    from pawl.store.records.engine import Engine

    Planned = Callable[[Surroundings, Settings, Terms], Plan | None]


def run_budgets(folder: Path, engine: Callable[[], Engine], price: Price) -> Planned:
    """Return what asks the budgets of a run; nothing is read where there can be none."""

    def planned(around: Surroundings, settings: Settings, terms: Terms) -> Plan | None:
        trusted = not terms.untrusted or around.settings_from_base
        shared = bool(os.environ.get("PAWL_RECORDS_URL"))
        always_ask = shared or (not trusted and _has_records(folder))
        if not (settings.budgets or always_ask or _has_file(folder)):
            return None
        from pawl.alerts.budget_numbers import numbers
        from pawl.services.budget_files import repository_source
        from pawl.services.budgeting import Plan

        return Plan(
            _read(folder, around, settings, trusted=trusted),
            lambda: _records(engine()),
            numbers,
            price,
            source=repository_source(around.attribution),
            always_ask=always_ask,
            mailing=lambda: budget_mailing(folder),
        )

    return planned


def budget_desk(folder: Path) -> Desk:
    """Return what `pawl budgets` asks and tells, for the repository it is called in."""
    from pawl.alerts.budget_numbers import numbers
    from pawl.services.budget_desk import Desk
    from pawl.store.records.engine import open_records
    from pawl.world import clock
    from pawl.world.launch_site import launch_site

    around = launch_site(Path.cwd(), dict(os.environ))
    settings = _settings(around)
    trusted = not around.fork or around.settings_from_base
    read = _read(folder, around, settings, trusted=trusted)
    return Desk(
        open_records(folder, os.environ.get("PAWL_RECORDS_URL")),
        lambda: read,
        numbers(),
        around.actor,
        clock.now,
        lambda: budget_mailing(folder),
    )


def budget_mailing(folder: Path) -> Mailing:
    """Return which channels of this machine are told of budgets; raises BadFile."""
    from pawl.alerts.budget_letter import Mailing
    from pawl.alerts.configuring import routes_of
    from pawl.alerts.policy import Policy
    from pawl.app.alerting import SETTINGS, machine_settings

    settings = machine_settings(folder)
    return Mailing(
        policy=Policy(routes=routes_of(settings, str(folder / SETTINGS))),
        channels=tuple(settings.channels),
        shared=bool(os.environ.get("PAWL_RECORDS_URL")),
    )


def _settings(around: Surroundings) -> Settings:
    from pawl.base.loading import load_toml
    from pawl.runs.config import Settings

    if around.settings is None:
        return Settings()
    return load_toml(around.settings, Settings, place=around.settings_place)


def _read(folder: Path, around: Surroundings, settings: Settings, *, trusted: bool) -> Read:
    from pawl.services.budget_files import read_files, repository_source
    from pawl.world.launch_site import policy_text

    return read_files(
        lambda name: _team_text(folder, name),
        lambda name: policy_text(Path(around.folder), around.environment, name),
        settings.budgets,
        place=around.settings_place,
        source=repository_source(around.attribution),
        trusted=trusted,
        declares=around.settings is not None,
    )


def team_budgets(folder: Path) -> Read:
    """Return the team's budgets of a data folder; a repository's are known to the records."""
    from pawl.services.budget_files import read_files

    return read_files(
        lambda name: _team_text(folder, name),
        lambda name: None,
        (),
        place="",
        source="",
        trusted=True,
        declares=False,
    )


def observe_machine(folder: Path, desk: Desk, progress: Progress | None = None) -> tuple[str, ...]:
    """Read what is new on this machine and tell the budgets what was spent; return warnings.

    Where a server owns the events store, it does that itself.
    """
    from pawl import app
    from pawl.app.events_name import events_name
    from pawl.base.errors import BadFile
    from pawl.services.budgeting import waits
    from pawl.services.imports import import_transcripts
    from pawl.services.stored_events import open_events
    from pawl.store.events.owner import StoreBusy
    from pawl.world.machine import machine_name

    machine = app.bill_machine(folder)
    table = machine.prices.table()
    with app.import_spool(folder) as spool:
        done = import_transcripts(machine, spool, progress=progress)
    try:
        # Where the events are in ClickHouse, a store here would take the spool away from them.
        with open_events(folder, events_url=app.events_url()) as events:
            events.drain(folder / app.SPOOL)
            events.reprice(table.price, table.version)
            try:
                desk.observe(events.spend, events_name(machine_name()))
            except BadFile as error:
                return (*done.warnings, waits(error))
    except StoreBusy as busy:
        if busy.url is None:
            raise
    return done.warnings


def _team_text(folder: Path, name: str) -> tuple[str, str] | None:
    """Return a file's place and text, None where there is none; raises BadFile.

    A file that does not read is no absent one: what it limits would go on without limits.
    """
    from pawl.world.machine_file import machine_file

    text = machine_file(folder, name)
    return None if text is None else (str(folder / name), text)


def _records(engine: Engine) -> BudgetRecords:
    from pawl.store.records.budgets import BudgetRecords

    return BudgetRecords(engine)


def _has_file(folder: Path) -> bool:
    return (folder / "budgets.toml").exists()


def _has_records(folder: Path) -> bool:
    from pawl.store.records import FILE_NAME

    return (folder / FILE_NAME).exists()
