"""Opening the records: migrations, versions, patience, and errors that say what to do."""

import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from pawl.base.errors import BadValue
from pawl.store.records import FILE_NAME, sqlite
from pawl.store.records.connection import insert, update
from pawl.store.records.engine import (
    VERSION,
    Engine,
    RecordsBusy,
    RecordsTooNew,
    RecordsUnavailable,
    open_records,
    reading,
    writing,
)
from pawl.store.records.migrating import MIGRATIONS


def test_the_migrations_lead_to_the_tables(tmp_path: Path) -> None:
    """What the migrations make of an empty file is what new records are begun with."""
    new, migrated = sqlite.SqliteEngine(tmp_path / "new"), sqlite.SqliteEngine(tmp_path / "old")
    new.create()
    migrated.migrate()
    assert tables_of(new) == tables_of(migrated)
    assert {"ledger", "runs", "evidence", "ledger_subject"} <= tables_of(new).keys()
    assert new.create()
    migrated.migrate()
    assert tables_of(new) == tables_of(migrated)
    new.dispose()
    migrated.dispose()


BUDGETS = (
    "budgets",
    "budget_reservations",
    "budget_notices",
    "observed_spend",
    "observed_stores",
)


ALERTS = (
    "alerts",
    "alert_looks",
    "alert_memory",
    "alert_log",
    "silences",
    "timers",
    "heartbeats",
    "outbox",
)


ROLLOUTS = ("rollout_intents", "stage_verdicts")
CHANGES = (
    "changes",
    "change_components",
    "change_evidence",
    "change_attestations",
    "change_drills",
    "gate_decisions",
    "gate_parts",
    "exceptions",
)
INCIDENTS = ("incidents", "actions", "postmortems", "debts", "learning_steps")
IDENTITY = ("tokens", "sessions", "kept_answers")
CADENCE = ("cadence_routines", "routine_occurrences")


def tables_of(engine: Engine) -> dict[str, object]:
    """Return what every table and index is made with, but for spacing, and the version."""
    with reading(engine) as connection:
        made = connection.execute("SELECT name, sql FROM sqlite_master")
        version = connection.execute("SELECT version_num FROM alembic_version")
    return {row["name"]: row["sql"] and row["sql"].split() for row in made} | {"": version}


def test_records_of_an_earlier_pawl_are_migrated(opened: Callable[[], Engine]) -> None:
    """Tables of the first version get what came after it, and keep what they hold."""
    with writing(opened()) as connection:
        made = (*BUDGETS, *ALERTS, *CHANGES, *ROLLOUTS, *IDENTITY, *INCIDENTS, *CADENCE)
        for table in ("evidence", "assessments", "ceremonies", *made):
            connection.execute(f"DROP TABLE {table}")
        for index in ("runs_started", "ledger_type", "ledger_recorded"):
            connection.execute(f"DROP INDEX {index}")
        connection.execute("ALTER TABLE runs DROP COLUMN models")
        connection.execute("INSERT INTO runs (run_id, agent, status) VALUES ('x', 'y', 'z')")
        connection.execute("UPDATE alembic_version SET version_num = '0001'")
    with reading(opened()) as connection:
        assert connection.has_table("ceremonies")
        assert len(connection.execute("SELECT run_id FROM runs")) == 1
        versions = connection.execute("SELECT version_num FROM alembic_version")
    assert versions == [{"version_num": VERSION}]


def test_the_version_is_the_newest_migration() -> None:
    """VERSION is the one head of the migrations."""
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    assert ScriptDirectory.from_config(config).get_heads() == [VERSION]


def test_records_of_a_later_pawl_are_left_alone(opened: Callable[[], Engine]) -> None:
    """A version from the future is refused with a hint, and nothing is changed."""
    with writing(opened()) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(RecordsTooNew, match="9999"):
        opened()


def test_records_in_sqlite_need_neither_alembic_nor_sqlalchemy(tmp_path: Path) -> None:
    """Beginning records and opening them does not pay for importing what migrates them."""
    code = (
        "import sys; from pathlib import Path\n"
        "from pawl.store.records.engine import open_records\n"
        f"open_records(Path({str(tmp_path)!r})).dispose()\n"
        "print({'alembic', 'sqlalchemy'} & sys.modules.keys())"
    )
    for _ in range(2):
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True
        )
        assert done.stdout.strip() == "set()"


def test_sqlite_runs_as_documented(tmp_path: Path) -> None:
    """WAL, synchronous FULL and foreign keys are on."""
    engine = open_records(tmp_path)
    with reading(engine) as connection:
        assert connection.execute("PRAGMA journal_mode") == [{"journal_mode": "wal"}]
        assert connection.execute("PRAGMA synchronous") == [{"synchronous": 2}]
        assert connection.execute("PRAGMA foreign_keys") == [{"foreign_keys": 1}]
    engine.dispose()


