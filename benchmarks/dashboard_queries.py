"""How long the dashboard's questions take at a size, and how long dropping months does.

`python benchmarks/dashboard_queries.py --events 1000000 [--copies 10] [--url clickhouse://…]`
fills a store with made-up sessions, asks each question of the pages again and again with other
arguments, and prints the median and the 95th percentile of wall time, and the processor time of
this process. With `--copies` the embedded store is filled with a part and every row then copied,
with other ids and moved in time, which takes minutes where loading takes an hour. With `--drop` it
then drops all months but the last. Everything comes from one seed. The store is a folder that goes
in the end, or the database of the URL, which must be empty. With `--folder` it stays and is asked
again as it is the next time.
"""

from __future__ import annotations

import argparse
import contextlib
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from pawl.base.times import time_from_ms
from pawl.store.events.clickhouse import ClickEvents
from pawl.store.events.duckdb import DuckEvents
from pawl.store.events.engine import FILE_NAME
from pawl.store.events.practice import WorkPlace
from pawl.store.events.schema import DERIVED
from pawl.store.spool import SpoolWriter
from pawl.telemetry.bill import Key
from pawl.telemetry.event import Event, Kind, Source
from pawl.telemetry.usage import Usage

DAY_MS = 86_400_000
END_MS = 1_795_132_800_000  # 2026-11-20T00:00:00Z
SESSION_EVENTS = 40
DEVELOPERS, PROJECTS = 2000, 200
MODELS = ("claude-opus-4-6", "claude-sonnet-4-6", "gpt-5.5", "gemini-3-pro", "unknown-model")
TOOLS = ("Bash", "Read", "Edit", "Grep", "Write", "WebFetch")
ASKED = 20

Store = DuckEvents | ClickEvents


def sessions(count: int, days: int, seed: int) -> Iterator[list[Event]]:
    """Yield sessions of 40 events in time order: requests, calls of tools and their results."""
    chance = random.Random(seed)
    step = days * DAY_MS / max(1, count)
    for number in range(count):
        start = int(END_MS - days * DAY_MS + number * step)
        yield _session(number, start, chance)


def _session(number: int, start: int, chance: random.Random) -> list[Event]:
    common: dict[str, Any] = {
        "agent": chance.choice(("claude-code", "codex")),
        "session_id": f"session-{number:09d}",
        "project": f"project-{chance.randrange(PROJECTS)}",
        "repo": "org/repo",
        "branch": "main",
        "developer": f"dev-{chance.randrange(DEVELOPERS)}@example.org",
        "machine": f"laptop-{chance.randrange(500)}",
    }
    model = chance.choice(MODELS)
    made, at = [], start
    for place in range(SESSION_EVENTS):
        at += chance.randrange(200, 30_000)
        name, turn = f"{number:x}.{place}", place // 3
        told: dict[str, Any] = {"id": name, "time": time_from_ms(at), **common}
        if place % 3 == 0:
            made.append(
                Event(
                    kind=Kind.REQUEST,
                    source=chance.choice((Source.TRANSCRIPT, Source.TELEMETRY)),
                    request_id=f"req-{number:x}-{turn}",
                    model=model,
                    input=chance.randrange(5000),
                    cache_read=chance.randrange(100_000),
                    output=chance.randrange(3000),
                    duration_ms=chance.randrange(60_000),
                    **told,
                )
            )
            continue
        call: dict[str, Any] = {
            "tool": chance.choice(TOOLS),
            "tool_call_id": f"call-{number:x}-{turn}",
        }
        kind = Kind.TOOL_CALL if place % 3 == 1 else Kind.TOOL_RESULT
        outcome = "error" if chance.random() < 0.05 else "ok"
        made.append(Event(kind=kind, source=Source.TRANSCRIPT, outcome=outcome, **call, **told))
    return made


