"""Wiring of the commands about incidents: whose desk, who asks, and declarations that are kept."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from pawl.incidents.declaring import Said
    from pawl.services.change_terms import By
    from pawl.services.declaring import Outcome, Sent
    from pawl.services.incidents import IncidentDesk
    from pawl.world.kept_files import KeptFiles

LOOK_S, DECLARE_S = 20.0, 5.0
"""Seconds that a server may take; a declaration is kept, and need not wait for long."""


class Here(NamedTuple):
    """A desk, who commands here, and where; `server` is a team's, empty for this machine."""

    desk: IncidentDesk
    by: By
    folder: Path
    server: str


def here(data: str | None, *, command: bool = True) -> Here:
    """Return the desk that commands go to: a team's server where one is named, else our own.

    With `command` somebody must be known who gives it: raises BadValue where git knows no address.
    """
    from pawl.app import data_folder

    folder, server = data_folder(data), os.environ.get("PAWL_SERVER", "")
    return Here(_desk(folder, server, LOOK_S), _by(server, required=command), folder, server)


def declare_here(data: str | None, said: Said) -> tuple[Outcome, bool]:
    """Declare an incident, here or on a team's server; it is kept in a file first. Never raises.

    What it says of its time is when it was said, so that it can be sent later as it is. Return
    besides whether nothing on this machine looks at the clock, so that nobody is paged.
    """
    from msgspec.structs import replace

    from pawl.services.declaring import Kept, declare
    from pawl.world.clock import new_id, now

    folder, server = _folder(data), os.environ.get("PAWL_SERVER", "")
    moment = now()
    kept = Kept(
        key=new_id("declared"),
        kept_at=moment,
        server=server,
        by=_git_identity(),
        said=replace(said, declared_at=moment),
    )
    desks: list[IncidentDesk] = []

    def desk() -> IncidentDesk:
        if folder is None and not server:
            raise OSError("The data folder has no name that means anything.")
        desks.append(_desk(folder or Path(), server, DECLARE_S))
        return desks[0]

    outcome = declare(desk, kept_files(folder), kept)
    stands = outcome.declared is not None and not server and _stands(desks[0])
    for each in desks:
        each.close_desk()
    return outcome, stands


def send_kept(found: Here) -> Sent:
    """Send what was kept for the desk that commands go to."""
    from pawl.services.declaring import Sent, send

    files = kept_files(found.folder)
    if not files.waiting():
        return Sent()
    return send(found.desk, files, found.server)


def kept_files(folder: Path | None) -> KeptFiles:
    """Return the files of declarations of a data folder; without one those beside it."""
    from pawl.world.kept_files import KeptFiles, kept_folders

    return KeptFiles(kept_folders(folder))


def _desk(folder: Path, server: str, patience_s: float) -> IncidentDesk:
    if not server:
        from pawl.app.incidents import incident_desk

        return incident_desk(folder, _place())
    from pawl.services.incident_remote import RemoteIncidentDesk
    from pawl.world.clock import new_uuid
    from pawl.world.server_client import ServerClient

    token = os.environ.get("PAWL_TOKEN") or None
    return RemoteIncidentDesk(ServerClient(server, token, timeout_s=patience_s), new_uuid)


def _by(server: str, *, required: bool) -> By:
    from pawl.base.errors import BadValue
    from pawl.services.change_terms import By

    if server:
        # The server knows whose token it is; what we say of ourselves does not count there.
        return By(identity="session:", source="token", assurance="authenticated")
    identity = _git_identity()
    if identity == NOBODY and required:
        raise BadValue(
            "git knows no address of yours, so nobody could be named who gave this command.",
            place="user.email",
            hint="Set it with `git config user.email`, or name a server with PAWL_SERVER.",
        )
    return By(identity=identity, source="git-config", assurance="declared")


NOBODY = "git:nobody"


def _git_identity() -> str:
    from pawl.world.git_identity import git_address

    address = git_address(_place() or Path("/"), os.environ)
    return f"git:{address}" if address else NOBODY


def _place() -> Path | None:
    """Return where we are; None where that folder is gone."""
    try:
        return Path.cwd()
    except OSError:
        return None


def _folder(data: str | None) -> Path | None:
    from pawl.app import data_folder

    try:
        return data_folder(data)
    except (OSError, RuntimeError, ValueError):  # `~` of nobody, or what no path can hold.
        return None


def _stands(desk: IncidentDesk) -> bool:
    from pawl.app import now
    from pawl.base.errors import PawlError

    try:
        return clock_stands(desk.last_tick(), now())
    except PawlError:
        return False


def clock_stands(last: str | None, now: str) -> bool:
    """Say whether the clock was last looked at so long ago that nothing looks at it."""
    from pawl.incidents.terms import shipped_terms
    from pawl.incidents.timer_audit import ticker_is_dead

    # One look may be as late as a timer may be, and the next is then still to come.
    return ticker_is_dead(last, now, 2 * shipped_terms().timer_grace_s)
