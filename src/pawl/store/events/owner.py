"""One owner at a time: the lock that stands before the embedded engine's own.

The engine admits one process and tells the next one so in its own words. This lock is taken
first, so what a user reads names the owner and where it answers instead.
"""

import fcntl
import os
from pathlib import Path

import msgspec

from pawl.base import typed
from pawl.base.errors import Unavailable

LOCK_NAME = "events.lock"


class StoreBusy(Unavailable):
    """Another process owns the events store. `pid` and `url` are the owner's, where known."""

    code = "events-store-busy"

    def __init__(self, place: str, pid: int | None, url: str | None) -> None:
        who = "another process" if pid is None else f"process {pid}"
        where = f" and answers at {url}" if url else ""
        remedy = f"Ask the server at {url}" if url else "Wait until it ends"
        super().__init__(
            f"{who} owns the events store{where}.",
            place=place,
            hint=f"{remedy}, or end that process.",
        )
        self.pid = pid
        self.url = url


class Owner(msgspec.Struct, frozen=True):
    """Who holds the lock, as written in the lock file. `url` where it answers over HTTP."""

    pid: int
    url: str | None = None


class OwnerLock:
    """The lock on one data folder, held until `release` or the end of the process.

    Raises StoreBusy when another process holds it.
    """

    def __init__(self, folder: Path, url: str | None = None) -> None:
        path = folder / LOCK_NAME
        self._fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            owner = _read(self._fd)
            os.close(self._fd)
            known = (None, None) if owner is None else (owner.pid, owner.url)
            raise StoreBusy(str(path), *known) from None
        self.announce(url)

    def announce(self, url: str | None) -> None:
        """Write into the lock file who holds it and where it answers."""
        text = msgspec.json.encode(Owner(os.getpid(), url))
        os.ftruncate(self._fd, 0)
        os.pwrite(self._fd, text, 0)

    def release(self) -> None:
        """Let go. The file stays: removing it would let two owners lock two files."""
        if self._fd >= 0:
            os.ftruncate(self._fd, 0)
            os.close(self._fd)
            self._fd = -1


def owner(folder: Path) -> Owner | None:
    """Return who owns the events store of a data folder now, or None when nobody does."""
    try:
        fd = os.open(folder / LOCK_NAME, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return _read(fd) or Owner(0)
    finally:
        os.close(fd)
    return None


def _read(fd: int) -> Owner | None:
    try:
        return typed.decode(os.pread(fd, 4096, 0), type=Owner)
    except msgspec.DecodeError:
        return None
