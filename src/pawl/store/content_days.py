"""The files that texts are kept in: one SQLite database a day, in a folder of their own.

Several processes write: each opens the day's file for itself, and holds the folder's lock shared
while it writes or reads. Whoever deletes or forgets holds it alone. A file whose day may still be
written is emptied and never removed, because SQLite removes a log by its name: a process that
still held the removed file would take the log of its successor.
"""

import contextlib
import fcntl
import os
import re
import sqlite3
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

from pawl.base.errors import Unavailable
from pawl.store.records.connection import BUSY_TIMEOUT_MS
from pawl.store.records.sqlite import connect
from pawl.store.spool import sync_folder

FOLDER_NAME = "contents"
"""In the data folder; it is not there while nothing was ever kept."""
SHARED, ALONE = fcntl.LOCK_SH, fcntl.LOCK_EX
_LOCK = "lock"
_FILE = re.compile(r"(\d{4}-\d\d-\d\d)\.db(?:-wal|-shm|-journal)?", re.ASCII)
_SCHEMA = (
    """CREATE TABLE IF NOT EXISTS content (
        event_id TEXT NOT NULL,
        role TEXT NOT NULL,
        session_id TEXT,
        run_id TEXT,
        developer TEXT,
        time TEXT NOT NULL,
        characters INTEGER NOT NULL,
        text TEXT NOT NULL,
        PRIMARY KEY (event_id, role)
    )""",
    "CREATE INDEX IF NOT EXISTS content_session ON content (session_id, time)",
    "CREATE INDEX IF NOT EXISTS content_run ON content (run_id) WHERE session_id IS NULL",
)


class ContentsUnavailable(Unavailable):
    """Prompts and contents of tools could not be stored, read or deleted."""

    code = "contents-unavailable"


class DayFiles:
    """The folder. Days are ISO texts such as `2026-11-21`; each has one file, or none."""

    def __init__(self, data: Path) -> None:
        self.folder = data / FOLDER_NAME
        self.patience_ms = BUSY_TIMEOUT_MS
        """How long erasing waits for those who read."""

    def path(self, day: str) -> Path:
        """Return where a day's database is, or would be."""
        return self.folder / f"{day}.db"

    def days(self) -> list[str]:
        """Return the days that have a database, the oldest first."""
        return sorted(path.name[:10] for path in self._files() if path.suffix == ".db")

    def traces(self) -> set[str]:
        """Return the days of which anything is left: a log, too, when somebody died in between."""
        return {path.name[:10] for path in self._files()}

    def size(self) -> int:
        """Return the bytes of all of it."""
        size = 0
        for path in self._files():
            with contextlib.suppress(FileNotFoundError):
                size += path.stat().st_size
        return size

    def inode(self, day: str) -> int | None:
        """Return what tells a day's file from another one of that name; None without one."""
        try:
            return self.path(day).stat(follow_symlinks=False).st_ino
        except FileNotFoundError:
            return None

    @contextlib.contextmanager
    def held(self, how: int, *, make: bool = False) -> Iterator[None]:
        """Hold the folder's lock, SHARED or ALONE; where there is no folder there is none.

        With `make` the folder is made.
        """
        if make:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        elif not self.folder.is_dir():
            yield
            return
        flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
        lock = os.open(self.folder / _LOCK, flags, 0o600)
        try:
            fcntl.flock(lock, how)
            yield
        finally:
            os.close(lock)

    def open(self, day: str) -> sqlite3.Connection:
        """Return a connection to a day's database, which is made where there is none.

        What is deleted through it is overwritten with zeros.
        """
        self._make(day)
        connection = connect(self.path(day))
        try:
            connection.execute("PRAGMA secure_delete = ON")
            if not connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone():
                for statement in _SCHEMA:
                    connection.execute(statement)
        except BaseException:
            connection.close()
            raise
        return connection

    def erase(self, day: str, erase: Callable[[sqlite3.Connection], object]) -> None:
        """Delete rows so that their bytes are in no page, and in no log, any more.

        Raises ContentsUnavailable while another process reads.
        """
        connection = self.open(day)
        try:
            connection.execute(f"PRAGMA busy_timeout = {self.patience_ms}")
            connection.execute("BEGIN IMMEDIATE")
            erase(connection)
            connection.execute("COMMIT")
            connection.execute("VACUUM")
            busy, _, _ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        finally:
            connection.close()
        if busy:
            raise ContentsUnavailable(
                "another process reads what is to be erased.",
                place=str(self.folder),
                hint="End it, then do it again.",
            )

    def remove(self, day: str) -> None:
        """Remove a day's files; `sync` makes it durable."""
        for ending in ("", "-wal", "-shm", "-journal"):
            self.folder.joinpath(f"{day}.db{ending}").unlink(missing_ok=True)

    def sync(self) -> None:
        """Make what was made or removed durable."""
        sync_folder(self.folder)

    @contextlib.contextmanager
    def explained(self) -> Iterator[None]:
        """Turn errors of the disk and of SQLite into ContentsUnavailable."""
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            said = getattr(error, "strerror", None) or str(error)
            raise ContentsUnavailable(
                f"prompts and contents of tools are out of reach: {said}.",
                place=str(self.folder),
                hint="See that the disk has space and the folder is yours, then try again.",
            ) from error

    def _files(self) -> list[Path]:
        try:
            return [
                Path(entry.path)
                for entry in os.scandir(self.folder)
                if _FILE.fullmatch(entry.name) and entry.is_file(follow_symlinks=False)
            ]
        except FileNotFoundError:
            return []

    def _make(self, day: str) -> None:
        """Make a file that only its owner may read; SQLite gives its log the same mode."""
        try:
            flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW
            os.close(os.open(self.path(day), flags, 0o600))
        except FileExistsError:
            if not stat.S_ISREG(self.path(day).stat(follow_symlinks=False).st_mode):
                raise ContentsUnavailable(
                    "what is in the place of a day is no file of ours.",
                    place=str(self.path(day)),
                    hint="See who put it there, and take it away.",
                ) from None
            return
        sync_folder(self.folder)
        sync_folder(self.folder.parent)
