"""Opening the records: SQLite in the data folder, or PostgreSQL where a URL names one.

SQLite runs in WAL mode with `synchronous=FULL`, so a transaction that returned is on disk, and
every writing transaction begins IMMEDIATE: a transaction that starts by reading and then wants
to write is refused at once when others write, whatever its patience. PostgreSQL writers take
one advisory lock, because each ledger entry names the one before it.
"""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, inspect, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError, OperationalError

from pawl.base.errors import BadValue, Unavailable
from pawl.store.records import FILE_NAME
from pawl.store.records.tables import VERSION

__all__ = ["FILE_NAME", "Engine", "open_records", "reading", "writing"]

BUSY_TIMEOUT_MS = 10_000
MIGRATION_TIMEOUT_MS = 120_000
"""Many that start at once on new records wait for the one of them that makes the tables."""
_CHAIN_LOCK = 0x7061776C  # "pawl"; the advisory lock's number, the same for every writer.


class RecordsUnavailable(Unavailable):
    """The records cannot be opened, read or written."""

    code = "records-unavailable"


class RecordsBusy(RecordsUnavailable):
    """Another process held the records for longer than the timeout."""

    code = "records-busy"


class RecordsTooNew(RecordsUnavailable):
    """A later Pawl has changed the tables."""

    code = "records-too-new"


def open_records(folder: Path, url: str | None = None) -> Engine:
    """Return an engine on the records, with their tables brought up to date.

    `url` (as in PAWL_RECORDS_URL) names a PostgreSQL database; without it the records are
    `records.sqlite` in `folder`, which is made. The caller disposes of the engine. Raises
    BadValue for a URL of something else and RecordsUnavailable when the store does not answer.
    """
    engine = _postgres(url) if url else _sqlite(folder)
    try:
        _bring_up_to_date(engine)
    except BaseException:
        engine.dispose()
        raise
    return engine


@contextmanager
def writing(engine: Engine, *, patience_ms: int | None = None) -> Iterator[Connection]:
    """One writing transaction: nobody else appends until it ends. Commits unless it raises.

    `patience_ms` is how long to wait for other writers, where that is not the usual time.
    """
    patience = BUSY_TIMEOUT_MS if patience_ms is None else patience_ms
    with (
        _explained(engine, patience),
        engine.connect() as connection,
        connection.execution_options(pawl_patience_ms=patience).begin(),
    ):
        if engine.dialect.name == "postgresql":
            connection.execute(text(f"SET LOCAL lock_timeout = {patience}"))
            lock = text("SELECT pg_advisory_xact_lock(:lock)")
            connection.execute(lock, {"lock": _CHAIN_LOCK})
        yield connection


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """One reading transaction: a single consistent view, which blocks no writer."""
    with _explained(engine), engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            connection = connection.execution_options(isolation_level="REPEATABLE READ")
        with connection.execution_options(pawl_reads=True).begin():
            yield connection


def _sqlite(folder: Path) -> Engine:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RecordsUnavailable(
            f"the data folder cannot be made: {error.strerror}.",
            place=str(folder),
            hint="Name a writable one with --data or PAWL_DATA.",
        ) from error
    path = folder / FILE_NAME
    engine = create_engine(
        make_url("sqlite://").set(database=str(path)),
        connect_args={"timeout": BUSY_TIMEOUT_MS / 1000, "check_same_thread": False},
    )

    @event.listens_for(engine, "connect")
    def _prepare(connection: sqlite3.Connection, _: Any) -> None:
        # The driver must not begin transactions of its own: "begin" below decides which kind.
        connection.isolation_level = None
        connection.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        _into_wal(connection)

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        options = connection.get_execution_options()
        reads, patience = options.get("pawl_reads"), options.get("pawl_patience_ms")
        connection.exec_driver_sql(f"PRAGMA busy_timeout = {patience or BUSY_TIMEOUT_MS}")
        connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")

    return engine


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


def _postgres(url: str) -> Engine:
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise _not_a_url() from error
    if parsed.get_backend_name() not in ("postgresql", "postgres"):
        raise _not_a_url()
    return create_engine(
        parsed.set(drivername="postgresql+psycopg"), connect_args={"connect_timeout": 10}
    )


def _not_a_url() -> BadValue:
    return BadValue(
        "the records' URL is not one of PostgreSQL.",
        place="PAWL_RECORDS_URL",
        hint="Write one such as postgresql://user:password@host/database.",
    )


def _bring_up_to_date(engine: Engine) -> None:
    with reading(engine) as connection:
        current = _version(connection)
    if current == VERSION:
        return
    with writing(engine, patience_ms=MIGRATION_TIMEOUT_MS) as connection:
        # Another process may have done it while this one waited for the lock.
        current = _version(connection)
        if current is not None and current > VERSION:
            raise RecordsTooNew(
                f"the tables are of version {current}, this Pawl knows {VERSION}.",
                place=_place(engine),
                hint="Update Pawl on this machine.",
            )
        if current != VERSION:
            _migrate(connection)


def _version(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    version = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return None if version is None else str(version)


def _migrate(connection: Connection) -> None:
    # Imported only here: Alembic takes longer to import than everything else a run needs.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


_MIGRATIONS = Path(__file__).parent / "migrations"


@contextmanager
def _explained(engine: Engine, patience_ms: int | None = None) -> Iterator[None]:
    patience = BUSY_TIMEOUT_MS if patience_ms is None else patience_ms
    try:
        yield
    except (OperationalError, DBAPIError) as error:
        said = str(error.orig).strip().splitlines()[0] if error.orig else str(error)
        if "locked" in said or "lock timeout" in said:
            raise RecordsBusy(
                f"another process held the records for {patience // 1000} s.",
                place=_place(engine),
                hint="Try again; if it lasts, see which pawl processes run.",
            ) from error
        raise RecordsUnavailable(
            f"the records do not answer: {said}.",
            place=_place(engine),
            hint="See that the disk has space and the database is up, then try again.",
        ) from error


def _place(engine: Engine) -> str:
    return engine.url.render_as_string(hide_password=True)
