"""Declare an incident whatever happens: kept in a file first, then told, then sent until it is.

What is kept has the key under which it is told, so that telling it again makes nothing twice:
whether the answer was lost, or the process was killed between any two steps.
"""

from collections.abc import Callable
from typing import Literal, Protocol

import msgspec

from pawl.base import typed
from pawl.base.errors import PawlError, Unavailable
from pawl.incidents.declaring import Said
from pawl.incidents.event import Refusal
from pawl.services.change_terms import By
from pawl.services.incident_terms import Declared


class Declaring(Protocol):
    """A desk as far as declaring goes."""

    def declare(self, said: Said, by: By, *, key: str = "") -> Declared | Refusal:
        """Declare an incident; told twice under one key it happens once."""


class Files(Protocol):
    """Where declarations are kept until they are told."""

    def keep(self, name: str, content: bytes) -> str:
        """Keep a file, and return where; raises Unavailable."""

    def waiting(self) -> tuple[str, ...]:
        """Return where files are kept, the oldest first."""

    def read(self, path: str) -> bytes | None:
        """Return what a file holds; None for one that cannot be read."""

    def drop(self, path: str) -> None:
        """Take a file away."""


class Kept(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A declaration as it is kept. `server` is whom it is for; empty is this machine's records.

    `by` is an identity that git knows. A server goes by the token with which it is told.
    """

    schema: Literal["pawl.kept-declaration/1"] = "pawl.kept-declaration/1"
    key: str
    kept_at: str
    server: str
    by: str
    said: Said


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a declaration: it was taken, or refused, or `why` says what went wrong.

    `place` is where it is kept; empty where it need not be any more. With `lost` it could be kept
    nowhere, and `lost` says why.
    """

    kept: Kept
    declared: Declared | None = None
    refusal: Refusal | None = None
    why: str = ""
    place: str = ""
    lost: str = ""


class Sent(msgspec.Struct, frozen=True, kw_only=True):
    """What became of declarations that waited. `elsewhere` are for another server than this one.

    `troubles` are of those that still wait here: where each is kept, and why.
    """

    sent: tuple[Declared, ...] = ()
    troubles: tuple[tuple[str, str], ...] = ()
    elsewhere: int = 0


def declare(desk: Callable[[], Declaring], files: Files, kept: Kept) -> Outcome:
    """Keep a declaration, tell it, and let go of the file once it was taken; never raises.

    `desk` opens the desk, and may fail in any way.
    """
    place = lost = ""
    try:
        place = files.keep(_name(kept), msgspec.json.encode(kept))
    except PawlError as error:
        lost = error.message
    try:
        told = desk().declare(kept.said, by_of(kept), key=kept.key)
    except PawlError as error:
        return Outcome(kept=kept, why=str(error), place=place, lost=lost)
    except Exception as defect:
        # A defect of ours must not keep anybody from declaring; it is told, and the file is there.
        return Outcome(
            kept=kept, why=f"{type(defect).__name__}: {defect}"[:500], place=place, lost=lost
        )
    if isinstance(told, Refusal):
        return Outcome(kept=kept, refusal=told, place=place, lost=lost)
    _let_go(files, place)
    return Outcome(kept=kept, declared=told)


def send(desk: Declaring, files: Files, server: str) -> Sent:
    """Tell what was kept for a server, or for this machine's records where it is empty.

    After one that the server does not answer to the others wait as well.
    """
    sent: list[Declared] = []
    troubles: list[tuple[str, str]] = []
    elsewhere = 0
    silent = ""
    for place in files.waiting():
        kept = _read(files.read(place))
        if kept is None:
            troubles.append((place, "It does not read; look at it, and take it away."))
        elif kept.server.rstrip("/") != server.rstrip("/"):
            elsewhere += 1
        elif silent:
            troubles.append((place, silent))
        else:
            try:
                told = desk.declare(kept.said, by_of(kept), key=kept.key)
            except Unavailable as error:
                silent = str(error)
                troubles.append((place, silent))
            except PawlError as error:
                troubles.append((place, str(error)))
            else:
                if isinstance(told, Refusal):
                    troubles.append((place, " ".join(told.reasons)))
                else:
                    _let_go(files, place)
                    sent.append(told)
    return Sent(sent=tuple(sent), troubles=tuple(troubles), elsewhere=elsewhere)


def by_of(kept: Kept) -> By:
    """Return who declared: a name that git knows, whatever a file says of itself."""
    identity = kept.by if kept.by.startswith("git:") else "git:nobody"
    return By(identity=identity, source="git-config", assurance="declared")


def _name(kept: Kept) -> str:
    return f"{kept.key}.json"


def _let_go(files: Files, place: str) -> None:
    """Take the file of a told declaration away; where that fails it is told again, to no effect."""
    if place:
        try:
            files.drop(place)
        except OSError:
            return


def _read(content: bytes | None) -> Kept | None:
    if content is None:
        return None
    try:
        return typed.decode(content, type=Kept)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
