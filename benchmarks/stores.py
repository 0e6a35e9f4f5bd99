"""Measure the stores: the spool's commits, loading, draining, and the questions of the pages.

`python -m benchmarks.stores [events]` prints a Markdown table. Times are wall clock, the median
of five for questions. The events are made up: half requests told by a transcript, one in ten
of them by a supervised run too, the rest tool calls, over 90 days, 20 projects and 50 people.
"""

import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from pawl.base.times import time_from_ms
from pawl.store.events.duckdb import DuckEvents
from pawl.store.events.kept import kept
from pawl.store.spool import SpoolWriter, segments
from pawl.telemetry.bill import Key
from pawl.telemetry.event import Event, Kind, Source

START_MS = 1_780_000_000_000
DAY_MS = 86_400_000
MODELS = ("claude-opus-5-5", "claude-sonnet-5-5", "claude-haiku-5-5", "gpt-6-codex")


def made_up_events(count: int, seed: int = 1) -> Iterator[Event]:
    """Yield events of sessions of fifty events; every tenth session is a supervised run."""
    chance = random.Random(seed)
    for session in range(count // 50 + 1):
        started = START_MS + chance.randrange(90 * DAY_MS)
        run = f"run_{session:08d}" if session % 10 == 0 else None
        who = {
            "project": f"project-{session % 20}",
            "developer": f"person-{session % 50}@example.org",
            "branch": f"branch-{session % 200}",
            "repo": f"org/repo-{session % 30}",
        }
        common: dict[str, Any] = {
            "agent": "claude-code",
            "session_id": f"session-{session:08d}",
            **who,
        }
        if run is not None:
            yield Event(
                id=f"{session}-start",
                time=time_from_ms(started),
                kind=Kind.RUN_STARTED,
                source=Source.RUN,
                run_id=run,
                **common,
            )
        for number in range(25):
            yield from _turn(session, number, started + number * 7000, run, common, chance)
        if run is not None:
            yield Event(
                id=f"{session}-end",
                time=time_from_ms(started + 25 * 7000),
                kind=Kind.RUN_ENDED,
                source=Source.RUN,
                run_id=run,
                outcome=chance.choice(("succeeded", "stopped", "agent_failed")),
                attributes={"turns": "25"},
                **common,
            )


def _turn(
    session: int,
    number: int,
    at_ms: int,
    run: str | None,
    common: dict[str, Any],
    chance: random.Random,
) -> Iterator[Event]:
    key = f"{session}-{number}"
    sources = (
        [(Source.TRANSCRIPT, None)]
        if run is None
        else [
            (Source.TRANSCRIPT, None),
            (Source.RUN, run),
        ]
    )
    for source, run_id in sources:
        yield Event(
            id=f"{key}-{source}",
            time=time_from_ms(at_ms),
            kind=Kind.REQUEST,
            source=source,
            run_id=run_id,
            request_id=f"req_{key}",
            message_id=f"msg_{key}",
            model=MODELS[session % len(MODELS)],
            input=chance.randrange(5000),
            cache_read=chance.randrange(100_000),
            cache_write_5m=chance.randrange(5000),
            output=chance.randrange(2000),
            final=True,
            cost_micros=chance.randrange(200_000),
            cost_basis="priced",
            price_version="1",
            **common,
        )
    yield Event(
        id=f"{key}-tool",
        time=time_from_ms(at_ms + 3000),
        kind=Kind.TOOL_CALL,
        source=Source.TRANSCRIPT,
        tool=chance.choice(("Bash", "Read", "Edit", "Grep")),
        tool_call_id=f"tool_{key}",
        attributes={"arguments_digest": f"{chance.getrandbits(64):016x}"},
        **common,
    )


def main(count: int) -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        spool = folder / "spool"
        rows = [*_spooling(spool, count)]
        with DuckEvents(folder) as store:
            seconds, done = _timed(lambda: store.drain(spool))
            rows.append((f"drain {done.events:,} events", seconds, done.events / seconds))
            rows.append(_trickle(store, spool, 1))
            rows.append(_trickle(store, spool, 500))
            rows.extend(_questions(store))
            seconds, count = _timed(lambda: store.reprice(lambda model, usage, day: 7, "2"))
            rows.append((f"price {count:,} requests anew", seconds, count / seconds))
            seconds, _ = _timed(store.make_anew)
            rows.append(("make all derived tables anew", seconds, None))
            while segments(spool):
                store.drain(spool)
            seconds, remade = _timed(lambda: store.rebuild(spool))
            rows.append(("make the file anew from the copies", seconds, remade.events / seconds))
            copies = sum(path.stat().st_size for path in kept(spool))
        size = (folder / "events.duckdb").stat().st_size
    print(f"{count:,} events; the store's file is {size / 1e6:.0f} MB, ", end="")
    print(f"the compressed copies are {copies / 1e6:.0f} MB\n")
    print("| what | ms | events/s |\n|---|---:|---:|")
    for what, seconds, rate in rows:
        print(f"| {what} | {seconds * 1000:,.1f} | {'' if rate is None else f'{rate:,.0f}'} |")


Row = tuple[str, float, float | None]


def _spooling(spool: Path, count: int) -> Iterator[Row]:
    events = list(made_up_events(count))
    with SpoolWriter(spool, "bench") as writer:

        def write_all() -> None:
            for start in range(0, len(events), 500):
                writer.append(events[start : start + 500])
                writer.commit()

        seconds, _ = _timed(write_all)
    yield f"spool {len(events):,} events, 500 a commit", seconds, len(events) / seconds


def _trickle(store: DuckEvents, spool: Path, size: int) -> Row:
    """One more commit to the spool and its loading, as a server sees it; median of nine."""
    chance = random.Random(2)
    times = []
    with SpoolWriter(spool, "trickle") as writer:
        for number in range(9):
            common = {"agent": "claude-code", "session_id": f"late-{size}-{number}"}
            more = [
                event
                for turn in range(size)
                for event in _turn(
                    10_000_000 + size * 100 + number, turn, START_MS + turn, None, common, chance
                )
            ]
            writer.append(more[:size])
            writer.commit()
            times.append(_timed(lambda: store.drain(spool))[0])
    seconds = statistics.median(times)
    return f"drain {size} more events", seconds, size / seconds


def _questions(store: DuckEvents) -> Iterator[Row]:
    month = time_from_ms(START_MS + 60 * DAY_MS)[:10] + "T00:00:00.000000Z"
    within = time_from_ms(START_MS + 60 * DAY_MS + 1_234_567)
    asked: dict[str, Callable[[], object]] = {
        "bill by day, project, model, all": lambda: store.bill((Key.DAY, Key.PROJECT, Key.MODEL)),
        "bill by day, 30 days": lambda: store.bill((Key.DAY,), since=month),
        "bill by developer, from a moment on": lambda: store.bill((Key.DEVELOPER,), since=within),
        "runs, first page": lambda: store.runs(),
        "runs by cost with text": lambda: store.runs(sort="cost", text="project-7"),
        "outcomes": lambda: store.outcomes(month),
        "one run's timeline": lambda: store.timeline("run_00000100"),
        "one run's requests": lambda: store.requests("run_00000100"),
        "tools, 30 days": lambda: store.tools(since=month),
    }
    for what, ask in asked.items():
        yield what, statistics.median(_timed(ask)[0] for _ in range(5)), None


def _timed(action: Callable[[], Any]) -> tuple[float, Any]:
    began = time.perf_counter()
    result = action()
    return time.perf_counter() - began, result


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
