"""How fast all alert rules take events in, how long a look takes, and how long a start's warming.

Run `python benchmarks/alerts_fold.py [events] [--scopes N] [--profile]` for the fold alone, and
`python benchmarks/alerts_fold.py --warm [events]` for a server's start: a store of so many events
over 58 days is taken in by a ticker in a thread, while this thread asks the store what a page asks.
The events are made up: sessions of a few projects with requests told by one or two sources, tool
calls with their results. `--shuffled` loads them in no order, as imports of old sessions do.
Times are of the processor, but what a page waits.
"""

import cProfile
import gc
import pstats
import random
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pawl.alerts.rules
from pawl.alerts.configuring import Setup, set_up
from pawl.alerts.delivery import numbers
from pawl.alerts.instants import instant, seconds
from pawl.alerts.rule import Rule
from pawl.base.catalogue import discover
from pawl.runs.alert_settings import AlertSettings
from pawl.services.alerting import Ticker
from pawl.store.events.duckdb import DuckEvents
from pawl.store.records.alerts import AlertRecords
from pawl.store.records.engine import open_records
from pawl.store.records.timers import TimerRecords
from pawl.store.spool import SpoolWriter
from pawl.telemetry.event import Event, Kind, Source

START = seconds("2026-11-16T09:00:00.000000Z")
NOW = "2026-11-21T12:00:00.000000Z"
WARMED_S = 58 * 86_400.0
BATCH = 2_000
ASKED_EVERY_S = 0.02


def made(count: int, *, scopes: int = 10, start: float = START, step: float = 0.05) -> list[Event]:
    """Return events of so many projects, and of 50 sessions or as many, `step` seconds apart."""
    return list(_made(count, max(50, scopes), scopes, start, step))


def _made(count: int, sessions: int, scopes: int, start: float, step: float) -> Iterator[Event]:
    for n in range(count):
        session = n % sessions
        part = n // sessions % 5
        kind = (Kind.REQUEST, Kind.REQUEST, Kind.MESSAGE, Kind.TOOL_CALL, Kind.TOOL_RESULT)[part]
        turn = n // (5 * sessions)
        names: dict[str, object] = {}
        if kind is Kind.REQUEST:
            names = {
                "request_id": f"r{session}-{turn}",
                "model": "claude-sonnet-4-5",
                "input": 1000,
                "cache_read": 50_000,
                "output": 500,
                "cost_micros": 20_000,
                "duration_ms": 3000 + n % 1000,
                "agent_version": "2.1.0",
            }
        elif kind is not Kind.MESSAGE:
            names = {
                "tool": f"tool{turn % 12}",
                "tool_call_id": f"c{session}-{turn}",
                "outcome": None if kind is Kind.TOOL_CALL else "ok",
                "attributes": {"arguments_digest": f"a{turn}", "result_digest": f"b{turn}"},
            }
        yield Event(
            id=f"e{n}",
            time=instant(start + n * step),
            kind=kind,
            source=Source.TELEMETRY if part == 1 else Source.RUN,
            agent="claude-code",
            project=f"p{session % scopes}",
            session_id=f"s{session}",
            **names,  # type: ignore[arg-type]
        )


def rules() -> Setup:
    """Return all rules as they come."""
    return set_up(discover(pawl.alerts.rules, "RULE", Rule), AlertSettings())


def measure(count: int, scopes: int, profiled: bool) -> None:
    """Print events a second and milliseconds a look, with the price of each part."""
    events = made(count, scopes=scopes)
    watching = rules().watching()
    gc.collect()
    gc.freeze()  # The server does not hold the events it has folded.
    profile = cProfile.Profile() if profiled else None
    folding, looks = 0.0, list[float]()
    if profile is not None:
        profile.enable()
    for begin in range(0, count, BATCH):
        batch = events[begin : begin + BATCH]
        began = time.process_time()
        watching.see(batch, batch[-1].time)
        middle = time.process_time()
        readings = watching.look(batch[-1].time)
        folding += middle - began
        looks.append(time.process_time() - middle)
    if profile is not None:
        profile.disable()
        pstats.Stats(profile).sort_stats("tottime").print_stats(25)
    print(f"{count / folding:,.0f} events/s folded, ", end="")
    last = statistics.median(looks[-20:])
    print(f"{1000 * last:.1f} ms a look at the end, {len(readings)} readings")


def warm(count: int, shuffled: bool) -> None:
    """Print how long warming takes from a real store, and how long a page waits meanwhile."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _fill(folder, count, shuffled)
        engine = open_records(folder)
        with DuckEvents(folder) as store:
            for _ in range(5):
                store.runs(limit=50)  # A page's question, asked before the clock runs.
            quiet = sorted(_asked(store) for _ in range(50))
            ticker = Ticker(
                setup=rules(),
                news=store,
                records=AlertRecords(engine),
                timers=TimerRecords(engine),
                now=lambda: NOW,
                numbers=numbers(),
                store="bench",
                holder="bench",
            )
            took: list[float] = []
            thread = threading.Thread(target=lambda: took.append(_timed(ticker)))
            began, waits = time.perf_counter(), list[float]()
            whole, own = time.process_time(), time.thread_time()
            thread.start()
            while thread.is_alive():
                waits.append(_asked(store))
                time.sleep(ASKED_EVERY_S)
            wall = time.perf_counter() - began
            whole, own = time.process_time() - whole, time.thread_time() - own
            waits.sort()
        engine.dispose()
    print(f"warmed with {count:,} stored events: {took[0]:.1f} s of its thread, ", end="")
    print(f"{whole - own:.1f} s of the process but for the page's thread, {wall:.1f} s of wall")
    for what, found in (("idle", quiet), ("meanwhile", waits)):
        shares = (found[int(part * (len(found) - 1))] * 1000 for part in (0.5, 0.95, 1.0))
        print(f"a page's question, {what}: p50, p95, max ", *(f"{each:.0f} ms" for each in shares))


def _fill(folder: Path, count: int, shuffled: bool) -> None:
    events = made(count, start=seconds(NOW) - WARMED_S, step=WARMED_S / count)
    if shuffled:
        random.Random(1).shuffle(events)
    with SpoolWriter(folder / "spool", "made") as writer:
        for begin in range(0, count, 5_000):
            writer.append(events[begin : begin + 5_000])
            writer.commit()
    with DuckEvents(folder) as store:
        store.drain(folder / "spool")


def _asked(store: DuckEvents) -> float:
    began = time.perf_counter()
    store.runs(limit=50)
    return time.perf_counter() - began


def _timed(ticker: Ticker) -> float:
    began = time.thread_time()
    ticker.feed()
    return time.thread_time() - began


if __name__ == "__main__":
    given = [int(argument) for argument in sys.argv[1:] if argument.isdecimal()]
    if "--warm" in sys.argv:
        warm(given[0] if given else 500_000, "--shuffled" in sys.argv)
    else:
        many = given.pop() if "--scopes" in sys.argv else 10
        measure(given[0] if given else 200_000, many, "--profile" in sys.argv)
