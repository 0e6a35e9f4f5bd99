"""Opening the records: migrations, versions, patience, and errors that say what to do."""

import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from pawl.base.errors import BadValue
from pawl.store.records import engine as engine_module
from pawl.store.records.engine import (
    FILE_NAME,
    RecordsBusy,
    RecordsTooNew,
    RecordsUnavailable,
    open_records,
    writing,
)
from pawl.store.records.tables import VERSION, metadata


def test_the_migrations_lead_to_the_tables(engine: Engine) -> None:
    """What the migrations make is what the code expects, on both engines."""
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_the_version_is_the_newest_migration() -> None:
    """VERSION is the one head of the migrations."""
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(engine_module._MIGRATIONS))
    assert ScriptDirectory.from_config(config).get_heads() == [VERSION]


def test_records_of_a_later_pawl_are_left_alone(opened: Callable[[], Engine]) -> None:
    """A version from the future is refused with a hint, and nothing is changed."""
    with opened().begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(RecordsTooNew, match="9999"):
        opened()


def test_alembic_is_imported_only_to_migrate(tmp_path: Path) -> None:
    """Opening records of today's version does not pay for importing the migration tool."""
    open_records(tmp_path).dispose()
    code = (
        "import sys; from pathlib import Path\n"
        "from pawl.store.records.engine import open_records\n"
        f"open_records(Path({str(tmp_path)!r})).dispose()\n"
        "print('alembic' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_sqlite_runs_as_documented(tmp_path: Path) -> None:
    """WAL, synchronous FULL and foreign keys are on."""
    engine = open_records(tmp_path)
    with engine.connect() as connection:
        assert connection.execute(text("PRAGMA journal_mode")).scalar() == "wal"
        assert connection.execute(text("PRAGMA synchronous")).scalar() == 2
        assert connection.execute(text("PRAGMA foreign_keys")).scalar() == 1
    engine.dispose()


def test_a_writer_that_waits_too_long_is_told_who_is_to_blame(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The engine's "database is locked" becomes an error with a place and a hint."""
    monkeypatch.setattr(engine_module, "BUSY_TIMEOUT_MS", 50)
    engine = open_records(tmp_path)
    holder = sqlite3.connect(tmp_path / FILE_NAME, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    with pytest.raises(RecordsBusy) as caught, writing(engine):
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