def fill(store: Store, spool: Path, events: int, days: int) -> float:
    """Load that many events; return the seconds that the store took."""
    took, told = 0.0, 0
    with SpoolWriter(spool, "bench") as writer:
        for session in sessions(events // SESSION_EVENTS, days, 1):
            writer.append(session)
            told += len(session)
            if told % 200_000 < SESSION_EVENTS:
                writer.commit()
                began = time.perf_counter()
                store.drain(spool)
                store.reprice(_price, "2026-11-21")
                took += time.perf_counter() - began
                print(f"\r{told:>12,} events, {told / took:,.0f}/s", end="", flush=True)
        writer.commit()
    began = time.perf_counter()
    store.drain(spool)
    store.reprice(_price, "2026-11-21")
    print()
    return took + time.perf_counter() - began


def multiply(store: DuckEvents, copies: int, days: int) -> None:
    """Copy every row so many times less one, each copy `days` earlier and with ids of its own."""
    renamed = {"id", "request_id", "message_id", "tool_call_id", "session_id", "run_id"}
    renamed |= {"key", "payer", "call"}
    with store._transaction() as cursor:
        for table in ("events", *DERIVED):
            told = cursor.execute(f"SELECT * FROM {table} LIMIT 0").description or []
            listed = []
            for name, kind, *_ in told:
                quoted = f'"{name}"'
                if name in renamed:
                    quoted = f"{quoted} || '~' || c"
                elif str(kind).startswith("TIMESTAMP") and name not in ("since", "until"):
                    quoted = f"{quoted} - to_days(CAST(c * {days} AS INTEGER))"
                listed.append(quoted)
            cursor.execute(
                f"INSERT INTO {table} SELECT {', '.join(listed)}"
                f" FROM {table} CROSS JOIN range(1, {copies}) AS copy(c)"
            )


def _price(model: str, usage: Usage, day: str) -> int | None:
    return None if model == "unknown-model" else usage.input * 3 + usage.output * 15


def questions(store: Store, days: int, chance: random.Random) -> dict[str, Callable[[], object]]:
    """Return what the pages ask, by name; `all` asks of the whole history."""

    def since(back: int) -> str:
        return time_from_ms(END_MS - back * DAY_MS)

    def some_session() -> str:
        return store.runs(limit=1, offset=chance.randrange(1000))[0][0].run_id

    until = time_from_ms(END_MS)
    asked: dict[str, Callable[[], object]] = {}
    for name, start in (("7 d", since(7)), ("30 d", since(30)), ("all", since(days + 1))):
        for key in (Key.DAY, Key.PROJECT, Key.MODEL, Key.DEVELOPER):
            asked[f"bill by {key.value}, {name}"] = (
                lambda key=key, start=start: store.bill((key,), since=start)  # type: ignore[misc]
            )
        asked[f"tools, {name}"] = lambda start=start: store.tools(since=start)  # type: ignore[misc]
        asked[f"outcomes, {name}"] = lambda start=start: store.outcomes(start)  # type: ignore[misc]
    asked["bill of a project by day and model"] = lambda: store.bill(
        (Key.DAY, Key.MODEL), filters={Key.PROJECT: f"project-{chance.randrange(PROJECTS)}"}
    )
    asked["runs, newest"] = lambda: store.runs(limit=50)
    asked["runs, dearest of 30 d"] = lambda: store.runs(sort="cost", since=since(30))
    asked["runs of a text"] = lambda: store.runs(text=f"dev-{chance.randrange(DEVELOPERS)}@")
    asked["choices"] = store.choices
    session = some_session()
    asked["one session's events"] = lambda: store.timeline(session)
    asked["one session's requests"] = lambda: store.requests(session)
    asked["practice, 90 d"] = lambda: store.practice(since(90), until, WorkPlace())
    return asked


def main() -> None:
    """Fill, ask, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--days", type=int, default=90)
    parser.add_argument("--copies", type=int, default=1)
    parser.add_argument("--url")
    parser.add_argument("--drop", action="store_true", help="drop all months but the last")
    parser.add_argument("--folder", type=Path, help="where the embedded store stays")
    asked = parser.parse_args()
    with contextlib.ExitStack() as held:
        folder = asked.folder or Path(
            held.enter_context(tempfile.TemporaryDirectory(prefix="pawl-bench-"))
        )
        known = (folder / FILE_NAME).exists()
        store: Store = ClickEvents(asked.url, folder) if asked.url else DuckEvents(folder)
        with store:
            part, days = asked.events // asked.copies, asked.days // asked.copies
            if not known:
                took = fill(store, folder / "spool", part, days)
                print(f"loaded, priced and brought up to date: {part / took:,.0f} events/s")
                if asked.copies > 1 and isinstance(store, DuckEvents):
                    multiply(store, asked.copies, days)
            ask_all(store, asked.days)
            if asked.drop:
                month = time_from_ms(END_MS - (asked.days - 32) * DAY_MS)[:7]
                began = time.perf_counter()
                gone = store.drop_before(month)
                print(
                    f"dropped {gone:,} events before {month}: {time.perf_counter() - began:.1f} s"
                )


def ask_all(store: Store, days: int) -> None:
    """Ask every question and print how long the answers took."""
    slowest = 0.0
    for name, ask in questions(store, days, random.Random(2)).items():
        ask()
        took, used = [], time.process_time()
        for _ in range(ASKED):
            began = time.perf_counter()
            ask()
            took.append((time.perf_counter() - began) * 1000)
        used = (time.process_time() - used) / ASKED * 1000
        p95 = statistics.quantiles(took, n=20)[-1]
        slowest = max(slowest, p95)
        middle = statistics.median(took)
        print(f"{name:<40} median {middle:8.1f} ms   p95 {p95:8.1f} ms   cpu {used:8.1f} ms")
    print(f"slowest p95: {slowest:.0f} ms")


if __name__ == "__main__":
    main()
