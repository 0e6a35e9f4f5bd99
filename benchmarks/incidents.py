"""How fast incidents are with ten thousand on record: `python -m benchmarks.incidents`.

Fills records in SQLite, or takes the folder of `--keep`, and asks through the desk. Whole commands
are run as processes of their own, in a repository with a roster and a schedule and in none. Search
stands beside FTS5 of SQLite with the same words of the same incidents. `--postgres URL` asks an
empty database besides; `--part` asks one part only.
"""

import argparse
import os
import random
import resource
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path

from benchmarks.changes import OneTransaction, measured
from benchmarks.incidents_fill import Filled, copied, filled
from tests.services.made_desk import Clock
from tests.services.made_incident_desk import SUE, MadeIncidents

from pawl.base.times import format_time, parse_time
from pawl.incidents.terms import shipped_terms
from pawl.services.practice_incidents import figures_told, incidents_of
from pawl.store.records import incident_words
from pawl.store.records.connection import Engine
from pawl.store.records.engine import open_records, reading, writing
from pawl.store.records.incident_history import history

ASKED, FIRST = 200, 10
HEAD = "| question | median ms | p95 ms | worst ms | processor ms |\n|---|---:|---:|---:|---:|"
ROSTER = """\
schema: pawl.roster/1
people:
  - {id: ann, identities: ["git:ann@example.com"]}
  - {id: leo, identities: ["git:leo@example.com"]}
grants:
  - {person: ann, role: incident-commander, granted_by: leo}
  - {person: leo, role: product-lead, granted_by: ann}
"""
ONCALL = """\
schema: pawl.oncall/1
time_zone: Europe/Berlin
rotations:
  - {id: primary, members: [ann, leo], starts: 2026-01-05, hand_over: "09:00", days: 7}
  - {id: secondary, members: [leo], starts: 2026-01-05}
"""


@contextmanager
def opened(folder: Path, url: str | None = None) -> Iterator[Engine]:
    """Give an engine, and dispose of it."""
    engine = open_records(folder, url)
    try:
        yield engine
    finally:
        engine.dispose()


def ask(engine: Engine, told: Filled) -> None:
    """Measure what the desk answers, and what it pays for being found again."""
    made = MadeIncidents(engine, Clock(told.until), prefix="later")
    desk, chance = made.desk, random.Random(3)
    print(f"\n{engine.place}: {len(told.names):,} incidents\n\n{HEAD}")
    measured("all words, taken the first time", [lambda: _take_all(desk.take_words)])
    some = chance.sample(told.names, min(ASKED, len(told.names)))
    measured("similar", [partial(desk.similar, each) for each in some])
    measured("declare", [partial(made.declared, f"Again {n}") for n in range(ASKED)])
    measured("note", [partial(desk.note, each, "Seen again.", SUE) for each in some])
    measured("similar, after a note on each of 200", [partial(desk.similar, some[0])])
    measured("similar, after a note", [partial(_noted, made, each) for each in some[:40]])
    measured("open actions, for a gate", [desk.open_actions] * 20)
    measured("open debts, for a gate", [desk.open_debts] * 20)
    measured("emergencies, for a gate", [desk.emergencies] * 20)
    measured("board of 200", [desk.list] * 20)
    measured("what goes on", [desk.ongoing] * 20)
    measured("timeline", [partial(desk.timeline, each) for each in some])
    until = told.until
    quarter = format_time(parse_time(until) - timedelta(days=90))
    measured("figures of 90 days", [partial(desk.figures, quarter, until)] * 5)
    measured("figures of all", [partial(desk.figures, "2025-01-01T00:00:00.000000Z", until)])
    measured("all actions", [desk.actions] * 3)
    measured("weekly review", [partial(desk.weekly_review, until)] * 3)
    measured("structural report of 90 days", [partial(desk.structural_report, quarter, until)] * 3)
    measured("audit of all timers", [desk.audit])
    week = format_time(parse_time(until) - timedelta(days=7))
    measured("audit of a week's", [partial(desk.audit, since=week)] * 5)
    measured("a tick in which much is due", [desk.tick])
    measured("a tick in which nothing is", [desk.tick] * 20)
    known = history(engine, until)
    measured("the past, for an assessment", [partial(history, engine, until)])
    measured("the facts of an assessment", [partial(incidents_of, known, None)])
    days = shipped_terms().repeat_days
    measured("figures of 90 days, for the score", [
        partial(figures_told, known, quarter, until, days, None)
    ])  # fmt: skip


