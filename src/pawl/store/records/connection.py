"""What the records ask of a database: statements inside a transaction, the same on both engines.

Statements are text that SQLite and PostgreSQL read alike; `:name` stands for a value.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Protocol

from pawl.base.errors import Unavailable

BUSY_TIMEOUT_MS = 10_000
MAKING_TIMEOUT_MS = 120_000
"""Many that start at once on new records wait for the one of them that makes the tables."""

Row = dict[str, Any]
"""A row's values by column."""


class RecordsUnavailable(Unavailable):
    """The records cannot be opened, read or written."""

    code = "records-unavailable"


class RecordsBusy(RecordsUnavailable):
    """Another process held the records for longer than the timeout."""

    code = "records-busy"


class Connection(Protocol):
    """One transaction."""

    def execute(self, statement: str, values: Mapping[str, Any] | None = None) -> list[Row]:
        """Execute a statement and return its rows, none for one that returns none."""

    def columns(
        self, statement: str, values: Mapping[str, Any] | None = None
    ) -> Iterator[Sequence[Any]]:
        """Execute a statement and yield its rows as bare values, in the columns' order.

        For long answers: a few hundred rows are in memory at once.
        """

    def execute_many(self, statement: str, rows: Sequence[Mapping[str, Any]]) -> None:
        """Execute a statement once for each row of values."""

    def has_table(self, name: str) -> bool:
        """Say whether there is a table of that name."""


class Engine(Protocol):
    """A database with records, for any number of threads. `place` names it without secrets."""

    place: str

    def transaction(
        self, *, writes: bool, patience_ms: int = BUSY_TIMEOUT_MS
    ) -> AbstractContextManager[Connection]:
        """Begin a transaction; commits unless it raises. Only one that writes runs at a time.

        One that writes waits `patience_ms` for the others.
        """

    def create(self) -> bool:
        """Make the tables where there are none; False where only a migration can."""

    def migrate(self) -> None:
        """Bring the tables to the newest version."""

    def scrub(self) -> None:
        """Leave no trace of text that was replaced, as far as the database lets us."""

    def dispose(self) -> None:
        """Close what is open; the engine can be used again."""


def insert(connection: Connection, table: str, *rows: Row) -> None:
    """Insert rows, which all have the columns of the first."""
    columns = ", ".join(f'"{name}"' for name in rows[0])
    values = ", ".join(f":{name}" for name in rows[0])
    # Names are our own; only values come from outside, and they are bound.
    statement = f"INSERT INTO {table} ({columns}) VALUES ({values})"  # noqa: S608
    connection.execute_many(statement, rows)


def update(connection: Connection, table: str, key: str, row: Row) -> None:
    """Set a row's columns where `key`, which is one of them, has its value."""
    changed = ", ".join(f'"{name}" = :{name}' for name in row)
    statement = f'UPDATE {table} SET {changed} WHERE "{key}" = :{key}'  # noqa: S608
    connection.execute(statement, row)


@contextmanager
def explained(
    place: str, *kinds: type[Exception], patience_ms: int = BUSY_TIMEOUT_MS
) -> Iterator[None]:
    """Turn a driver's errors of some kinds into ours, which say what to do."""
    try:
        yield
    except kinds as error:
        said = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
        if "locked" in said or "lock timeout" in said:
            raise RecordsBusy(
                f"another process held the records for {patience_ms // 1000} s.",
                place=place,
                hint="Try again; if it lasts, see which pawl processes run.",
            ) from error
        raise RecordsUnavailable(
            f"the records do not answer: {said}.",
            place=place,
            hint="See that the disk has space and the database is up, then try again.",
        ) from error
