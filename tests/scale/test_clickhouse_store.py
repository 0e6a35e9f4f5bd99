"""What only the store in ClickHouse does: many loaders, no transactions, no owner."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.scale.endpoint import Servers, clickhouse_missing, one_server
from tests.scale.test_equal_answers import load, made_up, rows_of
from tests.store.events.endurance import prices

from pawl.services.moving import move_events
from pawl.services.stored_events import open_events
from pawl.store.events import clickhouse_news
from pawl.store.events.clickhouse import ClickEvents
from pawl.store.events.clickhouse_link import Session
from pawl.store.events.duckdb import DuckEvents
from pawl.store.events.engine import StoreBroken
from pawl.store.events.move import stretches
from pawl.store.events.news import Mark
from pawl.store.events.schema import DERIVED
from pawl.store.spool import SpoolWriter, segments
from pawl.telemetry.event import Event

_MISSING = clickhouse_missing()
pytestmark = pytest.mark.skipif(_MISSING is not None, reason=_MISSING or "")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    with one_server(tmp_path_factory.mktemp("clickhouse")) as servers:
        yield servers


def spooled(folder: Path, events: list[Event], label: str = "w") -> Path:
    """Write events into a spool of their own and return it."""
    with SpoolWriter(folder / "spool", label) as writer:
        writer.append(events)
        writer.commit()
    return folder / "spool"


def same_as_embedded(click: ClickEvents, folder: Path, events: list[Event]) -> None:
    """Hold a store against an embedded one that was given the events at once."""
    with DuckEvents(folder) as duck:
        load(duck, folder / "spool", events)
        for table in ("events", *DERIVED):
            assert rows_of(click, table) == rows_of(duck, table), table


def test_loading_twice_changes_nothing(server: Servers, tmp_path: Path) -> None:
    """The same segment loaded again, its offset forgotten, leaves every table as it was."""
    events = made_up(60, 3)
    url = server.url("twice")
    with ClickEvents(url, tmp_path / "a") as store:
        assert store.drain(spooled(tmp_path / "a", events)).events == 60
        before = [rows_of(store, table) for table in ("events", *DERIVED)]
        again = store.drain(spooled(tmp_path / "b", events))
        assert (again.events, again.repeated) == (0, 60)
        assert [rows_of(store, table) for table in ("events", *DERIVED)] == before


@pytest.mark.heavy
@pytest.mark.parametrize("step", range(1, 40, 6))
def test_dying_between_two_steps_loses_nothing(
    server: Servers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    """A loading cut short after any of its statements is made good by the next one."""
    events = made_up(60, 4)
    left = [step]
    run = Session.raw

    def cut(self: Session, *arguments: object, **named: object) -> None:
        left[0] -= 1
        if left[0] == 0:
            raise KeyboardInterrupt
        run(self, *arguments, **named)  # type: ignore[arg-type]

    with ClickEvents(server.url(f"cut{step}"), tmp_path / "click") as store:
        spool = spooled(tmp_path / "click", events)
        with monkeypatch.context() as patch:
            patch.setattr(Session, "raw", cut)
            with pytest.raises(KeyboardInterrupt):
                store.drain(spool)
        store.drain(spool)
        store.reprice(prices(1).price, prices(1).version)
        assert segments(spool) == []
        same_as_embedded(store, tmp_path / "duck", events)


@pytest.mark.heavy
@pytest.mark.parametrize("step", [8, 14, 22, 40])
def test_dying_while_pricing_leaves_no_old_price(
    server: Servers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    """Events that have their price and requests that do not are brought together by the next."""
    events, table = made_up(60, 4), prices(1)
    left = [step]
    run = Session.raw

    def cut(self: Session, *arguments: object, **named: object) -> None:
        left[0] -= 1
        if left[0] == 0:
            raise KeyboardInterrupt
        run(self, *arguments, **named)  # type: ignore[arg-type]

    with ClickEvents(server.url(f"price{step}"), tmp_path / "click") as store:
        store.drain(spooled(tmp_path / "click", events))
        with monkeypatch.context() as patch:
            patch.setattr(Session, "raw", cut)
            with pytest.raises(KeyboardInterrupt):
                store.reprice(table.price, table.version)
    with ClickEvents(server.url(f"price{step}"), tmp_path / "click") as store:
        store.reprice(table.price, table.version)
        same_as_embedded(store, tmp_path / "duck", events)


def _told(store: ClickEvents, mark: Mark, limit: int) -> tuple[list[str], Mark]:
    names: list[str] = []
    while True:
        found, after = store.events_after(mark, limit=limit)
        if not found:
            assert after == mark
            return names, mark
        assert len(found) <= limit
        names += [event.id for event in found]
        mark = after


def test_a_store_of_an_older_pawl_is_made_anew_from_its_events(
    server: Servers, tmp_path: Path
) -> None:
    """Tables that were not there, or had other columns, are made; no event is loaded again."""
    events = made_up(60, 6)
    url = server.url("older")
    with ClickEvents(url, tmp_path / "a") as store:
        store.drain(spooled(tmp_path / "a", events))
        before = [rows_of(store, table) for table in ("events", *DERIVED)]
        older = ["INSERT INTO meta_rows VALUES ('format', '2')", "DROP TABLE tool_calls"]
        older += ["DROP TABLE tool_calls_rows", "DROP TABLE requests"]
        older += ["ALTER TABLE requests_rows DROP COLUMN duration_ms"]
        store._link.everywhere(older)
    with ClickEvents(url, tmp_path / "a") as store:
        assert [rows_of(store, table) for table in ("events", *DERIVED)] == before
        assert store._rows("SELECT value FROM meta WHERE name = 'format'", {}) == [("3",)]


def test_marks_give_each_event_once(
    server: Servers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What arrived after a mark is told of once, whoever loads, prices or loads it again."""
    monkeypatch.setattr(clickhouse_news, "SETTLED_S", 0)
    events, table = made_up(90, 6), prices(1)
    url = server.url("news")
    with ClickEvents(url, tmp_path / "a") as one, ClickEvents(url, tmp_path / "b") as two:
        assert _told(one, Mark(), 7)[0] == []
        one.drain(spooled(tmp_path / "a", events[:30]))
        names, mark = _told(two, Mark(), 7)
        assert sorted(names) == sorted(event.id for event in events[:30])
        two.drain(spooled(tmp_path / "b", events[10:60]))
        assert one.reprice(table.price, table.version)
        names, mark = _told(one, mark, 100)
        assert sorted(names) == sorted(event.id for event in events[30:60])
        now = one.newest_mark()
        assert now.row > mark.row
        one.drop_before("2026-02")
        one.drain(spooled(tmp_path / "a", events[60:], "x"))
        assert sorted(_told(two, now, 4)[0]) == sorted(event.id for event in events[60:])


