"""Wiring of rollouts: this machine's executors, what telemetry says, and who looks after both.

Which executors there are stands in the data folder's own `pawl.toml`. A file of that name in a
repository has no say in it.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from pawl.changes.rollout import StageVerdict
    from pawl.runs.change_settings import MachineChangeSettings
    from pawl.services.carrying_out import Carrier, Executor
    from pawl.services.changes import ChangeDesk
    from pawl.services.objective_series import Measuring
    from pawl.services.rollout_server import RolloutServer
    from pawl.services.rollout_turn import Ticked
    from pawl.services.rollouts import Rollouts, Telemetry
    from pawl.store.records.engine import Engine
    from pawl.store.records.rollouts import RolloutRecords


def change_settings(folder: Path) -> MachineChangeSettings:
    """Return `[changes]` of the data folder's `pawl.toml`; raises BadFile."""
    from pawl.app.contents import machine_settings

    return machine_settings(folder).changes


def executors(folder: Path) -> Callable[[str], Executor]:
    """Return what opens an executor of this machine by its kind; raises BadFile.

    It raises BadValue for one that is not set up, or that cannot work as it is.
    """
    from pawl.app.contents import SETTINGS

    settings = change_settings(folder).executors
    place = str(folder / SETTINGS)

    @cache
    def opened(kind: str) -> Executor:
        from pawl.base.catalogue import load
        from pawl.base.errors import BadValue
        from pawl.world import executors as kinds
        from pawl.world.clock import now
        from pawl.world.executor import ExecutorKind, Opening

        known = next((each for name, each in settings.items() if name == kind), None)
        if known is None:
            raise BadValue(
                f"this machine has no executor {kind!r}.",
                place=place,
                hint=f"Set up [changes.executors.{kind}] there.",
            )
        found = load(kinds, kind, "EXECUTOR", ExecutorKind)
        return found.open(
            Opening(
                settings=known,
                folder=str(folder),
                place=f"{place}: changes.executors.{kind}",
                now=now,
            )
        )

    return opened


def verdicts(folder: Path, change: str) -> tuple[StageVerdict, ...]:
    """Return the verdicts on a change that count: every fail, and the newest whatever it says."""
    from pawl.changes.verdict import Verdict

    with _records(folder) as records:
        known = [each.verdict for each in records.verdicts(change)]
    return tuple(each for each in known if each.verdict is Verdict.FAIL or each is known[-1])


def read_back(folder: Path, change: str) -> str:
    """Return the digest of what a change's executor reads back now; raises NotExecuted."""
    from pawl.app import records_engine
    from pawl.base.errors import CannotTell
    from pawl.changes.executing import as_digest
    from pawl.store.records.changes import ChangeRecords
    from pawl.store.records.rollouts import RolloutRecords

    engine = records_engine(folder)
    try:
        intent = RolloutRecords(engine).newest(change)
        with ChangeRecords(engine).reading() as book:
            known = book.change(change)
        if intent is None or known is None:
            raise CannotTell("nothing of it was brought out by this Pawl.", place=change)
        carrier = _carrier(folder, engine, lambda identity: known)
        return as_digest(carrier.read_back(known, intent), known.manifest)
    finally:
        engine.dispose()


def tick_once(folder: Path, place: Path) -> Ticked:
    """Look after all rollouts once; raises Unavailable where a server owns the events, and looks.

    `place` is in the repository whose protected branch holds policy and people, where `[changes]`
    names no other.
    """
    from pawl.app import SPOOL, events_url, records_engine
    from pawl.app.changing import desk_of
    from pawl.app.incidents import change_incidents, incident_desk
    from pawl.services.stored_events import open_events

    engine = records_engine(folder)
    try:
        with open_events(folder, events_url=events_url()) as events:
            events.drain(folder / SPOOL)
            named = change_settings(folder).repository
            where = place if named is None else folder / named
            desk = desk_of(
                folder,
                where,
                engine=engine,
                events=events,
            )
            ticked = _rollouts(folder, engine, desk, events, named).tick()
            change_incidents(engine, incident_desk(folder, where, engine=engine)).look()
            return ticked
    finally:
        engine.dispose()