def _take_all(take: Callable[[], bool]) -> None:
    while take():
        pass


def _noted(made: MadeIncidents, name: str) -> None:
    made.desk.note(name, "And again.", SUE)
    made.desk.similar(name)


def overdue(incidents: int) -> None:
    """Measure ticks after an outage in which every page and every breach came due."""
    with tempfile.TemporaryDirectory() as folder, opened(Path(folder)) as engine:
        with writing(engine) as connection:
            made = MadeIncidents(OneTransaction(connection))  # type: ignore[arg-type]
            for number in range(incidents):
                made.declared(f"One of many, {number}")
        late = MadeIncidents(engine, made.clock)
        late.clock.wind(hours=1)
        wall, used, events, ticks, worst = time.perf_counter(), time.process_time(), 0, 0, 0.0
        while True:
            began = time.perf_counter()
            happened = len(late.desk.tick())
            if not happened:
                break
            events, ticks = events + happened, ticks + 1
            worst = max(worst, time.perf_counter() - began)
        print(
            f"\nafter an outage: {events:,} deadlines in {ticks} ticks, "
            f"{time.perf_counter() - wall:.1f} s, {time.process_time() - used:.1f} s of processor; "
            f"the longest tick {worst:.1f} s"
        )


def beside_fts5(engine: Engine, told: Filled) -> None:
    """Measure search beside FTS5's bm25: the same words of the same incidents, in turns.

    What is right is known: the incidents of the same kind of failure.
    """
    kinds = dict(zip(told.names, told.kinds, strict=True))
    made = MadeIncidents(engine, Clock(told.until))
    _take_all(made.desk.take_words)
    with reading(engine) as connection, opened_fts() as other:
        for name in told.names:
            words = " ".join(incident_words.texts_of(connection, name))
            other.execute("INSERT INTO texts (name, words) VALUES (?, ?)", (name, words))
        some = random.Random(5).sample(told.names, min(ASKED, len(told.names)))
        rows: dict[str, list[tuple[float, float, float]]] = {"ours": [], "FTS5": []}
        for name in some:
            own = incident_words.words_known(connection, name)
            asked = " OR ".join(f'"{word}"' for word in own)

            def ours(name: str = name) -> list[str]:
                return list(incident_words.alike(connection, name))[:FIRST]

            def fts(name: str = name, asked: str = asked) -> list[str]:
                found = other.execute(
                    "SELECT name FROM texts WHERE texts MATCH ? ORDER BY bm25(texts) LIMIT ?",
                    (asked, FIRST + 1),
                )
                return [row[0] for row in found if row[0] != name][:FIRST]

            for what, call in (("ours", ours), ("FTS5", fts)):
                wall, used = time.perf_counter(), time.process_time()
                found = call()
                took, busy = time.perf_counter() - wall, time.process_time() - used
                right = sum(kinds[each] == kinds[name] for each in found) / FIRST
                rows[what].append((took * 1000, busy * 1000, right))
    print(f"\n| search | median ms | p95 ms | processor ms | of the first {FIRST} are right |")
    print("|---|---:|---:|---:|---:|")
    for what, seen in rows.items():
        clock = sorted(each[0] for each in seen)
        print(
            f"| {what} | {statistics.median(clock):.1f} | {clock[int(len(clock) * 0.95)]:.1f} | "
            f"{statistics.median(each[1] for each in seen):.1f} | "
            f"{statistics.fmean(each[2] for each in seen):.1%} |"
        )


@contextmanager
def opened_fts() -> Iterator[sqlite3.Connection]:
    """Give a table of FTS5 in memory, with the stemmer that it comes with."""
    connection = sqlite3.connect(":memory:")
    connection.execute(
        "CREATE VIRTUAL TABLE texts USING fts5(name UNINDEXED, words, tokenize='porter unicode61')"
    )
    yield connection
    connection.close()