def test_what_arrived_just_now_is_told_later(server: Servers, tmp_path: Path) -> None:
    """An insert that began before a mark may end after it, so marks keep behind the clock."""
    with ClickEvents(server.url("settling"), tmp_path) as store:
        mark = store.newest_mark()
        store.drain(spooled(tmp_path, made_up(20, 7)))
        seconds = (store.newest_mark().row - mark.row) / 1e6
        found, after = store.events_after(mark)
        assert seconds > clickhouse_news.SETTLED_S or (found, after) == ((), mark)


@pytest.mark.heavy
def test_two_servers_load_at_once(server: Servers, tmp_path: Path) -> None:
    """Two loaders of parts that tell of the same requests and runs leave what one would."""
    events = made_up(240, 5)
    url = server.url("two")
    wrong: list[BaseException] = []

    def loader(number: int) -> None:
        folder = tmp_path / f"server{number}"
        try:
            with ClickEvents(url, folder) as store:
                for start in range(0, 120, 30):
                    part = events[number::2][start : start + 30]
                    store.drain(spooled(folder, part, f"s{number}.{start}"))
                    store.reprice(prices(1).price, prices(1).version)
        except BaseException as error:
            wrong.append(error)

    ClickEvents(url, tmp_path).close()
    threads = [threading.Thread(target=loader, args=(number,)) for number in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    with ClickEvents(url, tmp_path) as store:
        same_as_embedded(store, tmp_path / "duck", events)


def test_an_embedded_store_moves_and_both_tell_the_same(server: Servers, tmp_path: Path) -> None:
    """Every event arrives with its cost; the spool is taken in first; a second move finds all."""
    events = made_up(150, 6)
    with DuckEvents(tmp_path) as duck:
        load(duck, tmp_path / "spool", events[:100])
        assert [s.events for s in stretches(duck, most=40)] != [100]
    spooled(tmp_path, events[100:], "late")
    told: list[tuple[int, int]] = []
    first = move_events(tmp_path, server.url("moved"), lambda done, of: told.append((done, of)))
    assert (first.equal, first.copied, first.there) == (True, 150, 0)
    assert told[-1] == (150, 150)
    again = move_events(tmp_path, server.url("moved"), lambda done, of: None)
    assert (again.equal, again.copied, again.there) == (True, 0, 150)
    with DuckEvents(tmp_path) as duck, ClickEvents(server.url("moved"), tmp_path) as click:
        for table in ("events", *DERIVED):
            assert rows_of(click, table) == rows_of(duck, table), table


def test_a_move_into_a_store_with_more_tells_the_first_difference(
    server: Servers, tmp_path: Path
) -> None:
    """Totals that differ are told by month and number, and the answer is no."""
    events = made_up(40, 7)
    with ClickEvents(server.url("fuller"), tmp_path / "other") as store:
        store.drain(spooled(tmp_path / "other", events[20:]))
    with DuckEvents(tmp_path) as duck:
        load(duck, tmp_path / "spool", events[:20])
    report = move_events(tmp_path, server.url("fuller"), lambda done, of: None)
    assert report.difference is not None
    assert not report.equal
    assert report.difference.what == "events"
    assert report.difference.source < report.difference.target


def test_the_command_moves_and_exits_by_the_answer(server: Servers, tmp_path: Path) -> None:
    """`pawl events move` prints one JSON object and ends with 0 when both tell the same."""
    with DuckEvents(tmp_path) as duck:
        load(duck, tmp_path / "spool", made_up(20, 8))
    words = ["-m", "pawl", "--data", str(tmp_path), "events", "move", "--json", "--to"]
    done = subprocess.run(
        [sys.executable, *words, server.url("command")], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert '"schema":"pawl.events-move/1","equal":true' in done.stdout
    assert "pw" not in done.stdout.replace("pawl", "")


def test_opened_by_its_url_the_store_answers(server: Servers, tmp_path: Path) -> None:
    """What PAWL_EVENTS_URL names is opened in the place of a file, and needs no owner."""
    spool = spooled(tmp_path, made_up(30, 9))
    with (
        open_events(tmp_path, events_url=server.url("opened")) as one,
        open_events(tmp_path, events_url=server.url("opened")) as other,
    ):
        assert one.drain(spool).events == 30
        assert other.totals() == one.totals()
    assert not (tmp_path / "events.duckdb").exists()


def test_a_server_that_is_not_there_keeps_the_spool(server: Servers, tmp_path: Path) -> None:
    """The message names the place and the remedy, never the password."""
    url = f"clickhouse://app:secret-word@127.0.0.1:{server.nodes[0].tcp}/none"
    with pytest.raises(StoreBroken) as raised:
        ClickEvents(url, tmp_path)
    assert "secret-word" not in str(raised.value)
    wrong = server.url("pawl").replace("pw%3A%2F%40", "secret-word")
    with pytest.raises(StoreBroken) as raised:
        ClickEvents(wrong, tmp_path)
    assert "secret-word" not in str(raised.value)
