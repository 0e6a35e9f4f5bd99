"""Wiring of `pawl up`: what the server serves from a data folder."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from pawl.app import (
    SPOOL,
    bill_machine,
    events_url,
    import_spool,
    price_texts,
    settle_dead_runs,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from pawl.runs.agent import Agent
    from pawl.services.alert_server import Alerting
    from pawl.services.governing import Governing
    from pawl.services.sample import Replay
    from pawl.services.serving import Serving
    from pawl.telemetry.format import Format
    from pawl.telemetry.pricing import PriceTable


def server_services(
    folder: Path, *, url: str, sample: bool = False, spool_bytes: int | None = None
) -> Serving:
    """Return what `pawl up` serves from a data folder; `url` is where it answers.

    With `sample` the folder is filled with the bundled sample and this machine is not read.
    `spool_bytes` is where the spool is so full that no telemetry is taken in.
    Raises StoreBusy when another process owns the folder's events store.
    """
    from pawl.app.alerting import alerting
    from pawl.app.budgets import team_budgets
    from pawl.app.contents import machine_settings
    from pawl.app.drills import drill_pages
    from pawl.app.events_name import events_name
    from pawl.app.identity import identity_on
    from pawl.app.maturity_rules import rules
    from pawl.app.people import team_people
    from pawl.services.governing import Governing
    from pawl.services.imports import import_transcripts
    from pawl.services.ingest import Limits
    from pawl.services.up import open_serving
    from pawl.world.clock import now
    from pawl.world.machine import machine_name

    prices = price_texts(folder).table()
    if sample:
        from pawl.services.sample import PEOPLE, SAMPLE_TEAMS

        replayed = _sample_replays(prices, now())
        return open_serving(
            folder,
            url=url,
            now=now,
            prices=prices,
            rules=rules(),
            sample=replayed,
            alerting=_sample_alerting(prices),
            viewer=PEOPLE[0],
            people=lambda: SAMPLE_TEAMS,
            governing=Governing(
                identity=identity_on, drills=lambda engine: drill_pages(folder, engine, None)
            ),
        )

    def import_machine(progress: Callable[[int, int], None]) -> None:
        with import_spool(folder) as spool:
            import_transcripts(bill_machine(folder), spool, progress=progress)

    return open_serving(
        folder,
        url=url,
        now=now,
        prices=prices,
        rules=rules(),
        records_url=os.environ.get("PAWL_RECORDS_URL"),
        events_url=events_url(),
        settle_dead_runs=lambda: settle_dead_runs(folder),
        import_machine=import_machine,
        team_budgets=lambda: team_budgets(folder),
        machine=events_name(machine_name()),
        machine_was=machine_name(),
        limits=Limits() if spool_bytes is None else Limits(spool_bytes=spool_bytes),
        alerting=alerting(folder, url),
        viewer=os.environ.get("PAWL_DEVELOPER") or None,
        people=lambda: team_people(folder),
        content=machine_settings(folder).content,
        governing=_governing(folder),
    )


def _governing(folder: Path) -> Governing:
    """Return what makes the parts that govern: as the data folder's `pawl.toml` sets them up."""
    from pawl.app.approvals import take_signed
    from pawl.app.cadence import served_cadence
    from pawl.app.checkpoints import ledger_keeper
    from pawl.app.drills import drill_pages
    from pawl.app.hooks import server_hooks
    from pawl.app.identity import identity_on
    from pawl.app.incidents import incident_server, served_incidents
    from pawl.app.investigating import served_investigations
    from pawl.app.oncall_server import oncall_server
    from pawl.app.rollouts import rollout_server, served_desk
    from pawl.services.governing import Governing

    return Governing(
        identity=identity_on,
        changes=lambda engine, events: served_desk(folder, engine, events),
        ledger=lambda engine: ledger_keeper(folder),
        rollouts=lambda engine, desk, events: rollout_server(folder, engine, desk, events),
        hooks=lambda engine, desk: server_hooks(folder, engine, desk),
        signed=take_signed(folder),
        incidents=lambda engine: served_incidents(folder, engine),
        cadence=lambda engine, desk, bill: served_cadence(folder, engine, desk, bill),
        incident_server=incident_server,
        drills=lambda engine: drill_pages(folder, engine, Path.cwd()),
        oncall=lambda engine, desk: oncall_server(folder, engine, desk),
        investigations=served_investigations,
    )


def _sample_replays(prices: PriceTable, now: str) -> Iterable[Replay]:
    import importlib

    from pawl.services.sample import BUNDLE, recordings, replays

    recorded = recordings(BUNDLE.read_bytes())
    formats: dict[str, Format] = {}
    agents: dict[str, Agent] = {}
    for name in {recording.format for recording in recorded}:
        formats[name] = importlib.import_module(f"pawl.telemetry.formats.{name}").FORMAT
        agents[name] = importlib.import_module(f"pawl.runs.agents.{name}").AGENT
    return replays(recorded, formats, agents, prices.price, now)


def _sample_alerting(prices: PriceTable) -> Alerting:
    """Return what looks at the sample's alerts; there is nobody to be told."""
    from pawl.alerts.delivery import numbers
    from pawl.app.alerting import new_silence_id
    from pawl.app.alerts import alert_rules
    from pawl.services.alert_server import Alerting
    from pawl.services.sample_alerts import sample_setup
    from pawl.world import clock

    return Alerting(
        setup=sample_setup(alert_rules()),
        channels={},
        price=prices.price,
        now=clock.now,
        chance=clock.chance,
        new_id=new_silence_id,
        store="sample",
        holder="sample",
        sender="sample",
        numbers=numbers(),
    )


def nothing_to_show(folder: Path) -> bool:
    """Say whether this machine has no transcripts and the data folder no events."""
    from pawl.services.scanning import survey_places
    from pawl.telemetry.format import Depth

    if events_url() or (folder / "events.duckdb").exists() or any((folder / SPOOL).glob("*")):
        return False
    machine = bill_machine(folder)
    survey = survey_places(
        machine.formats, machine.disk, machine.environment, machine.home, {}, Depth()
    )
    return not survey.tasks
