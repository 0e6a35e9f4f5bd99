"""Two shards of two replicas: one replica is killed under load and comes back."""

from __future__ import annotations

import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.scale.endpoint import PASSWORD, USER, Node, Servers, a_cluster, clickhouse_missing
from tests.scale.test_equal_answers import WHOLE, load, made_up, rows_of
from tests.scale.test_forgetting_clickhouse import ADA, people
from tests.store.events.endurance import prices

from pawl.store.events import clickhouse_schema
from pawl.store.events.clickhouse import ClickEvents
from pawl.store.events.clickhouse_eraser import ClickEraser
from pawl.store.events.duckdb import DuckEvents
from pawl.store.events.engine import StoreBroken
from pawl.store.events.eraser import Eraser
from pawl.store.events.schema import DERIVED
from pawl.store.events.store import EventsStore
from pawl.store.spool import SpoolWriter, segments
from pawl.telemetry.event import Event
from pawl.telemetry.task_classes import task_classes

_MISSING = clickhouse_missing()
pytestmark = [
    pytest.mark.heavy,
    pytest.mark.skipif(_MISSING is not None, reason=_MISSING or ""),
]

COUNT = 900
_NAMED = (
    "SELECT count() FROM events_rows"
    " WHERE positionCaseInsensitive(toString(tuple(*)), 'ada@example') > 0"
)
AT_ONCE = 25
_GIVE_UP_S = 900


@pytest.fixture
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    with a_cluster(tmp_path_factory.mktemp("cluster")) as servers:
        yield servers


class Loader:
    """A server that writes events into its spool and drains it, again and again, in a thread."""

    def __init__(self, url: str, folder: Path, events: list[Event]) -> None:
        self._url, self._folder, self._events = url, folder, events
        self.refused = self.drained = 0
        self.wrong: BaseException | None = None
        self._thread = threading.Thread(target=self._run)

    def start(self) -> None:
        self._thread.start()

    @property
    def working(self) -> bool:
        """Whether it has events left to load."""
        return self._thread.is_alive()

    def join(self) -> None:
        self._thread.join()
        assert self.wrong is None, self.wrong

    def _run(self) -> None:
        try:
            self._load()
        except BaseException as error:
            self.wrong = error

    def _load(self) -> None:
        spool, table = self._folder / "spool", prices(1)
        give_up = time.monotonic() + _GIVE_UP_S
        with (
            ClickEvents(self._url, self._folder) as store,
            SpoolWriter(spool, self._folder.name, max_bytes=20_000) as writer,
        ):
            waiting, priced = list(self._events), False
            while waiting or self._left(spool) or not priced:
                assert time.monotonic() < give_up
                writer.append(waiting[:AT_ONCE])
                writer.commit()
                del waiting[:AT_ONCE]
                if not waiting:
                    writer.close()
                priced = False
                try:
                    store.drain(spool)
                    store.reprice(table.price, table.version)
                    priced = True
                    self.drained += 1
                except StoreBroken:
                    self.refused += 1
                    time.sleep(0.2)  # As a server does between two attempts.

    @staticmethod
    def _left(spool: Path) -> bool:
        return bool(segments(spool))


def asked_alone(node: Node, database: str, statement: str) -> str:
    """Answer a statement from what one server itself holds."""
    request = urllib.request.Request(
        f"http://127.0.0.1:{node.http}/?database={database}",
        statement.encode(),
        {"X-ClickHouse-User": USER, "X-ClickHouse-Key": PASSWORD},
    )
    with urllib.request.urlopen(request, timeout=60) as answer:
        return str(answer.read().decode().strip())


def until(condition: str, loaders: list[Loader], cluster: Servers) -> None:
    """Wait until the loaders have drained, or been refused, twice more."""
    before = sum(getattr(loader, condition) for loader in loaders)
    give_up = time.monotonic() + _GIVE_UP_S
    while sum(getattr(loader, condition) for loader in loaders) < before + 2:
        assert time.monotonic() < give_up, f"no loader has {condition}"
        assert any(loader.working for loader in loaders), "the loaders were done too soon"
        cluster.tend()
        time.sleep(0.05)


def persisting(cluster: Servers, act: Callable[[], Any]) -> Any:
    """Return what `act` does, tried until enough of the servers are there for it."""
    give_up = time.monotonic() + _GIVE_UP_S
    while True:
        try:
            return act()
        except StoreBroken:
            assert time.monotonic() < give_up
            cluster.tend()


def runs_there(cluster: Servers, folder: Path) -> int:
    """Return how many runs there are."""
    with ClickEvents(cluster.url("pawl", first=1), folder) as store:
        return store.runs()[1]


