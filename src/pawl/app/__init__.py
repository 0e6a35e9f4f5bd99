"""The composition root: configuration in, wired services out."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

T = TypeVar("T")

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from types import ModuleType

    from pawl.services.contents import Keeping
    from pawl.services.ledger import Ledger
    from pawl.services.machine import Machine
    from pawl.services.price_table import PriceTexts
    from pawl.services.run_shell import Shell
    from pawl.services.server_answers import Server
    from pawl.services.stored_cost import EventsStore
    from pawl.store.records.engine import Engine
    from pawl.store.records.runs import RunRecords
    from pawl.store.spool import SpoolWriter
    from pawl.telemetry.attribution import Workplace
    from pawl.telemetry.event import Event
    from pawl.telemetry.format import Format, TranscriptReader
    from pawl.telemetry.pricing import PriceTable
    from pawl.telemetry.usage import Usage

_HOOK = str(Path(__file__).parents[1] / "cli" / "hook.py")
"""Run as a script by itself, so that an answer costs no import of ours."""

SPOOL = "spool"
"""The spool's folder in the data folder."""


def bill_machine(folder: Path, environment: Mapping[str, str] | None = None) -> Machine:
    """Return what a bill and an import need of this machine, with `folder` for our data."""
    from pawl.services.machine import Machine
    from pawl.services.spooled import SpoolFolder
    from pawl.world.data_files import DataFiles
    from pawl.world.machine import home_folder, machine_name
    from pawl.world.transcripts import TranscriptDisk

    env = os.environ if environment is None else environment
    return Machine(
        formats=transcript_formats(),
        disk=TranscriptDisk(_workplace),
        environment=env,
        home=home_folder(),
        name=machine_name(),
        developer=env.get("PAWL_DEVELOPER") or None,
        storage=DataFiles(folder),
        prices=price_texts(folder),
        spool=SpoolFolder(folder / SPOOL),
        databases={"opencode": _opencode},
        keeping=_keeping(folder),
    )


def import_spool(folder: Path) -> SpoolWriter:
    """Return a writer for events that an import reads."""
    from pawl.store.spool import SpoolWriter

    return SpoolWriter(folder / SPOOL, "import")


def price_texts(folder: Path) -> PriceTexts:
    """Return the price table in force: ours, and `prices.yaml` in the data folder above it."""
    from pawl.services.price_table import OWN, PriceTexts

    shipped = Path(__file__).parents[1] / "telemetry" / "prices"
    own = folder / OWN
    return PriceTexts(
        [(path.name, path.read_bytes()) for path in sorted(shipped.glob("*.yaml"))],
        (str(own), own.read_bytes()) if own.is_file() else None,
    )


def transcript_formats() -> Sequence[Format]:
    """Return all transcript formats, third-party ones included."""
    from pawl.telemetry import formats
    from pawl.telemetry.format import Format

    return list(all_plugins(formats, "FORMAT", Format).values())


def all_plugins(package: ModuleType, attribute: str, kind: type[T]) -> dict[str, T]:
    """Return every plugin of a package by id, third-party ones included."""
    from pawl.base import catalogue

    if _others_bring(package.__name__):
        return catalogue.discover(package, attribute, kind)
    return {
        name: catalogue.load(package, name, attribute, kind) for name in catalogue.names(package)
    }


def _others_bring(group: str) -> bool:
    """Say whether another distribution may have plugins of a group.

    Reading the files takes 2 ms where asking importlib.metadata takes 40, on every start.
    """
    wanted = group.encode()
    for place in sys.path:
        if not place.endswith("-packages"):
            continue
        try:
            with os.scandir(place) as entries:
                names = [entry.path for entry in entries if entry.name.endswith(".dist-info")]
        except OSError:
            continue
        for name in names:
            try:
                with open(f"{name}/entry_points.txt", "rb") as file:
                    if wanted in file.read():
                        return True
            except OSError:
                continue
    return False


def _workplace(directory: str) -> Workplace:
    from pawl.telemetry.attribution import workplace
    from pawl.world.git import git_place

    path = Path(directory)
    place = None
    try:
        if path.is_absolute() and path.is_dir():
            place = git_place(path)
    except (OSError, ValueError):  # Hostile text: too long, or with a null byte in it.
        place = None
    if place is None:
        return workplace(directory, None, None)
    return workplace(directory, str(place.top), place.origin)


def _opencode(path: str, cursor: bytes) -> Iterator[tuple[bytes, bytes]]:
    from pawl.store.opencode_db import messages

    return messages(path, cursor)


def stored_bill(folder: Path) -> EventsStore | None:
    """Return the events store of a data folder, or None where none was made yet."""
    if not (folder / "events.duckdb").exists() and events_url() is None:
        return None
    from pawl.services.stored_bill import StoredBill

    return StoredBill(folder, folder / SPOOL, price_texts(folder), events_url())


def events_url() -> str | None:
    """Return the URL of the ClickHouse database that holds the events, where one is named."""
    return os.environ.get("PAWL_EVENTS_URL") or None


def server_at(url: str) -> Server:
    """Return what asks the server at a URL, with the token in PAWL_TOKEN."""
    from pawl.world.server_client import ServerClient

    return ServerClient(url, os.environ.get("PAWL_TOKEN") or None)


def team_server() -> Server | None:
    """Return what asks the server that PAWL_SERVER names, or None where it names none."""
    url = os.environ.get("PAWL_SERVER")
    return server_at(url) if url else None


