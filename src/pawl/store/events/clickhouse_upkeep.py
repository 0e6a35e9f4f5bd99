"""Keeping the derived tables up in ClickHouse, whoever else does so at the same time.

Several servers may load. There is no transaction and no lock, so each change takes a *round*: a
number higher than every one noted so far, noted before anything is read. Whoever loads an event
takes his round after the event is in. So of two changes that touch the same row, if the one did
not see an event of the other, the other's round is higher, and it saw both. The row of the
highest round was made knowing all; rows of lower rounds lose against it whenever they arrive.
Equal rounds saw the same and wrote the same. Dying between two steps leaves rows that the next
change of the same events, which are still in the spool, writes again.

That asks that what was written is read by everybody after: rows go to every replica before an
insert returns.
"""

# ruff: noqa: S608 - what is put into statements are names of ours; values are parameters.

from __future__ import annotations

from collections.abc import Mapping

from pawl.store.events.clickhouse_calls import put_calls
from pawl.store.events.clickhouse_link import Session
from pawl.store.events.clickhouse_schema import (
    REQUESTS,
    ROLLUP,
    RUN_SESSIONS,
    RUNS,
    SOURCE_ROLLUP,
    written,
)
from pawl.store.events.upkeep import script

_TOUCHED = (
    "(request_id IN (SELECT id FROM touched_requests)"
    " OR message_id IN (SELECT id FROM touched_messages))"
)
_OF_TOUCHED = (
    "(run_id IN (SELECT id FROM touched_runs) OR session_id IN (SELECT id FROM touched_sessions))"
)
_ASKED = (
    "(q.run_id IN (SELECT id FROM touched_runs)"
    " OR q.session_id IN (SELECT id FROM touched_sessions))"
)

# Where any view of the same observations, however incomplete, could have put them: each is told
# of at its own hour, under its own id or, if it is not named, under that of its message.
_CANDIDATES = """SELECT DISTINCT hour, key FROM (
    SELECT toStartOfHour(time) AS hour, assumeNotNull(request_id) AS key FROM keyed
    WHERE request_id IS NOT NULL
    UNION ALL
    SELECT toStartOfHour(time), concat('message:', assumeNotNull(message_id)) FROM keyed
    WHERE NOT named AND message_id IS NOT NULL
    UNION ALL
    SELECT toStartOfHour(time), concat('event:', id) FROM keyed
    WHERE request_id IS NULL AND message_id IS NULL
    UNION ALL
    SELECT toStartOfHour(k.time), assumeNotNull(p.request_id) FROM keyed AS k
    JOIN (SELECT DISTINCT message_id, request_id FROM keyed
        WHERE message_id IS NOT NULL AND request_id IS NOT NULL) AS p
        ON p.message_id = k.message_id
    WHERE NOT k.named)"""

_TELLERS = """SELECT key, arraySort(groupArray(CAST(
    tuple(source, agent, assumeNotNull(pays), assumeNotNull(disagrees)),
    'Tuple(source String, agent String, pays Bool, disagrees Bool)'))) AS tellers
FROM renewed_sources GROUP BY key"""


def next_round(session: Session) -> int:
    """Take a round: higher than all that are noted, and noted itself before this returns."""
    number = session.count("SELECT max(round) FROM rounds") + 1
    into = written(session.place, "rounds")
    session.raw(f"INSERT INTO {into} (one, round) VALUES (1, {number})")
    return number


def keep_up(session: Session, events: str, parameters: Mapping[str, object] | None = None) -> None:
    """Bring the derived tables up to date with the events that a SELECT of them finds.

    These must be in the store on every replica. They are read after the round is taken.
    """
    number = next_round(session)
    session.table("fresh", events, parameters)
    session.script(script("touched"))
    told = session.count("SELECT count() FROM fresh WHERE kind = 'request'") > 0
    if told:
        renew(session)
        _put_requests(session, number)
    put_calls(session, number)
    # What follows reads requests, so its round is taken after they were written.
    number = next_round(session)
    if told:
        put_hours(session, number)
    put_runs(session, number)


def renew(session: Session) -> None:
    """Make `keyed`, `renewed` and `renewed_sources` of what the touched ids name."""
    names = ("touched_requests", "request_id"), ("touched_messages", "message_id")
    _close_over(session, *names, ("events",))
    session.script(script("observed").replace("{touched}", _TOUCHED))
    session.script(script("renewed"))


