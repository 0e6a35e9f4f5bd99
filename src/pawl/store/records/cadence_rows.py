"""What each ledger entry about the cadence makes of its rows, also in replay.

A routine that is kept has one row, an occurrence that was recorded has one: the first record of it
stands. Only one that was missed gives way to what was done while its period was not over.
"""

from collections.abc import Mapping

import msgspec

from pawl.base import typed
from pawl.governance.cadence import Cadence
from pawl.governance.cadence_keeping import Adopted, Record, adopted
from pawl.governance.ledger import Difference, EntryType
from pawl.store.records.change_rows import first_difference
from pawl.store.records.connection import Connection, Row, insert
from pawl.store.records.ledger import entries

PREFIXES = ("cadence.", "routine.")
OUTCOMES = frozenset(
    {
        EntryType.ROUTINE_DONE.value,
        EntryType.ROUTINE_EXCUSED.value,
        EntryType.ROUTINE_MISSED.value,
    }
)
_ROUTINES = "SELECT id, since, body FROM cadence_routines"
_OCCURRENCES = "SELECT id, routine, outcome, due_at, at, body FROM routine_occurrences"


class Rows(msgspec.Struct):
    """Both tables, by their keys."""

    routines: dict[str, Row]
    occurrences: dict[str, Row]


def routine_row(kept: Adopted) -> Row:
    """Return a routine that is kept as its row."""
    return {"id": kept.routine.id, "since": kept.since, "body": _text(kept)}


def occurrence_row(record: Record) -> Row:
    """Return a recorded occurrence as its row."""
    return {
        "id": record.id,
        "routine": record.routine,
        "outcome": record.outcome,
        "due_at": record.due_at,
        "at": record.at,
        "body": _text(record),
    }


def read_routine(body: str) -> Adopted:
    """Return the routine in a row's body."""
    return typed.decode(body, type=Adopted)


def read_record(body: str) -> Record:
    """Return the record in a row's body, or in an entry's."""
    return typed.decode(body, type=Record)


def remade(connection: Connection) -> Rows:
    """Return the rows that the entries make; raises ValueError for one that cannot follow."""
    kept: Mapping[str, Adopted] = {}
    found: dict[str, Record] = {}
    for entry in entries(connection, *PREFIXES):
        if entry.type == EntryType.CADENCE_ADOPTED:
            kept = adopted(kept, typed.decode(entry.body, type=Cadence), entry.recorded_at)
        elif entry.type in OUTCOMES:
            record = read_record(entry.body)
            before = found.get(record.id)
            if before is not None and before.outcome != "missed":
                raise ValueError(f"entry {entry.seq}: {record.id} was recorded before")
            found[record.id] = record
    return Rows(
        routines={name: routine_row(each) for name, each in kept.items()},
        occurrences={name: occurrence_row(each) for name, each in found.items()},
    )


def remake(connection: Connection) -> None:
    """Make both tables anew of the entries."""
    rows = remade(connection)
    connection.execute("DELETE FROM cadence_routines")
    connection.execute("DELETE FROM routine_occurrences")
    if rows.routines:
        insert(connection, "cadence_routines", *rows.routines.values())
    if rows.occurrences:
        insert(connection, "routine_occurrences", *rows.occurrences.values())


def difference(connection: Connection) -> Difference | None:
    """Return the first row that is not what its entries make of it."""
    try:
        wanted = remade(connection)
    except (ValueError, KeyError, TypeError) as error:
        return Difference(
            kind="table", place="cadence", expected="entries that follow", found=str(error)[:300]
        )
    routines = {row["id"]: row for row in connection.execute(_ROUTINES)}
    occurrences = {row["id"]: row for row in connection.execute(_OCCURRENCES)}
    return first_difference("cadence_routines", wanted.routines, routines) or first_difference(
        "routine_occurrences", wanted.occurrences, occurrences
    )


def _text(value: object) -> str:
    return msgspec.json.encode(value, order="deterministic").decode()