def test_a_replica_dies_and_comes_back(cluster: Servers, tmp_path: Path) -> None:
    """Two servers load meanwhile: nothing is lost, nothing counts twice, replicas are alike.

    While a replica is away questions are answered, and the spool keeps what cannot be loaded.
    """
    events = made_up(COUNT, 11)
    ClickEvents(cluster.url("pawl"), tmp_path).close()
    loaders = [
        Loader(cluster.url("pawl", first=2 * number), tmp_path / f"s{number}", events[number::2])
        for number in (0, 1)
    ]
    for loader in loaders:
        loader.start()
    until("drained", loaders, cluster)
    cluster.nodes[1].kill()
    until("refused", loaders, cluster)
    assert persisting(cluster, lambda: runs_there(cluster, tmp_path)) > 0
    cluster.nodes[1].start()
    while any(loader.working for loader in loaders):
        cluster.tend()
        time.sleep(0.05)
    for loader in loaders:
        loader.join()
    cluster.tend()

    with (
        DuckEvents(tmp_path / "duck") as duck,
        ClickEvents(cluster.url("pawl", first=3), tmp_path) as store,
    ):
        load(duck, tmp_path / "duck" / "spool", events)

        def rows(table: str) -> Any:
            return persisting(cluster, lambda: rows_of(store, table))

        assert persisting(cluster, store.totals) == duck.totals()
        for table in ("events", *DERIVED):
            assert rows(table) == rows_of(duck, table), table
        kept_up = [rows(table) for table in DERIVED]
        persisting(cluster, store.make_anew)
        assert [rows(table) for table in DERIVED] == kept_up
    counts = "SELECT count(), uniqExact(id), sum(cityHash64(toString(time), id)) FROM events_here"
    cluster.tend()
    told = [asked_alone(node, "pawl", counts) for node in cluster.nodes]
    assert told[0] == told[1]
    assert told[2] == told[3]
    per_shard = [told[0].split("\t"), told[2].split("\t")]
    assert sum(int(each[0]) for each in per_shard) == COUNT
    assert all(each[0] == each[1] and int(each[0]) > COUNT / 3 for each in per_shard)


def test_months_are_dropped_on_every_server(cluster: Servers, tmp_path: Path) -> None:
    """Dropping months leaves the same on a cluster as in an embedded store."""
    events = made_up(600, 12)
    opened = persisting(cluster, lambda: ClickEvents(cluster.url("drop"), tmp_path / "click"))
    with DuckEvents(tmp_path / "duck") as duck, opened as store:
        load(duck, tmp_path / "duck" / "spool", events)
        spool = tmp_path / "click" / "spool"
        persisting(cluster, lambda: load(store, spool, events))
        duck.drop_before("2026-02")
        persisting(cluster, lambda: store.drop_before("2026-02"))
        for table in ("events", *DERIVED):
            found = persisting(cluster, lambda table=table: rows_of(store, table))  # type: ignore[misc]
            assert found == rows_of(duck, table), table
    cluster.tend()
    for node in cluster.nodes:
        oldest = asked_alone(node, "drop", "SELECT min(time) >= '2026-02-01' FROM events_rows")
        assert oldest == "1"


def test_questions_have_the_same_answers_of_a_cluster(cluster: Servers, tmp_path: Path) -> None:
    """What joins and sums up over several servers is what one embedded store says."""
    events = made_up(300, 13)
    opened = persisting(cluster, lambda: ClickEvents(cluster.url("asked"), tmp_path / "click"))
    with DuckEvents(tmp_path / "duck") as duck, opened as store:
        load(duck, tmp_path / "duck" / "spool", events)
        persisting(cluster, lambda: load(store, tmp_path / "click" / "spool", events))
        asked: list[Callable[[EventsStore], object]] = [
            lambda one: one.conduct(*WHOLE, 1),
            lambda one: one.meters(*WHOLE, WHOLE[0]),
            lambda one: one.sessions(),
            lambda one: one.tool_activity(*WHOLE, by="agent", filters={}, limit=50),
            lambda one: one.model_activity(*WHOLE, filters={}),
            lambda one: one.class_usage(*WHOLE, classes=task_classes(), sizes=(5,), filters={}),
            lambda one: one.spend(WHOLE[0]),
            lambda one: list(one.history(*WHOLE)),
            lambda one: one.run_of("session", "s0"),
        ]
        for ask in asked:
            assert persisting(cluster, lambda ask=ask: ask(store)) == ask(duck)  # type: ignore[misc]


def test_a_person_is_forgotten_on_every_replica(cluster: Servers, tmp_path: Path) -> None:
    """Asked while a replica is away nothing is promised; asked again every server is rewritten."""
    events = people(240, 14)
    opened = persisting(cluster, lambda: ClickEraser(cluster.url("forget"), tmp_path / "click"))
    with opened as store:
        persisting(cluster, lambda: load(store, tmp_path / "click" / "spool", events))
        totals = persisting(cluster, store.totals)
        held = [asked_alone(node, "forget", _NAMED) for node in cluster.nodes]
        assert all(int(each) > 0 for each in held)
        cluster.nodes[1].kill()
        with pytest.raises(StoreBroken):
            store.forget((ADA,), "chance")
        cluster.nodes[1].start()
        done = persisting(cluster, lambda: store.forget((ADA,), "chance"))
        assert done.searched == 4 * len(clickhouse_schema.personal())
        persisting(cluster, lambda: store.reprice(prices(1).price, prices(1).version))
        again = tmp_path / "again" / "spool"
        assert persisting(cluster, lambda: load(store, again, events)) == [0]
        assert persisting(cluster, store.totals) == totals
        with Eraser(tmp_path / "duck") as duck:
            load(duck, tmp_path / "duck" / "spool", events)
            duck.forget((ADA,), "salt")
            duck.reprice(prices(1).price, prices(1).version)
            for table in ("events", *DERIVED):
                found = persisting(cluster, lambda table=table: rows_of(store, table))  # type: ignore[misc]
                assert found == rows_of(duck, table), table
    cluster.tend()
    for personal in clickhouse_schema.personal():
        named = _NAMED.replace("events_rows", personal.rows)
        assert [asked_alone(node, "forget", named) for node in cluster.nodes] == ["0"] * 4, named
