"""Measure what `pawl batch` adds to an item, beside `pawl run` and the bare command.

    python benchmarks/batch_overhead.py [--items 40] [--many 10000]

Prints a Markdown table. Processor seconds of a command include those of all it started. The
command of an item is `true`, so that nothing but Pawl's own work is measured.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec

from pawl.runs.batch import Batch
from pawl.runs.batch_events import Rules
from pawl.runs.batch_file import FileFormat, read_items
from pawl.runs.batch_item import Template
from pawl.runs.batch_result import Result
from pawl.runs.outside import Signalled
from pawl.runs.record import Outcome, RunCost, RunRecord
from pawl.services.batch_world import World
from pawl.services.batching import Asked, run_batch
from pawl.world import clock
from pawl.world.batch_folder import BatchFolder, take


class Cost(NamedTuple):
    """Seconds of processor and wall, and the peak memory of the largest process in MiB."""

    cpu: float
    wall: float
    peak: float


class _Gone(NamedTuple):
    run_id: str
    status: int
    stderr: str


class AtOnce:
    """Supervisors that end as soon as they start, with a record of the usual size."""

    def __init__(self, held: BatchFolder) -> None:
        self._held = held
        self._ended: list[_Gone] = []

    def start(
        self,
        run_id: str,
        flags: Sequence[str],
        command: Sequence[str],
        *,
        folder: str | None,
        stdin: bytes | None,
    ) -> int:
        """Write the record."""
        record = RunRecord(
            run_id=run_id,
            agent="claude-code",
            outcome=Outcome.SUCCEEDED,
            result="word " * 100,
            cost=RunCost(usd=0.01, basis="priced"),
            duration_ms=1,
        )
        self._held.record_path(run_id).write_bytes(msgspec.json.encode(record) + b"\n")
        self._ended.append(_Gone(run_id, 0, ""))
        return 1

    def wait(self, timeout_s: float) -> Sequence[_Gone | Signalled]:
        """Return those that ended."""
        ended, self._ended = self._ended, []
        return ended

    def tell_all(self, number: int) -> None:
        """There is nobody to tell."""

    def kill_all(self) -> None:
        """There is nobody to kill."""


class Silent:
    """Nobody is told."""

    def finished(self, result: Result, batch: Batch) -> None:
        """Say nothing."""

    def look(self, batch: Batch) -> None:
        """Draw nothing."""

    def say(self, text: str) -> None:
        """Say nothing."""


def own_work(root: Path, count: int) -> Cost:
    """Run a batch without processes: deciding, journal, result lines, each made durable."""
    content = "".join(f'{{"id":"n{n}","prompt":"item {n}"}}\n' for n in range(count)).encode()
    began, cpu = time.perf_counter(), time.process_time()
    held = take(root / "own.ndjson", holder="benchmark", say=print)
    world = World(
        files=held,
        children=AtOnce(held),
        now=clock.now,
        monotonic=clock.monotonic,
        chance=clock.chance,
        new_run_id=clock.new_run_id,
        settle_dead=lambda: None,
        is_folder=os.path.isdir,
    )
    asked = Asked(
        items=read_items(content, FileFormat.NDJSON, "items"),
        template=Template(command=("true", "{item}")),
        place="items",
        results="own.ndjson",
        rules=Rules(jobs=4, max_usd=10**12, per_item=10**6),
    )
    done = run_batch(world, asked, Silent())
    held.close()
    assert done.succeeded == count
    return Cost(time.process_time() - cpu, time.perf_counter() - began, 0)


def command(root: Path, *words: str, times: int = 1) -> Cost:
    """Run a command so many times, one after another."""
    env = {**os.environ, "PAWL_DATA": str(root / "data")}
    env.pop("PYTHONDONTWRITEBYTECODE", None)
    before, began, peak = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter(), 0
    for _ in range(times):
        process = subprocess.Popen(
            words, cwd=root, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )  # fmt: skip
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        assert process.returncode == 0, words
        peak = max(peak, used.ru_maxrss)
    wall = time.perf_counter() - began
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Cost(cpu, wall, peak / 1024)


def row(what: str, cost: Cost, count: int, peak: bool = True) -> str:
    """Return a line of the table, per item."""
    memory = f"{cost.peak:.0f}" if peak else ""
    return f"| {what} | {1e3 * cost.cpu / count:.2f} | {1e3 * cost.wall / count:.2f} | {memory} |"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=40)
    parser.add_argument("--many", type=int, default=10_000)
    told = parser.parse_args()
    pawl = (sys.executable, "-P", "-m", "pawl")
    with tempfile.TemporaryDirectory(prefix="bench-") as made:
        root = Path(made)
        (root / "items").write_text("".join(f"item {n}\n" for n in range(told.items)))
        batch = (*pawl, "batch", "items", "--out")
        tail = ("--", "true", "{item}")
        command(root, *pawl, "run", "--", "true")  # So that byte code and records exist.
        rows = [
            row("bare", command(root, "true", "x", times=told.items), told.items, peak=False),
            row(
                "`pawl run`",
                command(root, *pawl, "run", "--json", "--", "true", "x", times=told.items),
                told.items,
            ),
            row(
                "`pawl batch --jobs 1`",
                command(root, *batch, "one", "--jobs", "1", *tail),
                told.items,
            ),
            row(
                "`pawl batch --jobs 4`",
                command(root, *batch, "four", "--jobs", "4", *tail),
                told.items,
            ),
            row(
                "the batch's own work, no process started",
                own_work(root, told.many),
                told.many,
                peak=False,
            ),
        ]
        entries = (json.dumps({"id": f"n{n}", "prompt": f"item {n}"}) for n in range(told.many))
        (root / "many.ndjson").write_text("\n".join(entries) + "\n")
        template = Template(command=("true", "{item}")).digest
        journal = root / "own.ndjson.batch" / "journal.ndjson"
        assert template in journal.read_text().partition("\n")[0]
        again = (*pawl, "batch", "many.ndjson", "--out", "own.ndjson", *tail)
        rows.append(
            row(f"resuming when all {told.many:,} are done", command(root, *again), told.many)
        )
    print("| an item | CPU ms | wall ms | peak MiB |\n|---|---:|---:|---:|")
    print("\n".join(rows))


if __name__ == "__main__":
    main()
