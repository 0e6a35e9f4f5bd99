"""Measure the ledger: durable appends a second, and what a million entries take to check.

    python -m benchmarks.ledger --entries 1000000 --folder /some/empty/folder

A folder that is kept can be measured again; it is filled only when it has fewer entries.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import msgspec

from pawl.governance.ledger import GENESIS, Actor, Draft, seal
from pawl.services.ledger import open_ledger
from pawl.services.ledger_checkpoints import Checkpoints
from pawl.services.ledger_keys import SigningKey, kept_key, make_key
from pawl.store.records.connection import insert
from pawl.store.records.engine import open_records, writing
from pawl.store.records.ledger import append, head
from pawl.store.records.ledger_queries import Asked
from pawl.world.data_files import DataFiles

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pawl.store.records.connection import Engine

T = TypeVar("T")

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
    """Time each question by itself, in processor time and on the clock."""
    files = DataFiles(folder / "ledger")
    key = kept_key(files) or make_key(files, "example.org/ledger", bytes(32))
    for seconds, cpu, name in _answers(folder, files, key):
        print(f"{name}: {cpu:.3f} s of processor time, {seconds:.3f} s on the clock")


def _answers(folder: Path, files: DataFiles, key: SigningKey) -> Iterator[tuple[float, float, str]]:
    with open_ledger(folder, None, lambda: _AT) as ledger:
        signer = Checkpoints(ledger.engine, files, lambda: _AT)
        cold = _timed(lambda: signer.sign(anew=True))
        yield *cold[:2], "checkpoint, the first of all"
        signed = cold[2]
        with writing(ledger.engine) as connection:
            append(connection, _draft(ledger.count()))
        yield *_timed(signer.sign)[:2], "checkpoint, one entry later"
        yield *_timed(ledger.verify)[:2], "verify"
        kept = [("kept", signed.note)]
        taken = _timed(lambda: ledger.verify(texts=kept, keys=[key.verifier]))
        if not taken[2].truncation_excluded:
            raise SystemExit("the checkpoint does not agree")
        yield *taken[:2], "verify against a signed checkpoint of all"
        middle = signed.head.size // 2
        yield *_timed(lambda: ledger.prove(middle, signed))[:2], "prove"
        yield *_timed(lambda: ledger.entry(middle))[:2], "show"
        for asked in (
            Asked(),
            Asked(type="run."),
            Asked(type="eval.judged", before=middle),
            Asked(subject=f"run_{middle // 5:012d}"),
            Asked(type="budget.", since=_AT),
        ):
            said = _timed(partial(ledger.page, asked))
            yield *said[:2], f"list {len(said[2].entries)} of {asked}"


def _timed(question: Callable[[], T]) -> tuple[float, float, T]:
    began, cpu = time.perf_counter(), time.process_time()
    answer = question()
    return time.perf_counter() - began, time.process_time() - cpu, answer


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