def commands(filled_folder: Path, told: Filled, runs: int) -> None:
    """Measure whole commands, as processes of their own."""
    with tempfile.TemporaryDirectory() as held:
        place = Path(held)
        repository, nowhere = _repository(place / "repository"), place / "nowhere"
        nowhere.mkdir()
        shutil.copytree(filled_folder, place / "full")
        one = told.names[-2]
        declare = ("incident", "declare", "Checkout refuses cards")
        print(f"\n{runs} runs each\n\n| command | min ms | median ms | p95 ms | processor ms |")
        print("|---|---:|---:|---:|---:|")
        _command("declare, in no repository", nowhere, place / "one", declare, runs)
        _command("declare, roster and schedule", repository, place / "two", declare, runs)
        _command("declare, a first data folder", repository, None, declare, runs)
        _command("declare, 10,000 on record", repository, place / "full", declare, runs)
        few = max(5, runs // 3)
        for said in (
            ("incident", "note", one, "Seen again."), ("incident", "accept", one),
            ("incident", "show", one), ("incident", "list"), ("incident", "similar", one),
            ("incident", "timers"), ("incident", "figures"), ("cadence", "due"),
            ("action", "list"), ("oncall", "show"),
        ):  # fmt: skip
            _command(" ".join(said[:2]), repository, place / "full", said, few)
            _command(f"{' '.join(said[:2])} --help", nowhere, None, (*said[:2], "--help"), few)


def _command(
    what: str, place: Path, data: Path | None, said: Sequence[str], runs: int
) -> None:  # fmt: skip
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    environment["PYTHONPATH"] = os.pathsep.join(sys.path)
    wall, used = [], []
    for number in range(runs + 1):
        with tempfile.TemporaryDirectory() as new:
            folder = str(data or Path(new) / "data")
            before, began = _children(), time.perf_counter()
            subprocess.run(
                [sys.executable, "-m", "pawl", "--data", folder, *said],
                cwd=place, env=environment, capture_output=True, check=False,
            )  # fmt: skip
            if number:  # The first one may have to compile.
                wall.append((time.perf_counter() - began) * 1000)
                used.append((_children() - before) * 1000)
    wall.sort()
    print(
        f"| {what} | {wall[0]:.0f} | {statistics.median(wall):.0f} | "
        f"{wall[int(len(wall) * 0.95)]:.0f} | {statistics.median(used):.0f} |",
        flush=True,
    )


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _repository(place: Path) -> Path:
    (place / ".pawl").mkdir(parents=True)
    (place / ".pawl/roster.yaml").write_text(ROSTER, encoding="utf-8")
    (place / ".pawl/oncall.yaml").write_text(ONCALL, encoding="utf-8")
    for said in (
        ("init", "-q", "-b", "main"), ("config", "user.email", "ann@example.com"),
        ("config", "user.name", "Ann"), ("add", "-A"), ("commit", "-q", "-m", "Policy"),
    ):  # fmt: skip
        subprocess.run(("git", "-C", str(place), *said), check=True)
    return place


def main() -> None:
    """Fill, ask, and print tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("incidents", nargs="?", type=int, default=10_000)
    parser.add_argument("--ongoing", type=int, default=1_000)
    parser.add_argument("--runs", type=int, default=30, help="of each whole command")
    parser.add_argument("--keep", type=Path, help="a folder for what is filled, to be used again")
    parser.add_argument("--postgres", help="URL of an empty database")
    parts = ("commands", "desk", "search", "outage")
    parser.add_argument("--part", action="append", choices=parts)
    given = parser.parse_args()
    wanted = given.part or parts
    with tempfile.TemporaryDirectory() as held:
        kept = given.keep or Path(held) / "kept"
        kept.mkdir(parents=True, exist_ok=True)
        with opened(kept) as engine:
            told = filled(engine, kept, given.incidents, given.ongoing)
        print(f"load {os.getloadavg()[0]:.1f}, {os.cpu_count()} processors")
        if "commands" in wanted:
            commands(kept, told, given.runs)
        work = Path(held) / "work"
        shutil.copytree(kept, work)
        with opened(work) as engine:
            if given.postgres:
                with opened(work, given.postgres) as other:
                    copied(engine, other)
                    ask(other, told)
            if "desk" in wanted:
                ask(engine, told)
            if "search" in wanted:
                beside_fts5(engine, told)
        if "outage" in wanted:
            overdue(given.incidents)


if __name__ == "__main__":
    main()
