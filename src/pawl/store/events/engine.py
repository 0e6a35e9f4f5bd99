"""The embedded engine itself: how it is opened, and what its errors say about its file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from pawl.base.errors import Unavailable
from pawl.store.events.loading import literal
from pawl.store.events.schema import DERIVED, EVENT_COLUMNS, TABLES

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

FILE_NAME = "events.duckdb"

_TABLE_NAMES = ("meta", "loads", *DERIVED)
_DAMAGE = (
    "not a valid duckdb",
    "corrupt",
    "checksum",
    "failed to deserialize",
    "serialization error",
    "failure while replaying wal",
    "internal error",
    "database has been invalidated",
    "could not read enough bytes",
    "catalog error",
    "does not exist",
)
"""What the engine says, in lower case, of a file that is not what it wrote."""
_NO_DAMAGE = (
    "could not set lock",
    "conflicting lock",
    "permission denied",
    "no space left",
    "out of memory",
    "newer version",
)


class StoreBroken(Unavailable):
    """The engine cannot open or change its file."""

    code = "events-store-broken"


class StoreAway(StoreBroken):
    """No server of the engine answers; when one does, everything is as it was."""

    code = "events-store-away"


def open_engine(folder: Path, name: str, memory_limit: str) -> DuckDBPyConnection:
    """Open a file of the engine in the data folder, closed to everything outside it."""
    import duckdb

    if "?" in str(folder.resolve()):
        # It takes the rest for parameters and looks for its log in a folder of another name.
        raise StoreBroken(
            "the events engine cannot keep its file in a folder with a ? in its path.",
            place=str(folder),
            hint="Name another data folder with --data or PAWL_DATA.",
        )
    settings: dict[str, Any] = {
        "memory_limit": memory_limit,
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
        "allow_community_extensions": "false",
        "temp_directory": str(folder / "events.spill"),
    }
    connection = duckdb.connect(str(folder / name), config=settings)
    # The loaded file is named as a pattern that means itself; both spellings are this folder.
    folders = sorted({str(folder), literal(folder)})
    connection.execute("SET allowed_directories = $folders", {"folders": folders})
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")
    return connection


def make_tables(cursor: DuckDBPyConnection) -> None:
    """Make the tables that are not there yet."""
    for table in TABLES:
        cursor.execute(table)


def remake_tables(cursor: DuckDBPyConnection) -> None:
    """Make the tables that are made of events, which an older Pawl made otherwise, empty."""
    for table in DERIVED:
        cursor.execute(f"DROP TABLE IF EXISTS {table}")
    make_tables(cursor)


def read_everything(connection: DuckDBPyConnection) -> None:
    """Read every value of every table; the engine raises where one is damaged."""
    columns = ", ".join(f'"{name}"' for name in EVENT_COLUMNS)
    connection.execute(f"SELECT sum(hash({columns})) FROM events").fetchall()  # noqa: S608
    for table in _TABLE_NAMES:
        connection.execute(f"SELECT sum(hash(t)) FROM {table} AS t").fetchall()  # noqa: S608


def says_damage(error: BaseException) -> bool:
    """Say whether an error means that the file is damaged, not busy, closed to us or full."""
    said = f"{type(error).__name__}: {error}".lower()
    if any(words in said for words in _NO_DAMAGE):
        return False
    return any(words in said for words in _DAMAGE)
