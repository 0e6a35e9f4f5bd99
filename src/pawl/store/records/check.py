"""Checking the ledger against itself, a checkpoint, and the tables it should have produced."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import msgspec

from pawl.governance.ledger import ChainReport, Checkpoint, Claim, Difference, Entry
from pawl.governance.verifying import verify
from pawl.store.records import (
    alert_rows,
    budget_rows,
    cadence_rows,
    ceremonies,
    change_rows,
    evidence,
    exception_rows,
    gate_rows,
    incident_rows,
    rollouts,
    tokens,
)
from pawl.store.records.connection import Connection, Engine
from pawl.store.records.engine import reading
from pawl.store.records.ledger import entries
from pawl.store.records.run_rows import after
from pawl.store.records.runs import table_rows

TOLD_EVERY = 20_000
"""Entries between two reports of progress."""


def check(
    engine: Engine,
    against: Checkpoint | None = None,
    *,
    replay: bool = False,
    claims: Sequence[Claim] = (),
    progress: Callable[[int], None] | None = None,
) -> ChainReport:
    """Recompute the chain; with `replay`, rebuild the tables too and compare. One view of both.

    `progress` is told from time to time how many entries were read.
    """
    with reading(engine) as connection:
        every = entries(connection)
        report = verify(every if progress is None else _told(every, progress), against, claims)
        if replay and report.intact:
            difference = (
                _replay(connection)
                or evidence.difference(connection)
                or ceremonies.difference(connection)
                or budget_rows.difference(connection)
                or alert_rows.difference(connection)
                or change_rows.difference(connection)
                or gate_rows.difference(connection)
                or exception_rows.difference(connection)
                or rollouts.difference(connection)
                or incident_rows.difference(connection)
                or cadence_rows.difference(connection)
                or tokens.difference(connection)
            )
            report = msgspec.structs.replace(report, difference=difference)
    return report


def _told(every: Iterator[Entry], progress: Callable[[int], None]) -> Iterator[Entry]:
    for number, entry in enumerate(every):
        if number % TOLD_EVERY == 0:
            progress(number)
        yield entry


def _replay(connection: Connection) -> Difference | None:
    rebuilt: dict[str, dict[str, Any]] = {}
    for entry in entries(connection, "run."):
        try:
            row = after(
                rebuilt.get(entry.subject),
                entry.type,
                entry.subject,
                msgspec.json.decode(entry.body),
                entry.recorded_at,
            )
        except (ValueError, KeyError, TypeError) as error:
            return _impossible(entry, error)
        rebuilt[entry.subject] = row
    wanted = {
        run_id: {name: value for name, value in row.items() if value is not None}
        for run_id, row in rebuilt.items()
    }
    return _first_difference(wanted, table_rows(connection))


def _first_difference(
    wanted: dict[str, dict[str, Any]], found: dict[str, dict[str, Any]]
) -> Difference | None:
    for run_id in sorted(wanted.keys() | found.keys()):
        place = f"runs {run_id}"
        if run_id not in found:
            return Difference(kind="table", place=place, expected="a row", found="none")
        if run_id not in wanted:
            return Difference(kind="table", place=place, expected="no row", found="a row")
        left, right = wanted[run_id], found[run_id]
        for column in sorted(left.keys() | right.keys()):
            if left.get(column) != right.get(column):
                return Difference(
                    kind="table",
                    place=f"{place} {column}",
                    expected=_short(left.get(column)),
                    found=_short(right.get(column)),
                )
    return None


def _impossible(entry: Entry, error: Exception) -> Difference:
    return Difference(
        kind="table",
        place=f"entry {entry.seq}",
        expected="an entry that can be applied",
        found=f"{entry.type}: {error}",
    )


def _short(value: object) -> str:
    text = "null" if value is None else str(value)
    return text if len(text) <= 200 else text[:200] + "…"
