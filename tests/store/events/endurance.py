"""Drive the events store as a server that drains every second does, and compare with the rule.

`python -m tests.store.events.endurance DRAINS [SEED]` runs it by hand and tells how long it took.
Each drain loads a handful of events and prices them; other threads keep asking; at intervals the
bill is compared with the pure fold over all events so far, and the tables kept up with the tables
made anew. Everything comes from the seed but the moments at which the other threads ask.
"""

import random
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pawl.base.times import time_from_ms
from pawl.store.events.duckdb import DuckEvents
from pawl.store.events.schema import DERIVED
from pawl.store.spool import SpoolWriter
from pawl.telemetry.bill import Key
from pawl.telemetry.event import Event, Kind, Source
from pawl.telemetry.observation import observation
from pawl.telemetry.pricing import ModelPrices, PriceFile, PriceTable, RateRow, compile_prices
from pawl.telemetry.reconcile import Requests
from pawl.telemetry.rollup import Tally, bill_of

START_MS = 1_763_683_100_000
_AT_ONCE = 12
"""How many sessions are alive at one time; each lives for about as many drains."""


class World:
    """Makes up events that collide: sessions, requests and messages come back while they live."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.facts: list[Event] = []
        self.step = 0

    def batch(self, most: int) -> list[Event]:
        """Return between 1 and `most` events that were not told before."""
        self.step += 1
        made = [
            self._event(f"e{len(self.facts) + number}")
            for number in range(self.chance.randint(1, most))
        ]
        self.facts += made
        return made

    def _event(self, name: str) -> Event:
        chance = self.chance
        alive = self.step + chance.randrange(_AT_ONCE)
        kind = chance.choices(
            [Kind.REQUEST, Kind.TOOL_CALL, Kind.RUN_STARTED, Kind.RUN_ENDED], [7, 2, 1, 1]
        )[0]
        common: dict[str, Any] = {
            "id": name,
            "time": time_from_ms(START_MS + self.step * 20_000 + chance.randrange(4_000_000)),
            "kind": kind,
            "source": chance.choice(list(Source)),
            "agent": chance.choice(["claude-code", "codex"]),
            "session_id": chance.choice([None, f"session-{alive}"]),
            "run_id": chance.choice([None, f"run_{alive // 3:08d}"]),
            "project": chance.choice([None, "p", "a project of a longer name than twelve bytes"]),
            "developer": chance.choice([None, f"person-{chance.randrange(9)}@example.org"]),
        }
        if kind is not Kind.REQUEST:
            own = {"turns": "3"} if kind is Kind.RUN_ENDED else {}
            return Event(
                tool="Bash", tool_call_id=f"t{alive}", outcome="ok", attributes=own, **common
            )
        number = self.step * 8 + chance.randrange(80)
        return Event(
            request_id=chance.choice([None, f"req_{number}"]),
            message_id=chance.choice([None, f"msg_{number}"]),
            model=chance.choice(["m-1", "m-2", "another-model-of-a-long-name"]),
            input=chance.randrange(10_000),
            cache_read=chance.choice([None, chance.randrange(100_000)]),
            output=chance.randrange(2_000),
            final=chance.choice([None, True, False]),
            attributes=chance.choice([{}, {"sidechain": "true"}, {"cwd": "/a/" + "x" * 40}]),
            **common,
        )


def prices(version: int) -> PriceTable:
    """Return a table of one model whose price differs by version."""
    rows = (RateRow(input=1.0 + version, output=10.0, cache_read=0.1),)
    model = ModelPrices(id="m-1", source="made up", rows=rows)
    made = PriceFile(
        schema="pawl.prices/1",
        version=str(version),
        as_of="2026-11-21",
        sources={},
        models=(model,),
    )
    return compile_prices([made])


def endure(
    folder: Path, *, drains: int, seed: int, readers: int, compared_every: int, most: int = 20
) -> int:
    """Drain so many times; return how many events there were. Raises AssertionError."""
    world = World(seed)
    table = prices(1)
    with (
        DuckEvents(folder) as store,
        SpoolWriter(folder / "spool", "w", max_bytes=20_000) as writer,
        _asking(store, readers, seed),
    ):
        for number in range(1, drains + 1):
            writer.append(world.batch(most))
            writer.commit()
            store.drain(folder / "spool")
            if number % (compared_every // 3 or 1) == 0:
                table = prices(number)
            if number % 4 == 0 or number == drains:
                store.reprice(table.price, table.version)
            if number % (compared_every // 4 * 4) == 0 or number == drains:
                compare(store, world.facts, table)
    with DuckEvents(folder) as store:  # What is on the disk, read by another opening.
        compare(store, world.facts, table)
    return len(world.facts)


def compare(store: DuckEvents, facts: list[Event], table: PriceTable) -> None:
    """Hold the store against the facts: each once, each as told, the bill, the tables."""
    stored = store._rows("SELECT id, session_id, request_id, project FROM events", {})
    told = [(fact.id, fact.session_id, fact.request_id, fact.project) for fact in facts]
    assert sorted(map(repr, stored)) == sorted(map(repr, told))
    fold = Requests()
    fold.add(observation(fact) for fact in facts if fact.kind is Kind.REQUEST)
    tally = Tally(table)
    tally.add_fold(fold)
    by = (Key.HOUR, Key.PROJECT, Key.MODEL)
    expected = bill_of(tally.rollup(), by)
    found = store.bill(by)
    assert (found.total, found.rows) == (expected.total, expected.rows)
    assert (found.unpriced, found.sources) == (expected.unpriced, expected.sources)
    kept_up = tables(store)
    store.make_anew()
    anew = tables(store)
    for name, rows in kept_up.items():
        differing = sorted(set(rows) ^ set(anew[name]))
        assert (differing[:6], len(rows)) == ([], len(anew[name])), name


def tables(store: DuckEvents) -> dict[str, list[str]]:
    """Return every derived row as text."""
    return {name: sorted(map(repr, store._rows(f"SELECT * FROM {name}", {}))) for name in DERIVED}


@contextmanager
def _asking(store: DuckEvents, readers: int, seed: int) -> Iterator[None]:
    """Ask from other threads all the while; an answer that raises fails the run."""
    questions: tuple[Callable[[], object], ...] = (
        lambda: store.runs(sort="cost", text="run"),
        lambda: store.bill((Key.DAY, Key.PROJECT)),
        lambda: store.timeline("session-5"),
        lambda: store.requests("run_00000002"),
        store.tools,
        store.outcomes,
        lambda: store._rows("SELECT count(*), sum(hash(e)) FROM events AS e", {}),
    )
    done = threading.Event()
    wrong: list[BaseException] = []

    def ask(chance: random.Random) -> None:
        try:
            while not done.wait(chance.uniform(0, 0.1)):
                chance.choice(questions)()
        except BaseException as error:
            wrong.append(error)

    threads = [
        threading.Thread(target=ask, args=(random.Random(seed * 100 + number),))
        for number in range(readers)
    ]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        done.set()
        for thread in threads:
            thread.join()
    assert wrong == []


if __name__ == "__main__":
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as name:
        count = endure(
            Path(name),
            drains=int(sys.argv[1]),
            seed=int(sys.argv[2]) if len(sys.argv) > 2 else 1,
            readers=2,
            compared_every=250,
        )
    print(f"{sys.argv[1]} drains, {count} events, {time.monotonic() - began:.0f} s")
