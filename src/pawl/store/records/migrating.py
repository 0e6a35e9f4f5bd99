"""Bringing the records' tables from one version to the next, with Alembic.

Imported only where there is something to migrate: it takes longer than everything else a run
needs.
"""

import sqlite3
from collections.abc import Callable
from pathlib import Path

import sqlalchemy
from alembic import command
from alembic.config import Config
from sqlalchemy.exc import DBAPIError

from pawl.store.records.connection import explained

MIGRATIONS = Path(__file__).parent / "migrations"


def upgrade(connection: sqlalchemy.Connection) -> None:
    """Migrate inside a writing transaction; does nothing where another process was first."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def upgrade_sqlite(connect: Callable[[], sqlite3.Connection], place: str) -> None:
    """Migrate the records in SQLite; `connect` begins no transaction of its own."""
    engine = sqlalchemy.create_engine("sqlite://", creator=connect, poolclass=sqlalchemy.NullPool)

    @sqlalchemy.event.listens_for(engine, "begin")
    def _begin(connection: sqlalchemy.Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    try:
        with explained(place, DBAPIError), engine.begin() as connection:
            upgrade(connection)
    finally:
        engine.dispose()
