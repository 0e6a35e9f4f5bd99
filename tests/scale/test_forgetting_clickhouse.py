"""A person is forgotten in ClickHouse, whoever loads meanwhile; no total moves but their own."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from tests.scale.endpoint import Servers, clickhouse_missing, one_server
from tests.scale.test_equal_answers import load, made_up, rows_of
from tests.store.events.endurance import prices

from pawl.governance.forgetting import FORGOTTEN
from pawl.services.moving import move_events
from pawl.store.events import clickhouse_forgetting, clickhouse_schema
from pawl.store.events.clickhouse import ClickEvents
from pawl.store.events.clickhouse_eraser import ClickEraser
from pawl.store.events.clickhouse_link import Link, Session
from pawl.store.events.duckdb import DuckEvents
from pawl.store.events.eraser import Eraser
from pawl.store.events.schema import DERIVED
from pawl.store.spool import SpoolWriter
from pawl.telemetry.bill import Key
from pawl.telemetry.event import Event

_MISSING = clickhouse_missing()
pytestmark = pytest.mark.skipif(_MISSING is not None, reason=_MISSING or "")

ADA = "Ada@Example.ORG"
ÜNAL = " ünal"
TABLES = ("events", *DERIVED)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    with one_server(tmp_path_factory.mktemp("clickhouse")) as servers:
        yield servers


def people(count: int, seed: int) -> list[Event]:
    """Return events of three people, whose attributes and machines tell of them as well."""
    return [_owned(event, number) for number, event in enumerate(made_up(count, seed))]


def _owned(event: Event, number: int) -> Event:
    who = "bob" if event.developer and number % 3 == 0 else event.developer
    own = {} if who is None else {"cwd": f"/home/{who}", "who": f" {who.upper()}", "effort": "high"}
    return msgspec.structs.replace(
        event, developer=who, machine=who and f"of-{who}", attributes=event.attributes | own
    )


def spooled(folder: Path, events: list[Event], label: str = "w") -> Path:
    """Write events into a spool of their own and return it."""
    with SpoolWriter(folder / "spool", label) as writer:
        writer.append(events)
        writer.commit()
    return folder / "spool"


def holding(url: str, folder: Path, text: str) -> list[str]:
    """Return the tables of which a physical row of any server holds a text, of any case."""
    with ClickEvents(url, folder / "asking") as store:
        return [
            table
            for table in (*clickhouse_schema._TABLES,)
            for rows in store._link.ask_each(
                f"SELECT count() FROM {table}_rows"
                f" WHERE positionCaseInsensitiveUTF8(toString(tuple(*)), '{text}') > 0"
            )
            if rows[0][0]
        ]


def copies(folder: Path, text: str) -> int:
    """Return how many compressed segments hold a text, of any case."""
    told = (gzip.decompress(path.read_bytes()) for path in folder.rglob("*.gz"))
    return sum(text.lower() in each.decode().lower() for each in told)


def embedded(folder: Path, events: list[Event], *names: str) -> dict[str, object]:
    """Return every table of an embedded store in which the same people were forgotten."""
    with Eraser(folder) as duck:
        load(duck, folder / "spool", events)
        for name in names:
            duck.forget((name,), "salt")
        duck.reprice(prices(1).price, prices(1).version)
        return {table: rows_of(duck, table) for table in TABLES}


@pytest.mark.heavy
def test_every_row_is_what_the_embedded_engine_makes_of_it(server: Servers, tmp_path: Path) -> None:
    """Events and all derived tables; totals stay, and asking again finds nothing left to do."""
    events, url, folder = people(240, 21), server.url("forget"), tmp_path / "click"
    with ClickEraser(url, folder) as store:
        load(store, folder / "spool", events)
        store.reprice(prices(1).price, prices(1).version)
        assert {"events", "requests", "rollup", "source_rollup"} <= set(
            holding(url, tmp_path, "ada@")
        )
        bills = [store.bill(keys) for keys in ((Key.PROJECT,), (Key.DAY, Key.MODEL))]
        totals = store.totals()
        done = store.forget((ADA,), "chance")
        assert done.events > 30
        assert done.lines > 30
        assert done.searched == len(clickhouse_schema.personal())
        again = store.forget((ADA,), "another")
        assert (again.events, again.lines) == (0, 0)
        assert store.forget((ÜNAL,), "third").events > 30
        assert [store.bill(keys) for keys in ((Key.PROJECT,), (Key.DAY, Key.MODEL))] == bills
        assert store.totals() == totals
        wanted = embedded(tmp_path / "duck", events, ADA, ÜNAL)
        for table in TABLES:
            assert rows_of(store, table) == wanted[table], table
        store.make_anew()
        for table in TABLES:
            assert rows_of(store, table) == wanted[table], table
    for name in ("ada@example", "ünal"):
        assert (holding(url, tmp_path, name), copies(folder, name)) == ([], 0)
    assert holding(url, tmp_path, "bob")
    mutations = "SELECT count() FROM system.mutations WHERE positionCaseInsensitive(command, 'ada')"
    with ClickEvents(url, tmp_path / "asking") as store:
        assert store._link.ask_each(mutations) == [[(0,)]]


@pytest.mark.heavy
def test_what_is_told_again_stays_forgotten_and_counts_once(
    server: Servers, tmp_path: Path
) -> None:
    """The same batch from another server, and one still in a spool, do not bring the name back."""
    events, url = people(90, 22), server.url("again")
    spooled(tmp_path / "b", events[60:])
    with ClickEvents(url, tmp_path / "b") as other:
        with ClickEraser(url, tmp_path / "a") as store:
            store.drain(spooled(tmp_path / "a", events[:60]))
            store.forget((ADA,), "chance")
        told = other.drain(tmp_path / "b" / "spool")
        assert told.events == 30
        assert holding(url, tmp_path, "ada@example") == []
        assert copies(tmp_path / "b", "ada@example") == 0
        again = other.drain(spooled(tmp_path / "c", events, "replayed"))
        assert (again.events, again.repeated) == (0, 90)
        other.reprice(prices(1).price, prices(1).version)
        wanted = embedded(tmp_path / "duck", events, ADA)
        for table in TABLES:
            assert rows_of(other, table) == wanted[table], table
    assert holding(url, tmp_path, "ada@example") == []


def test_an_idle_server_rewrites_its_copies(server: Servers, tmp_path: Path) -> None:
    """What another server loaded and keeps compressed is rewritten there, without being asked."""
    url = server.url("idle")
    with ClickEvents(url, tmp_path / "b") as other:
        other.drain(spooled(tmp_path / "b", people(60, 23)))
        assert copies(tmp_path / "b", "ada@example") == 1
        with ClickEraser(url, tmp_path / "a") as store:
            assert store.forget((ADA,), "chance").events > 0
        other.drain(tmp_path / "b" / "spool")
    assert copies(tmp_path / "b", "ada@example") == 0


@pytest.mark.heavy
def test_a_loading_that_began_before_erases_by_itself(
    server: Servers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody is forgotten between the reading of the register and the insert of a batch."""
    events, url = people(60, 24), server.url("during")
    run, left = Session.insert_lines, [1]

    def forgets(self: Session, *arguments: object) -> None:
        if left:
            left.clear()
            with ClickEraser(url, tmp_path / "other") as eraser:
                eraser.forget((ADA,), "chance")
        run(self, *arguments)  # type: ignore[arg-type]

    with ClickEvents(url, tmp_path / "a") as store:
        monkeypatch.setattr(Session, "insert_lines", forgets)
        store.drain(spooled(tmp_path / "a", events))
        assert left == []
        assert holding(url, tmp_path, "ada@example") == []
        store.reprice(prices(1).price, prices(1).version)
        wanted = embedded(tmp_path / "duck", events, ADA)
        for table in TABLES:
            assert rows_of(store, table) == wanted[table], table