def data_folder(asked: str | None) -> Path:
    """Return where Pawl keeps its data: as asked, else PAWL_DATA, else the platform's place."""
    from pawl.world.folders import data_folder as found

    return found(asked)


def now() -> str:
    """Return the canonical time now."""
    from pawl.world.clock import now as told

    return told()


def run_services(folder: Path) -> Shell:
    """Return what a supervised run touches, with `folder` for our data.

    Everything heavy is behind a call that is made after the agent has started.
    """
    from functools import cache

    from pawl.app.budgets import run_budgets
    from pawl.services.run_shell import Shell
    from pawl.store.spool import SpoolWriter
    from pawl.world import clock, launch_site, process, run_folder
    from pawl.world.follow import Transcripts
    from pawl.world.hook_socket import HookSocket
    from pawl.world.stdin import stdin_rewinder
    from pawl.world.watch import watching

    engine = cache(lambda: records_engine(folder))
    price = _late_price(folder)
    return Shell(
        now=clock.now,
        monotonic=clock.monotonic,
        chance=clock.chance,
        new_run_id=clock.new_run_id,
        new_uuid=clock.new_uuid,
        new_token=clock.new_token,
        surroundings=lambda: launch_site.launch_site(Path.cwd(), dict(os.environ)),
        settings_texts=launch_site.settings_texts,
        find_program=process.find_program,
        tree=process.Tree,
        hooks=lambda token, folder: HookSocket(token, os.path.dirname(folder.lock_path)),
        watch=watching,
        following=Transcripts,
        spool=lambda run_id: SpoolWriter(folder / SPOOL, run_id),
        folder=lambda run_id, spec: run_folder.make_run_folder(folder, run_id, spec),
        abandoned=lambda: run_folder.abandoned_runs(folder),
        ordering=lambda: run_folder.ordering(folder),
        kill_marked=lambda run_id: process.kill_marked(run_id, spare=os.getpid()),
        records=lambda: _runs_in(engine()),
        open_transcript=_open_transcript,
        price=price,
        budgets=run_budgets(folder, engine, price),
        hook_command=(sys.executable, "-I", "-S", _HOOK, "pre-tool-use"),
        pid=os.getpid(),
        stdin_again=stdin_rewinder(),
        keeping=lambda: _keeping(folder),
    )


def settle_dead_runs(folder: Path) -> int:
    """Mark runs whose supervisor died as interrupted and end what they left; return how many.

    Cheap when there are none: one folder is listed.
    """
    from pawl.services.run_books import put_in_order
    from pawl.store.spool import SpoolWriter
    from pawl.world import clock, process, run_folder

    with run_folder.ordering(folder):
        left = run_folder.abandoned_runs(folder)
        if not left:
            return 0
        return put_in_order(
            left,
            run_records(folder),
            now=clock.now,
            open_spool=lambda run_id: SpoolWriter(folder / SPOOL, run_id),
            kill_marked=lambda run_id: process.kill_marked(run_id, spare=os.getpid()),
        )


def run_records(folder: Path) -> RunRecords:
    """Return the runs in the records: in the data folder, or where PAWL_RECORDS_URL says."""
    return _runs_in(records_engine(folder))


def records_engine(folder: Path) -> Engine:
    """Return the records, opened: in the data folder, or where PAWL_RECORDS_URL says."""
    from pawl.store.records.engine import open_records

    return open_records(folder, os.environ.get("PAWL_RECORDS_URL"))


def _runs_in(engine: Engine) -> RunRecords:
    from pawl.store.records.runs import RunRecords

    return RunRecords(engine)


def run_timeline(folder: Path) -> Callable[[str, int], tuple[tuple[Event, ...], int]]:
    """Return what tells of the events of a run: the events store, or the server that owns it."""

    def timeline(run_id: str, limit: int) -> tuple[tuple[Event, ...], int]:
        from pawl.services.server_answers import ask_timeline
        from pawl.services.stored_events import open_events
        from pawl.store.events.owner import StoreBusy

        try:
            with open_events(folder, events_url=events_url()) as events:
                events.drain(folder / SPOOL)
                return events.timeline(run_id, limit=limit)
        except StoreBusy as busy:
            if busy.url is None:
                raise
            return ask_timeline(server_at(busy.url), run_id, limit)

    return timeline


def _keeping(folder: Path) -> Keeping | None:
    from pawl.app.contents import keeping

    return keeping(folder)


def _open_transcript(format: str, path: str) -> TranscriptReader:
    from pawl.base import catalogue
    from pawl.telemetry import formats
    from pawl.telemetry.format import Depth, Format

    return catalogue.load(formats, format, "FORMAT", Format).open(path, Depth(), None)


def _late_price(folder: Path) -> Callable[[str, Usage, str], int | None]:
    """Return the price of a request; the table is read when the first one is asked for."""
    from pawl.services.price_table import OWN

    found: list[PriceTable] = []
    if (folder / OWN).exists():
        found.append(price_texts(folder).table())  # The user's own file is checked before a run.

    def price(model: str, usage: Usage, day: str) -> int | None:
        if not found:
            found.append(price_texts(folder).table())
        return found[0].price(model, usage, day)

    return price


def ledger(folder: Path) -> Ledger:
    """Return the ledger of a data folder; raises CannotTell where none was begun."""
    from pawl.services.ledger import open_ledger
    from pawl.world.clock import now

    return open_ledger(folder, os.environ.get("PAWL_RECORDS_URL"), now)
