"""Opening the records: SQLite in the data folder, or PostgreSQL where a URL names one."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pawl.store.records.connection import (
    BUSY_TIMEOUT_MS,
    Connection,
    Engine,
    RecordsBusy,
    RecordsUnavailable,
)

__all__ = [
    "Connection",
    "Engine",
    "RecordsBusy",
    "RecordsTooNew",
    "RecordsUnavailable",
    "open_records",
    "reading",
    "writing",
]

VERSION = "0011"
"""The newest migration. A test holds it and the migrations together."""


class RecordsTooNew(RecordsUnavailable):
    """A later Pawl has changed the tables."""

    code = "records-too-new"


def open_records(folder: Path, url: str | None = None) -> Engine:
    """Return an engine on the records, with their tables brought up to date.

    `url` (as in PAWL_RECORDS_URL) names a PostgreSQL database; without it the records are
    `records.sqlite` in `folder`, which is made. The caller disposes of the engine. Raises
    BadValue for a URL of something else and RecordsUnavailable when the store does not answer.
    """
    engine = _engine(folder, url)
    try:
        _bring_up_to_date(engine)
    except BaseException:
        engine.dispose()
        raise
    return engine


@contextmanager
def writing(engine: Engine, *, patience_ms: int = BUSY_TIMEOUT_MS) -> Iterator[Connection]:
    """One writing transaction: nobody else appends until it ends. Commits unless it raises.

    `patience_ms` is how long to wait for other writers.
    """
    with engine.transaction(writes=True, patience_ms=patience_ms) as connection:
        yield connection


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """One reading transaction: a single consistent view, which blocks no writer."""
    with engine.transaction(writes=False) as connection:
        yield connection


def _engine(folder: Path, url: str | None) -> Engine:
    if url:
        from pawl.store.records.postgres import PostgresEngine

        return PostgresEngine(url)
    from pawl.store.records.sqlite import SqliteEngine

    return SqliteEngine(folder)


def _bring_up_to_date(engine: Engine) -> None:
    current = _version(engine)
    if current == VERSION:
        return
    # What another process does meanwhile is seen by both, once they have the lock.
    if current is None and engine.create() and _version(engine) == VERSION:
        return
    engine.migrate()


def _version(engine: Engine) -> str | None:
    """Return the tables' version, None where there are none; raises RecordsTooNew."""
    with reading(engine) as connection:
        if not connection.has_table("alembic_version"):
            return None
        rows = connection.execute("SELECT version_num FROM alembic_version")
    current = str(rows[0]["version_num"]) if rows else None
    if current is not None and current > VERSION:
        raise RecordsTooNew(
            f"the tables are of version {current}, this Pawl knows {VERSION}.",
            place=engine.place,
            hint="Update Pawl on this machine.",
        )
    return current
