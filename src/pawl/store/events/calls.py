"""Calls of tools and failures of requests: what is one, and how the embedded engine keeps them up.

Rows merge: each column is the least or the greatest of what was told (upkeep/tool_calls.sql), so
new facts are merged into the rows that are there, and no fact of the past is looked at again.
"""

# ruff: noqa: S608 - what is put into statements are names of ours.

from __future__ import annotations

from typing import TYPE_CHECKING

from pawl.store.events.schema import REQUEST_FAILURES, TOOL_CALLS
from pawl.store.events.upkeep import script

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

CALL = """CASE
    WHEN starts_with(tool_call_id, 'item_')
        THEN coalesce(run_id, session_id, '') || '/' || tool_call_id
    ELSE coalesce(tool_call_id, id) END"""
"""What makes events tell of one call. Ids of calls are unique everywhere, but for those of an agent
that numbers the items of each of its runs from nought (Codex, on its output)."""

TELLS_OF_CALL = """kind IN ('tool_call', 'tool_result', 'tool_denied', 'span')
    AND (kind <> 'span' OR tool_call_id IS NOT NULL)"""
FAILURE = "coalesce(request_id, id)"
TELLS_OF_FAILURE = "kind IN ('error', 'refusal')"

_LEAST = frozenset({"time", "began"})
_TABLES = (
    ("tool_calls", "renewed_calls", TOOL_CALLS, ("call",)),
    ("request_failures", "renewed_failures", REQUEST_FAILURES, ("key", "kind")),
)


def renewing(of_calls: str, of_failures: str) -> str:
    """Return the script that makes rows of what two selections of events tell."""
    return (
        script("tool_calls")
        .replace("{call}", CALL)
        .replace("{of_calls}", of_calls)
        .replace("{of_failures}", of_failures)
    )


def keep_up_calls(cursor: DuckDBPyConnection) -> None:
    """Merge what the events in the table `fresh` tell into the rows that are there."""
    cursor.execute(renewing(f"fresh WHERE {TELLS_OF_CALL}", f"fresh WHERE {TELLS_OF_FAILURE}"))
    for table, renewed, columns, names in _TABLES:
        if _count(cursor, f"SELECT count(*) FROM {renewed}"):
            _merge(cursor, table, renewed, tuple(columns), names)


def drop_calls(cursor: DuckDBPyConnection, cutoff: object) -> None:
    """Forget the calls and failures first seen before a time, and note in `late` ids of events.

    These are the events that tell of them later: left alone they would be calls of their own.
    """
    at = {"cutoff": cutoff}
    cursor.execute(
        f"""CREATE OR REPLACE TEMP TABLE late_calls AS
        SELECT id FROM events
        WHERE time >= $cutoff AND {TELLS_OF_CALL}
            AND {CALL} IN (SELECT call FROM tool_calls WHERE time < $cutoff)
        UNION ALL
        SELECT id FROM events
        WHERE time >= $cutoff AND {TELLS_OF_FAILURE}
            AND ({FAILURE}, kind) IN (
                SELECT (key, kind) FROM request_failures WHERE time < $cutoff)""",
        at,
    )
    for table, *_ in _TABLES:
        cursor.execute(f"DELETE FROM {table} WHERE time < $cutoff", at)


def _merge(
    cursor: DuckDBPyConnection,
    table: str,
    renewed: str,
    columns: tuple[str, ...],
    names: tuple[str, ...],
) -> None:
    same = ", ".join(names)
    cursor.execute(
        f"""CREATE OR REPLACE TEMP TABLE held AS
        SELECT rowid AS number, * FROM {table}
        WHERE {names[0]} IN (SELECT {names[0]} FROM {renewed})"""
    )
    rows = f"SELECT * FROM {renewed}"
    if _count(cursor, "SELECT count(*) FROM held"):
        merged = ", ".join(
            name if name in names else f"{'min' if name in _LEAST else 'max'}({name}) AS {name}"
            for name in columns
        )
        rows = f"""SELECT {merged}
            FROM ({rows} UNION ALL BY NAME SELECT * EXCLUDE (number) FROM held) GROUP BY {same}"""
        cursor.execute(f"DELETE FROM {table} WHERE rowid IN (SELECT number FROM held)")
    # In order of time, so that a period is found in few places.
    cursor.execute(f"INSERT INTO {table} BY NAME {rows} ORDER BY time")


def _count(cursor: DuckDBPyConnection, statement: str) -> int:
    row = cursor.execute(statement).fetchone()
    return 0 if row is None else int(row[0])
