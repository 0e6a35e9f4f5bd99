"""Wiring for changes that a team's server looks after."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pawl.services.changes import ChangeDesk


def remote_desk() -> ChangeDesk | None:
    """Return the desk of the server that PAWL_SERVER names, or None where it names none.

    It is asked with the token in PAWL_TOKEN, which says there who gives the commands.
    """
    url = os.environ.get("PAWL_SERVER")
    if not url:
        return None
    from pawl.services.change_remote import RemoteChangeDesk
    from pawl.world.clock import new_uuid
    from pawl.world.server_client import ServerClient

    client = ServerClient(url, os.environ.get("PAWL_TOKEN") or None)
    return RemoteChangeDesk(client, new_uuid)
