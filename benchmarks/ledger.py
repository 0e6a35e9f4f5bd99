"""Measure the ledger: durable appends a second, and what a million entries take to check.

    python benchmarks/ledger.py --entries 1000000 --folder /some/empty/folder

A folder that is kept can be measured again; it is filled only when it has fewer entries.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from pawl.governance.ledger import GENESIS, Actor, Draft, seal
from pawl.store.records.connection import insert
from pawl.store.records.engine import open_records, writing
from pawl.store.records.ledger import append, head

if TYPE_CHECKING:
    from collections.abc import Callable

    from pawl.store.records.connection import Engine

_AT = "2026-11-21T12:00:00.000000Z"
_KINDS = ("run.started", "run.settled", "budget.reserved", "alert.firing", "eval.judged")
_BATCH = 20_000


def main() -> None:
    """Fill a ledger, then time each question asked of it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--entries", type=int, default=100_000)
    parser.add_argument("--appends", type=int, default=2_000)
    parser.add_argument("--folder", type=Path)
    asked = parser.parse_args()
    if asked.folder is not None:
        _measure(asked.folder, asked.entries, asked.appends)
        return
    with tempfile.TemporaryDirectory() as folder:
        _measure(Path(folder), asked.entries, asked.appends)


def _measure(folder: Path, entries: int, appends: int) -> None:
    engine = open_records(folder)
    try:
        _fill(engine, entries)
        _append(engine, appends)
    finally:
        engine.dispose()
    _ask(folder)


def _fill(engine: Engine, entries: int) -> None:
    """Append entries in large transactions: what is measured comes after."""
    seq, prev = head(engine)
    began = time.perf_counter()
    while seq < entries:
        rows = []
        for _ in range(min(_BATCH, entries - seq)):
            entry = seal(_draft(seq), seq + 1, prev)
            row = msgspec.structs.asdict(entry)
            row["actor"] = msgspec.json.encode(entry.actor).decode()
            rows.append(row)
            seq, prev = entry.seq, entry.hash
        with writing(engine) as connection:
            insert(connection, "ledger", *rows)
    print(f"filled to {seq} entries in {time.perf_counter() - began:.1f} s")


def _append(engine: Engine, appends: int) -> None:
    """Append one entry a transaction, each on disk before the next begins."""
    first, _ = head(engine)
    taken = []
    for number in range(first, first + appends):
        began = time.perf_counter()
        with writing(engine) as connection:
            append(connection, _draft(number))
        taken.append(time.perf_counter() - began)
    p95 = sorted(taken)[int(len(taken) * 0.95)] * 1000
    rate = len(taken) / sum(taken)
    print(
        f"append: {rate:.0f} durable entries a second, p95 {p95:.2f} ms, "
        f"median {statistics.median(taken) * 1000:.2f} ms"
    )


def _ask(folder: Path) -> None:
    from pawl.services.ledger import open_ledger

    questions: dict[str, Callable[[object], object]] = {
        "verify": lambda ledger: ledger.verify(),  # type: ignore[attr-defined]
    }
    for name, question in questions.items():
        with open_ledger(folder, None, lambda: _AT) as ledger:
            began = time.perf_counter()
            question(ledger)
            print(f"{name}: {time.perf_counter() - began:.2f} s")


def _draft(number: int) -> Draft:
    person = f"person-{number % 50}@example.org"
    return Draft(
        type=_KINDS[number % len(_KINDS)],
        subject=f"run_{number // len(_KINDS):012d}",
        actor=Actor(person=person, source="git-config", assurance="declared"),
        body={
            "agent": "claude-code", "developer": person, "project": "checkout",
            "cost_micros": number * 17 % 9_000_000, "tokens": {"input": number % 9999, "output": 7},
            "limits": {"wall_s": 600.0, "usd_micros": 2_000_000}, "command": ["claude", "-p", "x"],
        },
        claimed_at=_AT,
        recorded_at=_AT,
        idempotency_key=f"bench|{number}|{GENESIS[:8]}",
        policy_digest=None if number % 3 else GENESIS,
    )  # fmt: skip


if __name__ == "__main__":
    main()
