"""Loading in the embedded engine: staged lines in, derived tables kept up, one transaction.

Each function takes a cursor that is inside a transaction.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from pawl.store.events.calls import drop_calls, keep_up_calls
from pawl.store.events.forgetting import Register, erase
from pawl.store.events.schema import DERIVED, EVENT_COLUMNS
from pawl.store.events.upkeep import script

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_NAMES = ", ".join(f'"{name}"' for name in EVENT_COLUMNS)
_READ = f"""CREATE OR REPLACE TEMP TABLE fresh AS
SELECT {_NAMES} FROM read_json($file, format = 'newline_delimited', ignore_errors = true,
    maximum_object_size = 33554432, columns = {{
    {", ".join(f"'{name}': '{kind}'" for name, kind in EVENT_COLUMNS.items())}}})
WHERE id IS NOT NULL AND time IS NOT NULL AND kind IS NOT NULL AND source IS NOT NULL
    AND agent IS NOT NULL"""  # noqa: S608 - the names are ours

_STORED = "DELETE FROM fresh WHERE id IN (SELECT id FROM events WHERE id IN (SELECT id FROM fresh))"
_TWICE = "SELECT count(*) - count(DISTINCT id) FROM fresh"
_LATTER = """DELETE FROM fresh WHERE rowid IN (
    SELECT number FROM (
        SELECT rowid AS number, row_number() OVER (
            PARTITION BY id ORDER BY coalesce(final, TRUE) DESC, output DESC NULLS LAST, time
        ) AS place FROM fresh)
    WHERE place > 1)"""


def load_lines(
    cursor: DuckDBPyConnection, file: Path, lines: int, known: Register
) -> tuple[int, int, int]:
    """Load a file of lines; return the events new to the store, those repeated, and bad lines.

    A line is bad when it is no JSON object or lacks one of id, time, kind, source and agent.
    Fields that `Event` does not have are passed over, and so is who was forgotten here.
    """
    cursor.execute(_READ, {"file": literal(file)})
    erase(cursor, "fresh", known)
    staged = _count(cursor, "SELECT count(*) FROM fresh")
    fresh = staged - _count(cursor, _STORED)
    if fresh and _count(cursor, _TWICE):
        fresh -= _count(cursor, _LATTER)
    if fresh:
        cursor.execute("INSERT INTO events BY NAME SELECT * FROM fresh")
        keep_up(cursor)
    return fresh, staged - fresh, max(0, lines - staged)


def keep_up(cursor: DuckDBPyConnection) -> None:
    """Bring the derived tables up to date with the events in the table `fresh`."""
    cursor.execute(script("touched"))
    if _count(cursor, "SELECT count(*) FROM fresh WHERE kind = 'request'"):
        _renew(cursor)
        cursor.execute(script("requests"))
        if _count(cursor, "SELECT count(*) FROM replaced"):
            cursor.execute(script("replaced_requests"))
        cursor.execute(script("put_requests"))
        cursor.execute(script("rollup"))
        cursor.execute("INSERT INTO rollup BY NAME SELECT * FROM summed")
        cursor.execute(script("source_rollup"))
        cursor.execute("INSERT INTO source_rollup BY NAME SELECT * FROM summed_sources")
    keep_up_calls(cursor)
    _renew_runs(cursor)


def make_anew(cursor: DuckDBPyConnection) -> None:
    """Make the derived tables anew from all events."""
    for table in DERIVED:
        cursor.execute(f"DELETE FROM {table}")  # noqa: S608
    cursor.execute("CREATE OR REPLACE TEMP TABLE fresh AS SELECT * FROM events")
    keep_up(cursor)


def forget_before(cursor: DuckDBPyConnection, cutoff: object) -> int:
    """Delete what is older than a timestamp; return how many events.

    A request goes as a whole, with the observations of it that came later: what is left of it
    would be billed again as a request of its own. So do a call of a tool and a failure.
    """
    cursor.execute(
        """CREATE OR REPLACE TEMP TABLE dropped AS
        SELECT key FROM requests WHERE time < $cutoff""",
        {"cutoff": cutoff},
    )
    # All that was told before goes. Of what was told after, only what may tell of it is looked at.
    cursor.execute(
        """CREATE OR REPLACE TEMP TABLE late AS
        SELECT request_id, message_id FROM events
        WHERE kind = 'request' AND time >= $cutoff AND (
            request_id IN (SELECT key FROM dropped)
            OR message_id IN (SELECT message_id FROM events
                WHERE kind = 'request' AND time < $cutoff AND message_id IS NOT NULL))""",
        {"cutoff": cutoff},
    )
    cursor.execute(
        """CREATE OR REPLACE TEMP TABLE touched_requests AS
        SELECT DISTINCT request_id AS id FROM late WHERE request_id IS NOT NULL;
        CREATE OR REPLACE TEMP TABLE touched_messages AS
        SELECT DISTINCT message_id AS id FROM late WHERE message_id IS NOT NULL;
        CREATE OR REPLACE TEMP TABLE fresh AS SELECT * FROM events LIMIT 0"""
    )
    _renew(cursor)
    cursor.execute(
        """CREATE OR REPLACE TEMP TABLE gone AS
        SELECT id FROM keyed WHERE time >= $cutoff AND key IN (SELECT key FROM dropped)""",
        {"cutoff": cutoff},
    )
    drop_calls(cursor, cutoff)
    cursor.execute("INSERT INTO gone SELECT id FROM late_calls")
    condition = "time < $cutoff OR id IN (SELECT id FROM gone)"
    for table, column in (("touched_runs", "run_id"), ("touched_sessions", "session_id")):
        cursor.execute(
            f"""CREATE OR REPLACE TEMP TABLE {table} AS
            SELECT {column} AS id FROM events WHERE ({condition}) AND {column} IS NOT NULL
            UNION SELECT {column} FROM requests WHERE time < $cutoff AND {column} IS NOT NULL""",  # noqa: S608
            {"cutoff": cutoff},
        )
    deleted = _count(cursor, f"DELETE FROM events WHERE {condition}", {"cutoff": cutoff})  # noqa: S608
    for table in ("requests", "request_sources", "rollup", "source_rollup"):
        cursor.execute(f"DELETE FROM {table} WHERE time < $cutoff", {"cutoff": cutoff})  # noqa: S608
    # Most runs go as a whole. Only those that something is left of are made anew.
    cursor.execute(script("gone_runs"))
    _renew_runs(cursor)
    return deleted


def loaded_offsets(cursor: DuckDBPyConnection) -> dict[str, int]:
    """Return up to which byte each segment is in the store."""
    return dict(cursor.execute("SELECT segment, loaded FROM loads").fetchall())


def note_loads(cursor: DuckDBPyConnection, offsets: Mapping[str, int]) -> None:
    """Record new offsets, in the transaction that loads the bytes before them."""
    for segment, offset in offsets.items():
        cursor.execute("DELETE FROM loads WHERE segment = $segment", {"segment": segment})
        cursor.execute(
            "INSERT INTO loads VALUES ($segment, $loaded)", {"segment": segment, "loaded": offset}
        )


def _renew(cursor: DuckDBPyConnection) -> None:
    requests, messages = ("touched_requests", "request_id"), ("touched_messages", "message_id")
    hits = script("hits_of_requests").replace("{requests}", "{0}").replace("{messages}", "{1}")
    _find_closed(cursor, requests, messages, {"observed_hits": hits})
    found = "rowid IN (SELECT number FROM observed_hits)"
    cursor.execute(script("observed").replace("{touched}", found))
    cursor.execute(script("renewed"))


def _renew_runs(cursor: DuckDBPyConnection) -> None:
    runs, sessions = ("touched_runs", "run_id"), ("touched_sessions", "session_id")
    hits = script("hits_of_runs").replace("{runs}", "{0}").replace("{sessions}", "{1}")
    # A request may have its run from one event and its session from another, so both link.
    tables = {"fact_hits": "events", "owned_hits": "requests"}
    found = {name: hits.replace("{table}", table) for name, table in tables.items()}
    _find_closed(cursor, runs, sessions, found)
    cursor.execute(
        script("runs")
        .replace("{of_touched}", "rowid IN (SELECT number FROM fact_hits)")
        .replace("{asked}", "q.rowid IN (SELECT number FROM owned_hits)")
    )
    cursor.execute(script("put_runs"))


def _find_closed(
    cursor: DuckDBPyConnection,
    left: tuple[str, str],
    right: tuple[str, str],
    hits: Mapping[str, str],
) -> None:
    """Find rows that name any id of two sets, and of all ids that such rows link to these.

    `left` and `right` are tables of ids, which grow, with the column of rows that names them.
    `hits` are the tables of rows to make, with what selects them; only ids that were not looked
    for yet are looked for again.
    """
    for table, select in hits.items():
        made = select.format(left[0], right[0])
        cursor.execute(f"CREATE OR REPLACE TEMP TABLE {table} AS {made}")
    while True:
        grown = 0
        for place, (known, column) in enumerate((left, right)):
            named = " UNION ".join(f"SELECT {column} AS id FROM {table}" for table in hits)  # noqa: S608
            cursor.execute(
                f"""CREATE OR REPLACE TEMP TABLE linked_{place} AS
                SELECT id FROM ({named})
                WHERE id IS NOT NULL AND id NOT IN (SELECT id FROM {known})"""  # noqa: S608
            )
            grown += _count(cursor, f"INSERT INTO {known} SELECT id FROM linked_{place}")  # noqa: S608
        if not grown:
            return
        for table, select in hits.items():
            more = select.format("linked_0", "linked_1")
            cursor.execute(
                f"""INSERT INTO {table} SELECT * FROM ({more})
                WHERE number NOT IN (SELECT number FROM {table})"""  # noqa: S608
            )


def _count(
    cursor: DuckDBPyConnection, statement: str, parameters: Mapping[str, object] | None = None
) -> int:
    row = cursor.execute(statement, dict(parameters or {})).fetchone()
    return 0 if row is None else int(row[0])


def literal(file: Path) -> str:
    """Return a path that the engine does not take for a pattern."""
    return "".join(f"[{letter}]" if letter in "[*?" else letter for letter in str(file))
