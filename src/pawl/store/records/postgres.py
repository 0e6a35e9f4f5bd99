"""Records in PostgreSQL, where PAWL_RECORDS_URL names one.

Writers take one advisory lock, because each ledger entry names the one before it.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import sqlalchemy
from sqlalchemy import create_engine, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError

from pawl.base.errors import BadValue
from pawl.store.records.connection import (
    BUSY_TIMEOUT_MS,
    MAKING_TIMEOUT_MS,
    Connection,
    Row,
    explained,
)

_ROWS_AT_ONCE = 500
_CHAIN_LOCK = 0x7061776C  # "pawl"; the advisory lock's number, the same for every writer.


class PostgresEngine:
    """The records of one database; raises BadValue for a URL of something else."""

    def __init__(self, url: str) -> None:
        try:
            parsed = make_url(url)
        except ArgumentError as error:
            raise _not_a_url() from error
        if parsed.get_backend_name() not in ("postgresql", "postgres"):
            raise _not_a_url()
        parsed = parsed.set(drivername="postgresql+psycopg")
        self.place = parsed.render_as_string(hide_password=True)
        self._engine = create_engine(parsed, connect_args={"connect_timeout": 10})

    @contextmanager
    def transaction(
        self, *, writes: bool, patience_ms: int = BUSY_TIMEOUT_MS
    ) -> Iterator[Connection]:
        """Begin a transaction; one that only reads has a single consistent view."""
        with self._begun(writes=writes, patience_ms=patience_ms) as connection:
            yield _Postgres(connection)

    def create(self) -> bool:
        """Make nothing: the migrations make the tables of a server."""
        return False

    def migrate(self) -> None:
        """Bring the tables to the newest version."""
        from pawl.store.records.migrating import upgrade

        with self._begun(writes=True, patience_ms=MAKING_TIMEOUT_MS) as connection:
            upgrade(connection)

    def scrub(self) -> None:
        """Do nothing: the server's own vacuum takes replaced rows away, in its own time."""

    def dispose(self) -> None:
        """Close what is open."""
        self._engine.dispose()

    @contextmanager
    def _begun(self, *, writes: bool, patience_ms: int) -> Iterator[sqlalchemy.Connection]:
        told = explained(self.place, DBAPIError, patience_ms=patience_ms)
        with told, self._engine.connect() as connection:
            if not writes:
                connection = connection.execution_options(isolation_level="REPEATABLE READ")
            with connection.begin():
                if writes:
                    connection.execute(text(f"SET LOCAL lock_timeout = {patience_ms}"))
                    lock = text("SELECT pg_advisory_xact_lock(:lock)")
                    connection.execute(lock, {"lock": _CHAIN_LOCK})
                yield connection


class _Postgres:
    """A transaction of PostgreSQL."""

    def __init__(self, connection: sqlalchemy.Connection) -> None:
        self._connection = connection

    def execute(self, statement: str, values: Mapping[str, Any] | None = None) -> list[Row]:
        """Execute a statement and return its rows."""
        result = self._connection.execute(text(statement), _asked(statement, values))
        return [dict(row) for row in result.mappings()] if result.returns_rows else []

    def columns(
        self, statement: str, values: Mapping[str, Any] | None = None
    ) -> Iterator[Sequence[Any]]:
        """Execute a statement and yield its rows as bare values, through a cursor of the server."""
        streamed = text(statement).execution_options(stream_results=True, yield_per=_ROWS_AT_ONCE)
        with self._connection.execute(streamed, _asked(statement, values)) as result:
            yield from map(tuple, result)

    def execute_many(self, statement: str, rows: Sequence[Mapping[str, Any]]) -> None:
        """Execute a statement once for each row of values."""
        self._connection.execute(text(statement), rows)

    def has_table(self, name: str) -> bool:
        """Say whether there is a table of that name."""
        return sqlalchemy.inspect(self._connection).has_table(name)


def _asked(statement: str, values: Mapping[str, Any] | None) -> Mapping[str, Any]:
    """Return the values of a statement; a question for what holds a NUL finds nothing.

    No text of PostgreSQL holds one, and it would take the question for a failure. What is written
    is not touched: there a NUL is a defect of whoever writes.
    """
    if values is None:
        return {}
    if statement.lstrip()[:6].upper() != "SELECT":
        return values
    return {
        name: value.replace("\x00", "\ufffd") if isinstance(value, str) else value
        for name, value in values.items()
    }


def _not_a_url() -> BadValue:
    return BadValue(
        "the records' URL is not one of PostgreSQL.",
        place="PAWL_RECORDS_URL",
        hint="Write one such as postgresql://user:password@host/database.",
    )