@pytest.mark.heavy
def test_a_loader_that_died_with_the_name_in_the_store_does_no_harm(
    server: Servers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its batch is loaded again by whoever has the folder: the name goes and nothing is lost."""
    events, url = people(60, 25), server.url("died")
    run = Session.insert_rows

    def dies(self: Session, table: str, *arguments: object) -> None:
        if table == "loads_rows":
            raise KeyboardInterrupt
        run(self, table, *arguments)  # type: ignore[arg-type]

    with ClickEvents(url, tmp_path / "a") as store:
        with monkeypatch.context() as patch:
            patch.setattr(Session, "insert_rows", dies)
            with pytest.raises(KeyboardInterrupt):
                store.drain(spooled(tmp_path / "a", events))
        register = clickhouse_forgetting.Forgetting(store._link, tmp_path / "a")
        register.remember((ADA,), "chance")
        register._note_seen(register.known())  # As if it had died after the look at the register.
        assert "events" in holding(url, tmp_path, "ada@example")
        told = store.drain(tmp_path / "a" / "spool")
        assert (told.events, told.repeated) == (0, 60)
        store.reprice(prices(1).price, prices(1).version)
        wanted = embedded(tmp_path / "duck", events, ADA)
        for table in TABLES:
            assert rows_of(store, table) == wanted[table], table
    assert holding(url, tmp_path, "ada@example") == []


@pytest.mark.heavy
@pytest.mark.parametrize("step", [1, 3, 12, 30, 52])
def test_dying_between_two_steps_leaves_what_the_next_one_finishes(
    server: Servers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    """Cut short after any statement and asked again, every table is as if it had not been."""
    events, url, left = people(90, 26), server.url(f"cut{step}"), [step]
    run, every = Session.raw, Link.everywhere

    def counted() -> None:
        left[0] -= 1
        if left[0] == 0:
            raise KeyboardInterrupt

    def cut(self: Session, *arguments: object, **named: object) -> None:
        counted()
        run(self, *arguments, **named)  # type: ignore[arg-type]

    def cut_all(self: Link, *arguments: object, **named: object) -> None:
        every(self, *arguments, **named)  # type: ignore[arg-type]
        counted()

    with ClickEraser(url, tmp_path / "click") as store:
        load(store, tmp_path / "click" / "spool", events)
        with monkeypatch.context() as patch:
            patch.setattr(Session, "raw", cut)
            patch.setattr(Link, "everywhere", cut_all)
            with pytest.raises(KeyboardInterrupt):
                store.forget((ADA, ÜNAL), "chance")
    with ClickEraser(url, tmp_path / "click") as store:
        store.forget((ADA, ÜNAL), "chance")
        store.reprice(prices(1).price, prices(1).version)
        wanted = embedded(tmp_path / "duck", events, ADA, ÜNAL)
        for table in TABLES:
            assert rows_of(store, table) == wanted[table], table
    for name in ("ada@example", "ünal"):
        assert holding(url, tmp_path, name) == []


@pytest.mark.heavy
def test_whom_an_embedded_store_forgot_stays_forgotten_where_it_moves(
    server: Servers, tmp_path: Path
) -> None:
    """The register moves with the events."""
    url, events = server.url("movedwith"), people(40, 27)
    with Eraser(tmp_path / "a") as duck:
        duck.drain(spooled(tmp_path / "a", events[:20]))
        duck.forget((ADA,), "salt of the file")
    assert move_events(tmp_path / "a", url, lambda done, of: None).equal
    with ClickEvents(url, tmp_path / "a") as store:
        store.drain(spooled(tmp_path / "a", events[20:]))
        assert holding(url, tmp_path, "ada@example") == []
        assert FORGOTTEN in {row.keys[0] for row in store.bill((Key.DEVELOPER,)).rows}


@pytest.mark.heavy
def test_a_store_of_an_older_pawl_gets_its_register(server: Servers, tmp_path: Path) -> None:
    """Its tables are of the same format and lack only that one; loading goes on meanwhile."""
    url = server.url("older")
    with ClickEvents(url, tmp_path / "a") as store:
        store._link.everywhere(["DROP VIEW forgotten", "DROP TABLE forgotten_rows"])
        assert store.drain(spooled(tmp_path / "a", people(30, 29))).events == 30
        with ClickEraser(url, tmp_path / "b") as eraser:
            assert eraser.forget((ADA,), "chance").events > 0
        assert store.drain(spooled(tmp_path / "a", people(60, 29)[30:], "x")).events == 30
    assert holding(url, tmp_path, "ada@example") == []


def test_the_command_forgets_and_says_that_it_looked(
    server: Servers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`pawl events forget` ends with 0 when it found the name, with 1 when nothing held it."""
    url, folder = server.url("bycommand"), tmp_path / "data"
    with ClickEvents(url, folder) as store:
        store.drain(spooled(folder, people(40, 28)))
    with DuckEvents(folder):
        pass
    monkeypatch.setenv("PAWL_EVENTS_URL", url)
    words = [sys.executable, "-m", "pawl", "--data", str(folder), "events", "forget", "--yes"]
    words += ["--reason", "asked", "--actor", ADA]
    done = subprocess.run([*words, "--json"], capture_output=True, text=True, check=False)
    report = json.loads(done.stdout)
    assert (done.returncode, report["events"] > 0, report["lines"] > 0) == (0, True, True)
    assert report["searched_tables"] == len(clickhouse_schema.personal())
    assert report["left_behind"] == [str(folder / "events.duckdb")]
    again = subprocess.run(words, capture_output=True, text=True, check=False)
    assert again.returncode == 1
    assert "no row holds the name" in again.stdout
    assert "pw" not in again.stdout + again.stderr
