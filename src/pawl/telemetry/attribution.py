"""Whose work it was, from what a transcript's working directory tells. Pure: texts in, names out.

A directory that is still there answers for itself (its repository has a name and a remote); one
that is gone, or was on another machine, has only the last part of its path.
"""

import re

import msgspec

MAX_NAME = 200
"""Characters of a project's name; longer ones come from hostile paths and are cut."""


class Workplace(msgspec.Struct, frozen=True):
    """What a working directory belongs to; None is unknown."""

    project: str | None = None
    repo: str | None = None


def workplace(directory: str, top: str | None, origin: str | None) -> Workplace:
    """Return what a directory belongs to.

    `top` is the top level of the git working tree that holds it, None where there is none;
    `origin` is its remote without credentials, such as `github.com/acme/shop`. A path on this
    machine is nobody's shared name and is left out.
    """
    shared = origin if origin is not None and not origin.startswith(("/", ".", "~")) else None
    return Workplace(project_of(directory if top is None else top), shared)


def project_of(directory: str) -> str | None:
    """Return the last part of a directory's path, of either kind of system; None for a root."""
    name = re.split(r"[/\\]", directory.rstrip("/\\"))[-1].strip()
    return None if not name or name.endswith(":") else name[:MAX_NAME]
