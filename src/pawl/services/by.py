"""Who gives a command, and how far that is to be believed.

By itself, so that what must answer at once imports nothing of what the commands are about.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

import msgspec

from pawl.base.errors import CannotTell, PawlError

Assurance = Literal["declared", "observed", "authenticated"]
"""How far a name is to be believed: typed by somebody, read from the machine, or proved."""


class By(msgspec.Struct, frozen=True, kw_only=True):
    """Who gives a command.

    `identity` is `provider:id`, such as `ssh:SHA256:…`, `github:583231`, `session:…`, `git:a@b`.
    `source` is where it comes from: `ssh-signature`, `session`, `token`, `git-config`, `pawl`.
    Only code of ours may write `pawl` there: it is Pawl itself, and counts as a service.
    """

    identity: str
    source: str
    assurance: Assurance


PAWL_ITSELF = By(identity="pawl", source="pawl", assurance="observed")
"""Pawl: time that ran out, a rollback that goes by itself, drift that was found."""


@contextmanager
def told(what: str) -> Iterator[None]:
    """Turn whatever cannot be read into that nobody can tell: it is no answer, and never a yes."""
    try:
        yield
    except CannotTell:
        raise
    except PawlError as error:
        raise CannotTell(
            f"{what} cannot be read: {error.message}", place=error.place, hint=error.hint
        ) from error
