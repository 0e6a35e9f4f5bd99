"""Records in SQLite: one file in the data folder.

The driver is spoken to as it is. SQLAlchemy takes longer to import than everything an assessment
asks of its records; it is needed only to migrate tables that an earlier Pawl has made.

SQLite runs in WAL mode with `synchronous=FULL`, so a transaction that returned is on disk, and
every writing transaction begins IMMEDIATE: a transaction that starts by reading and then wants
to write is refused at once when others write, whatever its patience.
"""

import sqlite3
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

from pawl.store.records import FILE_NAME
from pawl.store.records.connection import (
    BUSY_TIMEOUT_MS,
    MAKING_TIMEOUT_MS,
    Connection,
    RecordsUnavailable,
    Row,
    explained,
)

_KEPT_OPEN = 5
"""Connections that are not closed after use: about as many as threads of a server ask at once."""
_ROWS_AT_ONCE = 500
_SCHEMA = Path(__file__).with_name("schema.sql")


class SqliteEngine:
    """The records of one data folder, which is made where there is none."""

    def __init__(self, folder: Path) -> None:
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise RecordsUnavailable(
                f"the data folder cannot be made: {error.strerror}.",
                place=str(folder),
                hint="Name a writable one with --data or PAWL_DATA.",
            ) from error
        self._path = folder / FILE_NAME
        self.place = str(self._path)
        self._idle: list[sqlite3.Connection] = []

    @contextmanager
    def transaction(
        self, *, writes: bool, patience_ms: int = BUSY_TIMEOUT_MS
    ) -> Iterator[Connection]:
        """Begin a transaction; commits unless it raises."""
        idle = self._idle
        with explained(self.place, sqlite3.Error, patience_ms=patience_ms):
            try:
                connection = idle.pop()
            except IndexError:
                connection = connect(self._path)
            try:
                connection.execute(f"PRAGMA busy_timeout = {patience_ms}")
                connection.execute("BEGIN IMMEDIATE" if writes else "BEGIN")
                yield _Sqlite(connection)
                connection.commit()
            except BaseException:
                connection.close()  # Which rolls back.
                raise
        if idle is self._idle and len(idle) < _KEPT_OPEN:
            idle.append(connection)
        else:
            connection.close()

    def create(self) -> bool:
        """Make the tables as the newest migration leaves them, where there are none."""
        with self.transaction(writes=True, patience_ms=MAKING_TIMEOUT_MS) as connection:
            # Another process may have made them while this one waited for the lock.
            if not connection.has_table("alembic_version"):
                for statement in _SCHEMA.read_text().split(";\n"):
                    connection.execute(statement)
        return True

    def migrate(self) -> None:
        """Bring the tables that an earlier Pawl has made to the newest version."""
        from pawl.store.records.migrating import upgrade_sqlite

        upgrade_sqlite(lambda: connect(self._path), self.place)

    def scrub(self) -> None:
        """Write the file anew: replaced text stays in free pages and in the log else."""
        with explained(self.place, sqlite3.Error):
            connection = connect(self._path)
            try:
                connection.execute("VACUUM")
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            finally:
                connection.close()

    def dispose(self) -> None:
        """Close what is open; a connection in use is closed after it."""
        idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()


def connect(path: Path) -> sqlite3.Connection:
    """Return a connection that begins no transaction of its own."""
    connection = sqlite3.connect(
        path, timeout=BUSY_TIMEOUT_MS / 1000, isolation_level=None, check_same_thread=False
    )
    try:
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        _into_wal(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _into_wal(connection: sqlite3.Connection) -> None:
    """Turn on WAL, which SQLite refuses without waiting while another process does the same."""
    deadline = time.monotonic() + BUSY_TIMEOUT_MS / 1000
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise
            time.sleep(0.01)


class _Sqlite:
    """A transaction of SQLite."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def execute(self, statement: str, values: Mapping[str, Any] | None = None) -> list[Row]:
        """Execute a statement and return its rows."""
        cursor = self._connection.execute(statement, values or {})
        columns = [column[0] for column in cursor.description or ()]
        return [dict(zip(columns, row, strict=True)) for row in cursor]

    def columns(
        self, statement: str, values: Mapping[str, Any] | None = None
    ) -> Iterator[Sequence[Any]]:
        """Execute a statement and yield its rows as bare values.

        Text that is not UTF-8, which only somebody who altered the file can have put there, comes
        out with its bytes as half characters: the chain's check gets to see it.
        """
        yielded = 0
        try:
            for row in self._rows(statement, values):
                yield row
                yielded += 1
        except sqlite3.OperationalError as error:
            if "decode" not in str(error):
                raise
            self._connection.text_factory = _decoded
            try:
                yield from islice(self._rows(statement, values), yielded, None)
            finally:
                self._connection.text_factory = str

    def _rows(self, statement: str, values: Mapping[str, Any] | None) -> Iterator[Sequence[Any]]:
        cursor = self._connection.execute(statement, values or {})
        while rows := cursor.fetchmany(_ROWS_AT_ONCE):
            yield from rows

    def execute_many(self, statement: str, rows: Sequence[Mapping[str, Any]]) -> None:
        """Execute a statement once for each row of values."""
        self._connection.executemany(statement, rows)

    def has_table(self, name: str) -> bool:
        """Say whether there is a table of that name."""
        found = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = :name"
        return bool(self.execute(found, {"name": name}))


def _decoded(text: bytes) -> str:
    return text.decode("utf-8", "surrogateescape")
