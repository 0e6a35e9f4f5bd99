"""Wiring for the cadence: a desk over the records, the clock, time zones and the outbox."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from datetime import tzinfo
    from pathlib import Path

    from pawl.base.finding import Finding
    from pawl.changes.policy import Policy
    from pawl.governance.cadence import Cadence
    from pawl.governance.roster import Roster
    from pawl.services.cadence import CadenceDesk
    from pawl.services.cadence_remote import RemoteCadence
    from pawl.services.cadence_server import CadenceServer
    from pawl.services.change_terms import By
    from pawl.services.incidents import IncidentDesk
    from pawl.services.routine_looks import Billing, Changes
    from pawl.store.records.connection import Engine

FILES = (".pawl/cadence.yaml", ".pawl/cadence.json")


class CadencePlace:
    """The cadence, policy and people of a repository; without one the cadence that we ship."""

    def __init__(self, folder: Path, place: Path | None, *, once: bool = True) -> None:
        from pawl.app.change_sources import NoRepository, RepositorySources

        self._repository = None if place is None else RepositorySources(place, once=once)
        self._nothing = NoRepository(folder)

    def cadence(self) -> Cadence:
        """Return the cadence as committed on the protected branch; raises BadFile, CannotTell."""
        from pawl.base.errors import BadFile
        from pawl.governance.cadence import load_cadence, shipped_cadence

        if self._repository is None:
            return shipped_cadence()
        texts = {name: self._repository.protected_file(name) for name in FILES}
        found = {name: text for name, text in texts.items() if text is not None}
        if not found:
            return shipped_cadence()
        if len(found) > 1:
            raise BadFile(
                "there is a second one.",
                place=FILES[1],
                hint="Leave one of cadence.yaml and .json.",
            )
        ((name, content),) = found.items()
        try:
            text = content.decode()
        except UnicodeDecodeError as error:
            raise BadFile("is no UTF-8 text.", place=name, hint="Save it as UTF-8.") from error
        cadence = load_cadence(text, place=name)
        zone_named(cadence.time_zone, place=name)
        return cadence

    def policy(self) -> Policy:
        """Return the policy in force; raises BadFile and CannotTell."""
        return (self._repository or self._nothing).policy("").policy

    def roster(self) -> Roster:
        """Return who is who; nobody where there is no repository. Raises BadFile, CannotTell."""
        from pawl.governance.roster import Roster

        return Roster() if self._repository is None else self._repository.roster()


def zone_named(name: str, *, place: str = "cadence") -> tzinfo:
    """Return a time zone of the IANA database; raises BadFile for a name that is none."""
    from zoneinfo import ZoneInfo

    from pawl.base.errors import BadFile

    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise BadFile(
            f"{name[:80]!r} is no time zone.", place=place, hint="Write one such as Europe/Berlin."
        ) from error


def cadence_desk(
    folder: Path,
    place: Path | None,
    *,
    engine: Engine | None = None,
    changes: Changes | None = None,
    incidents: IncidentDesk | None = None,
    bill: Billing | None = None,
    once: bool = True,
) -> CadenceDesk:
    """Return the desk of a data folder, for the repository that holds a place.

    Without a place the shipped cadence is kept. `engine` is the records that somebody has open, who
    closes them; else close the desk after use. `changes`, `incidents` and `bill` are what its
    numbers are read from besides.
    """
    from pawl.alerts.budget_numbers import numbers
    from pawl.app import records_engine
    from pawl.app.budgets import budget_mailing
    from pawl.services.cadence import CadenceDesk
    from pawl.services.cadence_reading import shipped_numbers
    from pawl.services.routine_looks import Looks
    from pawl.store.records.cadence import CadenceRecords
    from pawl.world.clock import now

    own = records_engine(folder) if engine is None else engine
    sources = CadencePlace(folder, place, once=once)
    return CadenceDesk(
        CadenceRecords(own),
        sources,
        Looks(own, sources, numbers(), changes=changes, incidents=incidents, bill=bill),
        now=now,
        zones=zone_named,
        numbers=shipped_numbers,
        mailing=lambda: budget_mailing(folder),
    )


def served_cadence(
    folder: Path, engine: Engine, changes: Changes | None, bill: Billing | None
) -> CadenceServer:
    """Return the cadence of a server, for the repository that `[changes]` names."""
    from pawl.app.incidents import incident_desk
    from pawl.app.rollouts import change_settings
    from pawl.services.cadence_server import CadenceServer
    from pawl.store.records.timers import TimerRecords
    from pawl.world import clock
    from pawl.world.machine import machine_name

    repository = change_settings(folder).repository
    place = None if repository is None else folder / repository
    desk = cadence_desk(
        folder,
        place,
        engine=engine,
        changes=changes,
        incidents=incident_desk(folder, place, engine=engine, once=False),
        bill=bill,
        once=False,
    )
    holder = f"{machine_name()}:{folder.resolve()}"
    return CadenceServer(desk, TimerRecords(engine), now=clock.now, holder=holder)


def cadence_findings(folder: Path, now: str, *, served: bool) -> list[Finding]:
    """Return what `pawl doctor` says of the cadence's clock; nothing where it never ticked.

    `served` says that a server runs on this folder.
    """
    from pawl.base.errors import PawlError
    from pawl.services import cadence_server
    from pawl.store.records import FILE_NAME
    from pawl.store.records.engine import open_records
    from pawl.store.records.timers import TimerRecords

    url = os.environ.get("PAWL_RECORDS_URL")
    if not url and not (folder / FILE_NAME).exists():
        return []
    try:
        engine = open_records(folder, url)
        try:
            beat = TimerRecords(engine).heartbeats().get(cadence_server.TIMER)
        finally:
            engine.dispose()
    except PawlError as error:
        return list(cadence_server.cadence_findings(None, now, why=str(error)))
    return list(cadence_server.cadence_findings(beat, now, served=served))


class Here(NamedTuple):
    """A desk and who commands here; a team's server, where one is named."""

    desk: CadenceDesk | RemoteCadence
    by: By


def here(data: str | None, *, command: bool = False) -> Here:
    """Return the desk that commands go to: a team's server where one is named, else our own.

    With `command` somebody must be known who gives it: raises BadValue where git knows no address.
    """
    from pathlib import Path

    from pawl.app import data_folder, records_engine
    from pawl.app.change_commands import local_by
    from pawl.app.changing import desk_of
    from pawl.app.incidents import incident_desk
    from pawl.services.change_terms import By
    from pawl.world.git import git_place

    url = os.environ.get("PAWL_SERVER")
    if url:
        from pawl.services.cadence_remote import RemoteCadence
        from pawl.world.clock import new_uuid
        from pawl.world.server_client import ServerClient

        client = ServerClient(url, os.environ.get("PAWL_TOKEN") or None)
        by = By(identity="session:", source="token", assurance="authenticated")
        return Here(RemoteCadence(client, new_uuid), by)
    folder, cwd = data_folder(data), Path.cwd()
    place = cwd if git_place(cwd) is not None else None
    engine = records_engine(folder)
    try:
        by = local_by(cwd, required=command)
        desk = cadence_desk(
            folder,
            place,
            engine=engine,
            changes=None if place is None else desk_of(folder, place, engine=engine),
            incidents=incident_desk(folder, place, engine=engine),
        )
    except BaseException:
        engine.dispose()
        raise
    return Here(desk, by)
