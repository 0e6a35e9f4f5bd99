"""Measure the questions behind the pages on sessions, tools, models and developers.

`python -m benchmarks.telemetry_pages [events] [folder [copies]]` prints a Markdown table; each
time is the 95th percentile of twenty askings, wall clock. The events are made up: requests told by
a transcript and, every second session, by telemetry with its duration; tool calls with results;
over 90 days, 20 projects and 50 people. With a folder the store is kept and used again. With
`copies` the events are of a part of the days, and every row is then copied and moved in time.
"""

import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from benchmarks.dashboard_queries import multiply

from pawl.base.times import time_from_ms
from pawl.store.events.duckdb import DuckEvents
from pawl.store.spool import SpoolWriter
from pawl.telemetry.event import Event, Kind, Source
from pawl.telemetry.task_classes import task_classes

START_MS = 1_780_000_000_000
DAY_MS = 86_400_000
DAYS = 90
WINDOW = 30
MODELS = ("claude-opus-4-5", "claude-sonnet-4-5", "claude-haiku-4-5", "gpt-5.2-codex")
TOOLS = ("Bash", "Read", "Edit", "Grep", "Glob", "Write", "WebFetch", "mcp__issues__search")
TURNS = 13
ASKINGS = 20
EVENTS_A_SESSION = 53


def made_up_events(count: int, seed: int = 1, days: int = DAYS) -> Iterator[Event]:
    """Yield events of sessions of about fifty events, in the order in which sessions begin.

    Every tenth session is a supervised run. They are of the last `days`.
    """
    chance = random.Random(seed)
    sessions = count // EVENTS_A_SESSION + 1
    begun = sorted(chance.randrange(days * DAY_MS) for _ in range(sessions))
    for number, offset in enumerate(begun):
        yield from _session(number, START_MS + (DAYS - days) * DAY_MS + offset, chance)


def _session(number: int, started: int, chance: random.Random) -> Iterator[Event]:
    run = f"run_{number:08d}" if number % 10 == 0 else None
    common: dict[str, Any] = {
        "agent": ("claude-code", "codex", "gemini-cli")[number % 3],
        "session_id": f"session-{number:08d}",
        "project": f"project-{number % 20}",
        "developer": f"person-{number % 50}@example.org",
        "branch": f"branch-{number % 200}",
        "repo": f"github.com/org/repo-{number % 30}",
        "run_id": run,
    }
    begin, end = Kind.RUN_STARTED, Kind.RUN_ENDED
    edge: dict[str, Any] = {"source": Source.RUN, **common}
    if run is not None:
        yield Event(id=f"{number}-start", time=time_from_ms(started), kind=begin, **edge)
    for turn in range(TURNS):
        yield from _turn(f"{number}-{turn}", number, started + turn * 7000, common, chance)
    if run is not None:
        ended = time_from_ms(started + TURNS * 7000)
        how = chance.choice(("succeeded", "stopped", "agent_failed"))
        yield Event(id=f"{number}-end", time=ended, kind=end, outcome=how, **edge)


def _turn(
    key: str, session: int, at_ms: int, common: dict[str, Any], chance: random.Random
) -> Iterator[Event]:
    model = MODELS[session % len(MODELS)]
    asked: dict[str, Any] = {
        "time": time_from_ms(at_ms),
        "kind": Kind.REQUEST,
        "request_id": f"req_{key}",
        "model": model,
        "input": chance.randrange(5000),
        "cache_read": chance.randrange(100_000),
        "cache_write_5m": chance.randrange(5000),
        "output": chance.randrange(2000),
        "final": True,
        "cost_micros": chance.randrange(200_000),
        "cost_basis": "priced",
        "price_version": "1",
        **common,
    }
    telemetry = session % 2 == 0
    parent = f"toolu_{key}" if chance.random() < 0.05 else None
    yield Event(
        id=f"{key}-t", source=Source.TRANSCRIPT, message_id=f"msg_{key}", parent_id=parent, **asked
    )
    took = int(chance.lognormvariate(8, 0.8))
    if telemetry:
        yield Event(id=f"{key}-o", source=Source.TELEMETRY, duration_ms=took, **asked)
    if chance.random() < 0.02:
        wrong = Kind.ERROR if chance.random() < 0.8 else Kind.REFUSAL
        yield Event(
            id=f"{key}-e", time=time_from_ms(at_ms), kind=wrong, source=Source.TELEMETRY,
            model=model, request_id=f"req_{key}", **common,
        )  # fmt: skip
    tool: dict[str, Any] = {
        "source": Source.TRANSCRIPT,
        "tool": chance.choice(TOOLS),
        "tool_call_id": f"toolu_{key}",
        **common,
    }
    yield Event(id=f"{key}-c", time=time_from_ms(at_ms + 3000), kind=Kind.TOOL_CALL, **tool)
    spent = int(chance.lognormvariate(6, 1))
    outcome = "error" if chance.random() < 0.04 else "ok"
    answer: dict[str, Any] = {
        "time": time_from_ms(at_ms + 3000 + spent),
        "kind": Kind.TOOL_RESULT,
        "outcome": outcome,
        **tool,
    }
    yield Event(id=f"{key}-r", **answer)
    if telemetry:
        answer |= {"source": Source.TELEMETRY, "duration_ms": spent}
        yield Event(id=f"{key}-ro", **answer)