def put_hours(session: Session, number: int) -> None:
    """Sum up the hours in the temporary table `touched_hours` anew."""
    for name, summed, columns in (
        ("rollup", "summed", ROLLUP),
        ("source_rollup", "summed_sources", SOURCE_ROLLUP),
    ):
        session.script(script(name))
        arrays = ", ".join(
            f"arrayMap(row -> row.{place}, rows)" for place in range(1, len(columns) + 1)
        )
        packed = ", ".join(f"s.{column}" for column in columns)
        session.raw(
            f"""INSERT INTO {written(session.place, name)} (hour, {", ".join(columns)}, round)
            SELECT time, {arrays}, {number} FROM (
                SELECT h.time AS time,
                    groupArrayIf(tuple({packed}), s.requests IS NOT NULL) AS rows
                FROM touched_hours AS h LEFT JOIN {summed} AS s ON s.time = h.time
                GROUP BY h.time)"""
        )


def put_runs(session: Session, number: int) -> None:
    """Make the rows of the touched runs and sessions anew; what has no events left goes."""
    _close_runs(session)
    session.script(script("runs").replace("{of_touched}", _OF_TOUCHED).replace("{asked}", _ASKED))
    _write_runs(session, number)


def _put_requests(session: Session, number: int) -> None:
    """Write each request at the hour it belongs to, and that it is gone from all others."""
    session.table("candidates", _CANDIDATES)
    session.table("tellers", _TELLERS)
    columns = ", ".join(REQUESTS)
    found = ", ".join(f"r.{name}" for name in REQUESTS if name not in ("key", "time"))
    session.raw(
        f"""INSERT INTO {written(session.place, "requests")}
        (hour, {columns}, tellers, round, gone)
        SELECT c.hour, c.key, coalesce(r.time, c.hour), {found}, t.tellers, {number},
            r.key IS NULL
        FROM candidates AS c
        LEFT JOIN renewed AS r ON r.key = c.key AND toStartOfHour(r.time) = c.hour
        LEFT JOIN tellers AS t ON t.key = r.key"""
    )
    session.table("touched_hours", "SELECT DISTINCT hour AS time FROM candidates")
    # Runs and sessions that the old or the new attribution names: an observation named them.
    for into, column in (("touched_runs", "run_id"), ("touched_sessions", "session_id")):
        session.raw(
            f"""INSERT INTO {into} SELECT DISTINCT {column} FROM observed
            WHERE {column} IS NOT NULL AND {column} NOT IN (SELECT id FROM {into})"""
        )


def _close_runs(session: Session) -> None:
    # A request may have its run from one event and its session from another, so both link.
    both = ("events", "requests")
    _close_over(session, ("touched_runs", "run_id"), ("touched_sessions", "session_id"), both)


def _write_runs(session: Session, number: int) -> None:
    names = ", ".join(RUNS)
    others = ", ".join(f"r.{name}" for name in RUNS if name != "run_id")
    session.raw(
        f"""INSERT INTO {written(session.place, "runs")} ({names}, round, gone)
        SELECT t.id, {others}, {number}, r.run_id IS NULL
        FROM (SELECT id FROM touched_runs UNION DISTINCT SELECT id FROM touched_sessions) AS t
        LEFT JOIN renewed_runs AS r ON r.run_id = t.id"""
    )
    packed = ", ".join(f"c.{name}" for name in RUN_SESSIONS)
    arrays = ", ".join(
        f"arrayMap(row -> row.{place}, rows)" for place in range(1, len(RUN_SESSIONS) + 1)
    )
    session.raw(
        f"""INSERT INTO {written(session.place, "run_sessions")}
        (session_id, {", ".join(RUN_SESSIONS)}, round)
        SELECT id, {arrays}, {number} FROM (
            SELECT t.id AS id, groupArrayIf(tuple({packed}), c.run_id IS NOT NULL) AS rows
            FROM touched_sessions AS t LEFT JOIN carried AS c ON c.session_id = t.id
            GROUP BY t.id)"""
    )


_Named = tuple[str, str]


def _close_over(session: Session, left: _Named, right: _Named, linked: tuple[str, ...]) -> None:
    """Grow two sets of ids until no row of `linked` links one inside to one outside."""

    def grow(into: _Named, by: _Named) -> int:
        (table, column), (others, other) = into, by
        before = session.count(f"SELECT count() FROM {table}")
        # Each table is asked by itself, so that its own servers pass over what they can.
        parts = " UNION ALL ".join(
            f"SELECT {column} AS id FROM {each} WHERE {column} IS NOT NULL"
            f" AND {other} GLOBAL IN (SELECT id FROM {others})"
            for each in linked
        )
        session.raw(
            f"""INSERT INTO {table} SELECT DISTINCT id FROM ({parts})
            WHERE id NOT IN (SELECT id FROM {table})"""
        )
        return session.count(f"SELECT count() FROM {table}") - before

    while grow(right, left) + grow(left, right):
        pass
