"""Wiring of links that lead to this server from outside."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from pawl.services.invitations import Invitations

FOLDER = "server"
"""In the data folder: the key of this server's links."""


def public_url(folder: Path) -> str:
    """Return where people reach this server from outside; empty where nobody said.

    Raises BadFile for an address that is none.
    """
    from urllib.parse import urlsplit

    from pawl.app.contents import machine_settings
    from pawl.base.errors import BadFile

    url = machine_settings(folder).server.public_url.strip().rstrip("/")
    parts = urlsplit(url)
    plain = parts.scheme in ("http", "https") and parts.hostname and not parts.query
    if url and (not plain or parts.username or parts.fragment or not url.isprintable()):
        raise BadFile(
            "no address of a server.",
            place=f"{folder / 'pawl.toml'}: server.public_url",
            hint="Write one such as https://pawl.example.org.",
        )
    return url


def public_host(folder: Path) -> str:
    """Return the name under which a proxy hands requests to this server; empty without one.

    An address of this machine itself is none. Raises BadFile as `public_url` does.
    """
    from urllib.parse import urlsplit

    name = urlsplit(public_url(folder)).hostname or ""
    here = name in ("localhost", "::1") or name.startswith("127.")
    return "" if here else name


def invitations(folder: Path) -> Invitations:
    """Return what makes and checks the links of this server; its key is made once."""
    from pawl.services.invitations import KEY_BYTES, Invitations, kept_key
    from pawl.world.data_files import DataFiles

    key = kept_key(DataFiles(folder / FOLDER), os.urandom(KEY_BYTES))
    return Invitations(key, public_url(folder))
