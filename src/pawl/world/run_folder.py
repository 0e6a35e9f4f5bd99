"""The folder of a run that is supervised: a mark of life that a crash cannot forge.

`runs/<run id>/lock` is held (flock) by the supervisor. A folder whose lock is free belongs to a
supervisor that died before it could put its run in order; whoever finds it does that instead.
"""

import fcntl
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from pawl.base.errors import Unavailable

_LOCK, _SPEC, _RECORD = "lock", "spec.json", "record.json"
_DRAFT_LIFETIME_S = 3600
_MAX_BYTES = 16 * 1024 * 1024


class RunFolder:
    """One run's folder, locked. Made under another name and renamed, so that nobody ever sees
    it without its lock held."""

    def __init__(self, path: Path, lock: int) -> None:
        self.path = path
        self._lock = lock

    @property
    def lock_path(self) -> str:
        """The file whose lock says that the supervisor lives."""
        return str(self.path / _LOCK)

    def keep_record(self, record: bytes) -> None:
        """Keep the finished record until the ledger has it; durable on return."""
        draft = self.path / f"{_RECORD}.new"
        fd = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        try:
            with open(fd, "wb", closefd=False) as file:
                file.write(record)
            os.fsync(fd)
        finally:
            os.close(fd)
        os.replace(draft, self.path / _RECORD)

    def remove(self) -> None:
        """The run is in order: remove its folder and let go of the lock."""
        shutil.rmtree(self.path, ignore_errors=True)
        self.release()

    def release(self) -> None:
        """Let go of the lock and leave the folder for a later start to put in order."""
        os.close(self._lock)


class Abandoned(NamedTuple):
    """A folder of a dead supervisor, locked by us now. `record` is there when it had ended."""

    run_id: str
    spec: bytes | None
    record: bytes | None
    folder: RunFolder


def make_run_folder(data: Path, run_id: str, spec: bytes) -> RunFolder:
    """Make and lock the folder of a run; raises Unavailable when the disk refuses."""
    runs = data / "runs"
    draft, path = runs / f".{run_id}", runs / run_id
    try:
        runs.mkdir(parents=True, exist_ok=True)
        draft.mkdir(mode=0o700)
        lock = os.open(draft / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        fcntl.flock(lock, fcntl.LOCK_EX)
        (draft / _SPEC).write_bytes(spec)
        draft.rename(path)
    except OSError as error:
        raise Unavailable(
            f"the run's folder cannot be made: {error.strerror or error}.",
            place=str(path),
            hint="See that the data folder is writable and has room, or name another: --data.",
        ) from error
    return RunFolder(path, lock)


@contextmanager
def ordering(data: Path) -> Iterator[None]:
    """Hold the right to put dead runs in order; waits for whoever is doing it.

    Whoever gets it finds every run that was dead before either in order or still to be taken.
    """
    data.mkdir(parents=True, exist_ok=True)
    fd = os.open(data / "runs.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX)
        yield
    finally:
        os.close(fd)


def abandoned_runs(data: Path) -> list[Abandoned]:
    """Return the folders whose supervisors are dead, each locked for us alone."""
    try:
        names = sorted(os.listdir(data / "runs"))
    except OSError:
        return []
    found = []
    for name in names:
        path = data / "runs" / name
        if name.startswith("."):
            _clear_away(path)
        elif (one := _take(path)) is not None:
            found.append(one)
    return found


def _clear_away(draft: Path) -> None:
    """Remove a folder that was never finished; a fresh one is about to get its name."""
    try:
        if time.time() - draft.stat().st_mtime > _DRAFT_LIFETIME_S:
            shutil.rmtree(draft, ignore_errors=True)
    except OSError:
        pass  # It got its name just now.


def _take(path: Path) -> Abandoned | None:
    try:
        lock = os.open(path / _LOCK, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
    except OSError:
        return None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(lock)
        return None
    if not (path / _LOCK).exists():  # Its owner put it in order and removed it just now.
        os.close(lock)
        return None
    folder = RunFolder(path, lock)
    return Abandoned(path.name, _read(path / _SPEC), _read(path / _RECORD), folder)


def _read(path: Path) -> bytes | None:
    try:
        with open(path, "rb") as file:
            return file.read(_MAX_BYTES)
    except OSError:
        return None
