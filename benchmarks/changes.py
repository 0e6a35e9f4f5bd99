"""How fast gates answer on long records: `python -m benchmarks.changes [changes] [entries]`.

Fills records in SQLite with changes in review or approved, and the ledger up with entries of runs,
then asks through the desk, each question in a transaction of its own that is synced to the disk.
The policy, the roster and the facts are values here; reading them out of git comes on top.
"""

import argparse
import os
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
from tests.changes.made_changes import evidence, manifest
from tests.services.made_desk import ANN, CI, DEPLOYER, LEO, PIA, Made, change, source_of

from pawl.base.times import format_time, parse_time
from pawl.changes.approval import Said
from pawl.changes.manifest import Manifest, parts_digest
from pawl.changes.parts import Prompt
from pawl.governance.ledger import PAWL, Actor, Draft, Entry, seal
from pawl.store.records.check import check
from pawl.store.records.connection import Connection, Engine, insert
from pawl.store.records.engine import open_records, writing
from pawl.store.records.ledger import append, head

COMPONENTS = 400
ASKED = 300
APPENDS = 2_000


class OneTransaction:
    """An engine whose transactions are all one, for filling records fast."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.place = "filling"

    @contextmanager
    def transaction(self, **_: Any) -> Iterator[Connection]:
        """Yield the one connection."""
        yield self._connection


def plan(number: int) -> Manifest:
    """Return one of many changes, on one of some components."""
    name = f"prompt/{number % COMPONENTS}"
    return msgspec.structs.replace(
        manifest(),
        title=f"Change {number}",
        parts={name: Prompt(text=f"Text {number}. " + "Be kind. " * 40)},
        base={name: Prompt(text="Be kind. " * 40)},
    )


def fill(engine: Engine, changes: int, entries: int) -> list[str]:
    """Fill the records; return the ids of the changes, each approved but one in three."""
    found = []
    with writing(engine) as connection:
        made = Made(OneTransaction(connection))  # type: ignore[arg-type]
        for number in range(changes):
            known = made.opened(plan(number))
            for kind in ("evals", "lint", "cost"):
                piece = evidence(known.manifest, kind, produced_at=made.clock())
                made.desk.add_evidence(known.id, piece, CI)
            known = change(made.desk.submit(known.id, ANN))
            if number % 3:
                made.answered(known)
            found.append(known.id)
    seq, before = head(engine)
    while seq < entries:
        rows = []
        for _ in range(min(20_000, entries - seq)):
            entry = seal(draft(seq), seq + 1, before)
            seq, before = entry.seq, entry.hash
            rows.append(_row(entry))
        with writing(engine) as connection:
            insert(connection, "ledger", *rows)
    return found


def draft(number: int) -> Draft:
    """Return an entry such as runs make."""
    return Draft(
        type="bench.filled",
        subject=f"run_{number // 3}",
        actor=PAWL,
        body={"reason": "limit", "turns": number % 90},
        claimed_at="2026-11-20T00:00:00.000000Z",
        recorded_at="2026-11-20T00:00:00.000000Z",
        idempotency_key=f"bench.filled:{number}",
    )


def _row(entry: Entry) -> dict[str, Any]:
    actor: Actor = entry.actor
    return msgspec.structs.asdict(entry) | {"actor": msgspec.json.encode(actor).decode()}


def fill_released(engine: Engine, changes: int) -> str:
    """Fill the records with changes that went live, one in two hours; return the time after them.

    One in twenty goes back.
    """
    with writing(engine) as connection:
        made = Made(OneTransaction(connection))  # type: ignore[arg-type]
        for number in range(changes):
            name = f"prompt/released-{number}"
            if not number % 200:
                made.desk.record_drill("prompt", True, DEPLOYER)
            known = made.live(
                msgspec.structs.replace(
                    manifest(),
                    title=f"Release {number}",
                    parts={name: Prompt(text=f"Text {number}. " + "Be kind. " * 40)},
                    base={name: Prompt(text="Be kind. " * 40)},
                )
            )
            if not number % 20:
                made.desk.roll_back(known.id, "No.", PIA)
                change(made.desk.confirm(known.id, parts_digest(known.manifest.base), PIA))
        return made.clock()


def ask_released(engine: Engine, until: str) -> None:
    """Measure figures of the newest 90 days, and of all."""
    desk = Made(engine).desk
    start = format_time(parse_time(until) - timedelta(days=90))
    found = desk.figures(start, until)
    print(f"of 90 days: {found.releases:,} releases")
    measured("figures of 90 days", [partial(desk.figures, start, until)] * 5)
    measured("figures of all there is", [
        partial(desk.figures, "2000-01-01T00:00:00.000000Z", until)
    ])  # fmt: skip


def measured(what: str, calls: list[Callable[[], object]]) -> None:
    """Print how long calls take: wall and processor milliseconds."""
    wall, processor = [], []
    for call in calls:
        before, used = time.perf_counter(), time.process_time()
        call()
        wall.append((time.perf_counter() - before) * 1000)
        processor.append((time.process_time() - used) * 1000)
    wall.sort()
    cut = wall[int(len(wall) * 0.95)]
    print(
        f"| {what} | {statistics.median(wall):.1f} | {cut:.1f} | {wall[-1]:.1f} |"
        f" {statistics.median(processor):.1f} |",
        flush=True,
    )


def main() -> None:
    """Fill, ask, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("changes", nargs="?", type=int, default=10_000)
    parser.add_argument("entries", nargs="?", type=int, default=1_000_000)
    parser.add_argument("--released", type=int, default=0, help="only figures, of so many releases")
    asked = parser.parse_args()
    if asked.released:
        with tempfile.TemporaryDirectory() as folder:
            engine = open_records(Path(folder))
            print("| question | median ms | p95 ms | worst ms | processor ms |")
            ask_released(engine, fill_released(engine, asked.released))
            engine.dispose()
        return
    with tempfile.TemporaryDirectory() as folder:
        engine = open_records(Path(folder))
        before = time.perf_counter()
        names = fill(engine, asked.changes, asked.entries)
        size = sum(file.stat().st_size for file in Path(folder).iterdir()) / 1e6
        took = time.perf_counter() - before
        print(f"filled in {took:.0f} s, {size:.0f} MB, {head(engine)[0]:,} entries")
        _ask(engine, names)
        engine.dispose()