def test_a_transaction_that_fails_leaves_nothing(engine: Engine) -> None:
    """What was written before the failure is taken back, and the engine goes on."""
    add = "INSERT INTO runs (run_id, agent, status) VALUES ('x', 'y', 'z')"

    def write(*statements: str) -> None:
        with writing(engine) as connection:
            for statement in statements:
                assert connection.execute(statement) == []

    with pytest.raises(RecordsUnavailable, match="do not answer"):
        write(add, "DELETE FROM nowhere")
    with reading(engine) as connection:
        assert connection.execute("SELECT run_id FROM runs") == []
    write(add)
    with reading(engine) as connection:
        assert connection.execute("SELECT run_id FROM runs") == [{"run_id": "x"}]


def test_a_connection_in_use_is_closed_after_it(tmp_path: Path) -> None:
    """Disposing of the engine ends nobody's reading, and leaves nothing open behind it."""
    engine = open_records(tmp_path)
    with reading(engine) as connection:
        engine.dispose()
        assert connection.execute("SELECT run_id FROM runs") == []
        assert (tmp_path / f"{FILE_NAME}-wal").exists()
    assert not (tmp_path / f"{FILE_NAME}-wal").exists()  # The last to close takes it away.


def test_a_view_stays_as_it_was(engine: Engine) -> None:
    """What is written meanwhile is not seen by a transaction that has begun to read."""
    count = "SELECT COUNT(*) AS n FROM runs"
    with reading(engine) as before:
        assert before.execute(count) == [{"n": 0}]
        with writing(engine) as connection:
            row = {"run_id": "x", "agent": "y", "status": "z", "commit": None}
            insert(connection, "runs", row, row | {"run_id": "w", "commit": "c"})
            update(connection, "runs", "run_id", row | {"status": "s"})
        assert before.execute(count) == [{"n": 0}]
    with reading(engine) as after:
        told = after.execute('SELECT status, "commit" FROM runs ORDER BY run_id')
    assert told == [{"status": "z", "commit": "c"}, {"status": "s", "commit": None}]


def test_a_writer_that_waits_too_long_is_told_who_is_to_blame(tmp_path: Path) -> None:
    """The engine's "database is locked" becomes an error with a place and a hint."""
    engine = open_records(tmp_path)
    holder = sqlite3.connect(tmp_path / FILE_NAME, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    with pytest.raises(RecordsBusy) as caught, writing(engine, patience_ms=50):
        pass
    assert FILE_NAME in caught.value.place
    holder.close()
    engine.dispose()


def test_a_file_that_is_no_database_is_an_error_with_a_place(tmp_path: Path) -> None:
    """Garbage where the records should be names the file."""
    (tmp_path / FILE_NAME).write_bytes(b"garbage" * 1000)
    with pytest.raises(RecordsUnavailable, match="not a database") as caught:
        open_records(tmp_path)
    assert FILE_NAME in caught.value.place


def test_a_folder_that_cannot_be_made_is_an_error_with_a_place(tmp_path: Path) -> None:
    """A file in the way is named."""
    (tmp_path / "data").write_text("")
    with pytest.raises(RecordsUnavailable) as caught:
        open_records(tmp_path / "data")
    assert caught.value.place == str(tmp_path / "data")


@pytest.mark.parametrize("url", ["mysql://x/y", "nonsense", "sqlite:///x"])
def test_a_url_of_something_else_is_refused(tmp_path: Path, url: str) -> None:
    """Only PostgreSQL is taken, and the setting is named."""
    with pytest.raises(BadValue) as caught:
        open_records(tmp_path, url)
    assert caught.value.place == "PAWL_RECORDS_URL"


def test_a_server_that_does_not_answer_is_named_without_its_password(tmp_path: Path) -> None:
    """The place is the URL, the secret in it is not shown."""
    with pytest.raises(RecordsUnavailable) as caught:
        open_records(tmp_path, "postgresql://me:secret@127.0.0.1:1/nothing")
    assert "127.0.0.1" in caught.value.place
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("name", ["a?b=1", "a#b", "a%41", "a b"])
def test_a_data_folder_may_have_any_name(tmp_path: Path, name: str) -> None:
    """Letters that mean something in a URL are only letters of the file's name."""
    engine = open_records(tmp_path / name)
    engine.dispose()
    assert (tmp_path / name / FILE_NAME).stat().st_size > 0
    assert sorted(entry.name for entry in tmp_path.iterdir()) == sorted(["home", name])