def filled(folder: Path, count: int, copies: int = 1) -> DuckEvents:
    """Return a store with the events in it, made unless the folder holds one."""
    known = (folder / "events.duckdb").exists()
    if not known:
        with SpoolWriter(folder / "spool", "bench") as writer:
            batch: list[Event] = []
            for event in made_up_events(count // copies, days=DAYS // copies):
                batch.append(event)
                if len(batch) == 5000:
                    writer.append(batch)
                    writer.commit()
                    batch = []
            writer.append(batch)
            writer.commit()
    store = DuckEvents(folder)
    if not known:
        store.drain(folder / "spool")
        if copies > 1:
            multiply(store, copies, DAYS // copies)
    return store


def p95_ms(ask: Callable[[], object]) -> tuple[float, float]:
    """Return the 95th percentile of some askings and the median of their CPU time, both in ms."""
    times, spent = [], []
    ask()
    for _ in range(ASKINGS):
        busy, began = time.process_time(), time.perf_counter()
        ask()
        times.append((time.perf_counter() - began) * 1000)
        spent.append((time.process_time() - busy) * 1000)
    return sorted(times)[round(0.95 * (ASKINGS - 1))], sorted(spent)[ASKINGS // 2]


def main(count: int, folder: Path, copies: int = 1) -> None:
    """Measure and print."""
    until = time_from_ms(START_MS + DAYS * DAY_MS)[:10] + "T00:00:00.000000Z"
    since = time_from_ms(START_MS + (DAYS - WINDOW) * DAY_MS)[:10] + "T00:00:00.000000Z"
    team = {f"person-{number}@example.org": f"person-{number}" for number in range(8)}
    with filled(folder, count, copies) as store:

        def tools(by: str) -> object:
            return store.tool_activity(since, until, by=by, filters={}, limit=1000)

        asked: dict[str, Callable[[], object]] = {
            "sessions, first page": lambda: store.sessions(since=since),
            "one session's events": lambda: store.session_events("session-00000100", 4000),
            "tools": lambda: tools(""),
            "tools by project": lambda: tools("project"),
            "calls that went wrong": lambda: store.tool_failures(
                since, until, tool=None, filters={}, limit=50
            ),
            "models": lambda: store.model_activity(since, until, filters={}),
            "task classes": lambda: store.class_usage(
                since, until, classes=task_classes(), sizes=(100_000, 200_000), filters={}
            ),
            "one person's days": lambda: store.person_days(["person-1@example.org"], since, until),
            "one team": lambda: store.team_total(team, since, until),
        }
        print(f"| question, {WINDOW} days | p95 ms | CPU ms |\n|---|---:|---:|")
        for what, ask in asked.items():
            wall, spent = p95_ms(ask)
            print(f"| {what} | {wall:,.1f} | {spent:,.1f} |")


if __name__ == "__main__":
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    if len(sys.argv) > 2:
        main(number, Path(sys.argv[2]), int(sys.argv[3]) if len(sys.argv) > 3 else 1)
    else:
        with tempfile.TemporaryDirectory() as made:
            main(number, Path(made))