def _ask(engine: Engine, names: list[str]) -> None:
    made = Made(engine)
    made.clock.wind(hours=1)
    made.count = len(names)
    desk, chance = made.desk, random.Random(1)
    some = chance.sample(names, min(ASKED, len(names)))
    waiting = [name for name in some if desk.get(name).state == "in-review"]
    ready = [name for name in some if desk.get(name).state == "approved"]
    kept = [desk.decisions_of(name, 1)[0].decision_id for name in some]
    print("| question | median ms | p95 ms | worst ms | processor ms |\n|---|---:|---:|---:|---:|")
    measured("gate verdict, not stored", [partial(desk.look, n, "start") for n in some])
    measured("gate verdict, decision stored", [partial(desk.check, n, "start", ANN) for n in some])
    measured("a stored decision judged again", [partial(desk.replay, n) for n in kept])

    def answer(name: str) -> None:
        bound = desk.asked(name).bound
        desk.answer(name, Said.APPROVE, bound, LEO, source_of(LEO))

    def there_and_back(name: str) -> None:
        started = change(desk.start(name, DEPLOYER))
        change(desk.roll_back(name, "No.", PIA))
        change(desk.confirm(name, parts_digest(started.manifest.base), PIA))

    measured("an answer, and the judgement after it", [partial(answer, n) for n in waiting])
    measured("start, roll back, confirm", [partial(there_and_back, n) for n in ready])
    measured("open", [partial(desk.open, plan(n), (), ANN) for n in range(200)])
    measured("board of 200", [desk.list] * 20)
    measured("timeline", [partial(desk.timeline, n) for n in some])
    measured("figures of a day", [
        lambda: desk.figures("2026-11-21T00:00:00.000000Z", "2026-11-22T00:00:00.000000Z")
        for _ in range(3)
    ])  # fmt: skip
    _appends(engine)
    begun = time.perf_counter()
    report = check(engine, replay=False)
    print(f"verify {report.entries:,} entries: {time.perf_counter() - begun:.1f} s")
    begun = time.perf_counter()
    report = check(engine, replay=True)
    print(f"verify --replay: {time.perf_counter() - begun:.1f} s, {report.difference}")


def _appends(engine: Engine) -> None:
    """Print how many entries a second reach the disk, beside bare syncs of one block."""
    begun, used = time.perf_counter(), time.process_time()
    for number in range(APPENDS):
        with writing(engine) as connection:
            append(connection, draft(10_000_000 + number))
    rate = APPENDS / (time.perf_counter() - begun)
    processor = (time.process_time() - used) * 1000 / APPENDS
    with tempfile.NamedTemporaryFile() as file:
        begun = time.perf_counter()
        for _ in range(APPENDS):
            file.write(b"x" * 4096)
            file.flush()
            os.fdatasync(file.fileno())
    bare = APPENDS / (time.perf_counter() - begun)
    print(f"{rate:,.0f} durable appends a second, {processor:.2f} ms of processor each;")
    print(f"the disk takes {bare:,.0f} bare syncs a second meanwhile")


if __name__ == "__main__":
    main()