def served_desk(folder: Path, engine: Engine, events: Measuring) -> ChangeDesk:
    """Return the desk of a server, for the repository that `[changes]` names.

    Where it names none, changes are shown, and no gate can tell.
    """
    from pawl.app.changing import desk_of

    repository = change_settings(folder).repository
    place = None if repository is None else folder / repository
    return desk_of(folder, place, engine=engine, events=events, once=False)


def rollout_server(
    folder: Path, engine: Engine, desk: ChangeDesk, telemetry: Telemetry
) -> RolloutServer | None:
    """Return what looks after rollouts in `pawl up`; None where `[changes]` says nobody does."""
    from pawl.changes.executing import numbers
    from pawl.services.rollout_server import RolloutServer
    from pawl.store.records.timers import TimerRecords
    from pawl.world import clock
    from pawl.world.machine import machine_name

    settings = change_settings(folder)
    if not settings.rollouts or settings.repository is None:
        return None
    # Records of one machine have one server, which goes on at once after a crash. Of several on
    # shared records one looks.
    shared = bool(os.environ.get("PAWL_RECORDS_URL"))
    own = f"{machine_name()}:{folder.resolve()}"
    return RolloutServer(
        _rollouts(folder, engine, desk, telemetry, settings.repository),
        TimerRecords(engine),
        now=clock.now,
        holder=_holder() if shared else own,
        numbers=numbers(),
    )


@contextmanager
def _records(folder: Path) -> Iterator[RolloutRecords]:
    from pawl.app import records_engine
    from pawl.store.records.rollouts import RolloutRecords

    engine = records_engine(folder)
    try:
        yield RolloutRecords(engine)
    finally:
        engine.dispose()


def _rollouts(
    folder: Path,
    engine: Engine,
    desk: ChangeDesk,
    telemetry: Telemetry,
    repository: str | None,
) -> Rollouts:
    from pawl.app.change_sources import RepositorySources
    from pawl.changes.stage_metrics import stage_metrics
    from pawl.services.rollouts import Rollouts
    from pawl.store.records.rollouts import RolloutRecords
    from pawl.world.clock import now

    return Rollouts(
        desk,
        RolloutRecords(engine),
        _carrier(folder, engine, desk.get),
        executors(folder),
        telemetry,
        stage_metrics(),
        now=now,
        is_gone=_is_gone,
        # Without a name here components may be files of another repository than the one at hand.
        branch=None
        if repository is None
        else RepositorySources(folder / repository, once=False).files_there,
    )


def _carrier(folder: Path, engine: Engine, change: Callable[[str], Any]) -> Carrier:
    from pawl.changes.executing import numbers
    from pawl.services.carrying_out import Carrier
    from pawl.store.records.rollouts import RolloutRecords
    from pawl.world import clock

    return Carrier(
        RolloutRecords(engine),
        executors(folder),
        change,
        now=clock.now,
        chance=clock.chance,
        holder=_holder(),
        numbers=numbers(),
    )


def _holder() -> str:
    """Return what names this very process, for claims: where it runs, its number and start."""
    from pawl.world.process_table import processes

    me = processes().get(os.getpid())
    return f"{_space()}:{os.getpid()}:{me.start if me else ''}"


def _is_gone(holder: str) -> bool:
    """Say whether a holder was a process of this machine that lives no more."""
    from pawl.world.process_table import processes

    process, _, start = holder.rpartition(":")
    space, _, number = process.rpartition(":")
    if space != _space() or not number.isdigit() or not start:
        return False
    found = processes().get(int(number))
    return found is None or found.zombie or found.start != start


@cache
def _space() -> str:
    from pawl.world.machine import machine_name

    try:
        space = os.readlink("/proc/self/ns/pid")
    except OSError:
        space = "pid"
    return f"{machine_name()}:{space}"
