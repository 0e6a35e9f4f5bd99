"""Loading lines of the spool into ClickHouse, pricing and dropping what is there.

Each function takes the session of one change.
"""

# ruff: noqa: S608 - what is put into statements are names of ours; values are parameters.

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from hashlib import blake2b
from typing import Any
from uuid import uuid4

from pawl.store.events.clickhouse_calls import find_later_tellings
from pawl.store.events.clickhouse_link import Session
from pawl.store.events.clickhouse_names import Spellings
from pawl.store.events.clickhouse_schema import BY_MONTH, EVENTS, written
from pawl.store.events.clickhouse_upkeep import keep_up, next_round, put_runs, renew
from pawl.store.events.forgetting import NOBODY, Known
from pawl.store.events.prices import Price
from pawl.telemetry.usage import Usage

CHUNK_EVENTS = 200_000
"""Events that are brought up to date in one go: what the temporary tables hold is bounded by it."""

_NAMES = ", ".join(f'"{name}"' for name in EVENTS)
_NEEDED = ("id", "time", "kind", "source", "agent")
_TOLD = ("cost_micros", "cost_basis", "price_version")
_SAME = "toString(tuple({}))".format(
    ", ".join(f'"{name}"' for name in EVENTS if name not in (*_TOLD, "attributes"))
)
"""An event as it was told, without what we made of it, and without the order of a map."""


class NamesStored(Exception):
    """The store holds what is loaded again, and with it the name of somebody forgotten."""


def load_lines(
    session: Session, lines: bytes, count: int, forgotten: Known = NOBODY
) -> tuple[int, int, int]:
    """Load NDJSON; return the events new to the store, those repeated, and bad lines.

    A line is bad when it is no JSON object or lacks one of id, time, kind, source and agent. Of
    two events with one id the first stays. The same event is written again, in the place of
    itself and with the time it first arrived at: a replica may have missed it when the loading was
    cut short. Nobody of `forgotten` is loaded; raises NamesStored.
    """
    session.raw("DROP TEMPORARY TABLE IF EXISTS told")
    session.raw(f"CREATE TEMPORARY TABLE told ({_staged()}) ENGINE = Memory")
    session.insert_lines("told", list(EVENTS), lines)
    _leave_out(session, forgotten)
    session.table(
        "staged",
        f"""SELECT {_NAMES} FROM told
        WHERE {" AND ".join(f"{name} IS NOT NULL" for name in _NEEDED)}
        ORDER BY coalesce("final", true) DESC, "output" DESC NULLS LAST, "time" LIMIT 1 BY id""",
    )
    told = session.count(
        f"SELECT count() FROM told WHERE {' AND '.join(f'{name} IS NOT NULL' for name in _NEEDED)}"
    )
    if not told:
        return 0, 0, count
    _find_known(session, forgotten)
    fresh = session.count("SELECT count() FROM staged WHERE id NOT IN (SELECT id FROM known)")
    session.raw(
        f"""INSERT INTO {written(session.place, "events")} ({_NAMES}, arrived, round, gone)
        SELECT {_NAMES}, coalesce(k.known_arrived, now64(6, 'UTC')), 0, false
        FROM staged LEFT JOIN (SELECT id AS known_id, arrived AS known_arrived FROM known) AS k
            ON k.known_id = id
        WHERE id NOT IN (SELECT id FROM known) OR (id, {_SAME}) IN (SELECT id, same FROM known)""",
        settings={"insert_deduplication_token": blake2b(lines, digest_size=16).hexdigest()},
    )
    keep_up(session, _in_store("staged"))
    return fresh, told - fresh, max(0, count - told)


def _staged() -> str:
    """Columns of what is read: nothing is required yet."""
    columns = []
    for name, kind in EVENTS.items():
        plain = kind.partition(" CODEC")[0]
        if name in _NEEDED:
            plain = "Nullable(String)" if "String" in plain else f"Nullable({plain})"
        columns.append(f'"{name}" {plain}')
    return ", ".join(columns)


_NEAR = """time >= (SELECT min(time) - INTERVAL 1 DAY FROM {staged})
    AND time <= (SELECT max(time) + INTERVAL 1 DAY FROM {staged})"""
"""An event told again has its old time, or nearly; elsewhere the store is not looked through."""


def _leave_out(session: Session, forgotten: Known) -> None:
    """Take forgotten people out of what was told, before anything else looks at it."""
    if not forgotten.people:
        return
    told = session.rows("SELECT DISTINCT developer FROM told WHERE developer IS NOT NULL")
    names = {name for (name,) in told if forgotten.holds(name)}
    if not names:
        return
    session.table("told_of", f"SELECT {_NAMES}, developer AS person FROM told")
    session.raw("TRUNCATE TEMPORARY TABLE told")
    instead = Spellings(names).left_out("person")
    columns = ", ".join(instead.get(name, f'"{name}"') for name in EVENTS)
    session.raw(f"INSERT INTO told ({_NAMES}) SELECT {columns} FROM told_of")
    session.raw("DROP TEMPORARY TABLE told_of")


def _find_known(session: Session, forgotten: Known) -> None:
    near = _NEAR.format(staged="staged")
    session.table(
        "known",
        f"SELECT id, {_SAME} AS same, arrived FROM arrivals"
        f" WHERE {near} AND id GLOBAL IN (SELECT id FROM staged)",
    )
    if forgotten.people:
        # Whoever wrote them had begun before somebody was forgotten, and died.
        session.table(
            "known_people",
            f"SELECT DISTINCT developer FROM events WHERE {near}"
            " AND developer IS NOT NULL AND id GLOBAL IN (SELECT id FROM staged)",
        )
        stored = session.rows("SELECT developer FROM known_people")
        if any(forgotten.holds(name) for (name,) in stored):
            raise NamesStored


def _in_store(staged: str) -> str:
    """Return what selects the events of a temporary table as they are in the store."""
    near = _NEAR.format(staged=staged)
    return f"SELECT * FROM events WHERE {near} AND id GLOBAL IN (SELECT id FROM {staged})"


def loaded_offsets(session: Session, segments: list[str]) -> dict[str, int]:
    """Return up to which byte each of some segments is in the store."""
    if not segments:
        return {}
    found = session.rows(
        "SELECT segment, max(loaded) FROM loads WHERE segment IN {segments:Array(String)}"
        " GROUP BY segment",
        {"segments": segments},
    )
    return {segment: int(loaded) for segment, loaded in found}


def note_loads(session: Session, offsets: Mapping[str, int]) -> None:
    """Record new offsets, after everything before them is in and brought up to date."""
    rows = [[segment, offset] for segment, offset in offsets.items()]
    session.insert_rows(written(session.place, "loads"), ["segment", "loaded"], rows)


Window = tuple[datetime, datetime]


def windows(session: Session, where: str, parameters: Mapping[str, object]) -> list[Window]:
    """Return hours, joined while they hold few events, that hold all events of a condition."""
    hours = session.rows(
        f"SELECT toStartOfHour(time) AS hour, toStartOfHour(time) + INTERVAL 1 HOUR, count()"
        f" FROM events WHERE {where} GROUP BY hour ORDER BY hour",
        parameters,
    )
    found: list[Window] = []
    held = CHUNK_EVENTS
    for start, end, count in hours:
        if held + count > CHUNK_EVENTS:
            found.append((start, end))
            held = 0
        found[-1] = (found[-1][0], end)
        held += count
    return found


_UNPRICED = """SELECT id, time, model, formatDateTime(time, '%Y-%m-%d') AS day,
    input IS NOT NULL OR output IS NOT NULL AS told,
    coalesce(e.input, 0) AS input, coalesce(e.cache_read, 0) AS cache_read,
    coalesce(e.cache_write_5m, 0) AS cache_write_5m,
    coalesce(e.cache_write_1h, 0) AS cache_write_1h,
    coalesce(e.output, 0) AS output, coalesce(e.web_searches, 0) AS web_searches, reported_micros
FROM events AS e
WHERE kind = 'request' AND time >= {since:DateTime64(6, 'UTC')}
    AND time < {until:DateTime64(6, 'UTC')}
    AND (price_version IS NULL OR price_version < {version:String})"""

_PRICING, _HOUR = "pricing.", "%Y%m%dT%H"
_KIND = ("model", "day", *(name for name in Usage.__struct_fields__ if name != "reasoning"))


def reprice(session: Session, price: Price, version: str, window: Window) -> int:
    """Price requests of an earlier price version in some hours, and keep up what is made of them.

    Versions are dates. One that is earlier than what a request was priced by changes nothing, so
    that servers with two tables do not price in turns.
    """
    given: dict[str, object] = {"since": window[0], "until": window[1], "version": version}
    session.table("unpriced", _UNPRICED, given)
    count = session.count("SELECT count() FROM unpriced")
    if not count:
        return 0
    kinds = session.rows(
        f"SELECT DISTINCT {', '.join(_KIND)} FROM unpriced WHERE told AND model IS NOT NULL"
    )
    session.table(
        "costs", f"SELECT {', '.join(_KIND)}, toNullable(toInt64(0)) AS cost FROM unpriced LIMIT 0"
    )
    costs = [[*kind, _cost(price, kind)] for kind in kinds]
    if costs:
        session.insert_rows("costs", [*_KIND, "cost"], costs)
    same = " AND ".join(f"k.{name} = u.{name}" for name in _KIND)
    session.table(
        "priced",
        f"""SELECT u.id AS id, if(u.told, k.cost, u.reported_micros) AS cost,
            multiIf(u.told AND k.cost IS NOT NULL, 'priced',
                NOT u.told AND u.reported_micros IS NOT NULL, 'reported', 'unpriced') AS basis
        FROM unpriced AS u LEFT JOIN costs AS k ON {same}""",
    )
    changed = {
        "cost_micros": "p.cost",
        "cost_basis": "p.basis",
        "price_version": "{version:String}",
    }
    columns = ", ".join(changed.get(name, f'e."{name}"') for name in EVENTS)
    name = f"{_PRICING}{window[0]:{_HOUR}}.{window[1]:{_HOUR}}.{uuid4().hex}"
    note_loads(session, {name: 0})
    number = next_round(session)
    session.raw(
        f"""INSERT INTO {written(session.place, "events")} ({_NAMES}, arrived, round, gone)
        SELECT {columns}, e.arrived, {number}, false
        FROM (SELECT * FROM arrivals WHERE time >= {{since:DateTime64(6, 'UTC')}}
            AND time < {{until:DateTime64(6, 'UTC')}}
            AND id GLOBAL IN (SELECT id FROM unpriced)) AS e
        GLOBAL JOIN priced AS p ON p.id = e.id""",
        given,
    )
    keep_up(session, _in_store("unpriced"))
    note_loads(session, {name: 1})
    return count


def finish_pricing(session: Session) -> None:
    """Bring up to date what was priced by somebody who died before he had done so himself.

    The events themselves would not tell: they have their price. That a pricing of some hours began,
    and that it is done, is noted beside the segments.
    """
    begun = session.rows(
        f"""SELECT segment FROM loads WHERE startsWith(segment, '{_PRICING}')
        GROUP BY segment HAVING max(loaded) = 0"""
    )
    for (name,) in begun:
        since, until = (datetime.strptime(text, _HOUR) for text in name.split(".")[1:3])  # noqa: DTZ007
        remake(session, (since, until))
        note_loads(session, {name: 1})


def _cost(price: Price, kind: tuple[Any, ...]) -> int | None:
    model, day, read, cache_read, write_5m, write_1h, output, searches = kind
    return price(model, Usage(read, cache_read, write_5m, write_1h, output, 0, searches), day)


def remake(session: Session, window: Window) -> None:
    """Make what is derived of the events of some hours anew."""
    keep_up(
        session,
        "SELECT * FROM events WHERE time >= {since:DateTime64(6, 'UTC')}"
        " AND time < {until:DateTime64(6, 'UTC')}",
        {"since": window[0], "until": window[1]},
    )


def hide_later_tellings(session: Session, cutoff: datetime) -> int:
    """Hide what tells after a time of what was first seen before it; return how many events.

    What is left of such a request would be billed again as one of its own, and what is left of a
    call would be another one. It has a row at every
    hour somebody told of it, so those with a row on both sides are few and quickly found.
    """
    rows = "requests_all" if session.place.cluster else "requests_rows"
    at = {"cutoff": cutoff}
    session.table(
        "straddling",
        f"""SELECT DISTINCT key FROM {rows} FINAL
        WHERE hour >= {{cutoff:DateTime64(6, 'UTC')}} AND gone AND key GLOBAL IN (
            SELECT key FROM requests WHERE time < {{cutoff:DateTime64(6, 'UTC')}})""",
        at,
    )
    session.table("touched_requests", "SELECT toNullable(key) AS id FROM straddling")
    session.table(
        "touched_messages",
        """SELECT DISTINCT message_id AS id FROM events WHERE kind = 'request'
        AND message_id IS NOT NULL AND (concat('message:', message_id) GLOBAL IN straddling
            OR request_id GLOBAL IN straddling)""",
    )
    session.table("fresh", "SELECT * FROM events LIMIT 0")
    renew(session)
    session.table(
        "gone",
        "SELECT id FROM keyed WHERE key IN straddling AND time >= {cutoff:DateTime64(6, 'UTC')}",
        at,
    )
    find_later_tellings(session, cutoff)
    session.table(
        "hidden",
        "SELECT id, run_id, session_id FROM events WHERE id GLOBAL IN (SELECT id FROM gone)",
    )
    number = next_round(session)
    session.raw(
        f"""INSERT INTO {written(session.place, "events")} ({_NAMES}, round, gone)
        SELECT {_NAMES}, {number}, true FROM events WHERE id GLOBAL IN (SELECT id FROM gone)"""
    )
    return session.count("SELECT count(DISTINCT id) FROM gone")


def months_before(session: Session, month: str) -> list[str]:
    """Return the months before one such as `2026-11` that hold anything, as partitions."""
    wanted = month.replace("-", "")
    found: set[str] = set()
    rows = session.rows(
        "SELECT DISTINCT toString(toYYYYMM(time)) FROM events WHERE toYYYYMM(time) < {m:Int64}",
        {"m": int(wanted)},
    )
    found.update(row[0] for row in rows)
    return sorted(found)


def drop_statements(months: list[str]) -> list[str]:
    """Return what drops months; each runs on every server."""
    return [f"ALTER TABLE {name}_rows DROP PARTITION {m}" for name in BY_MONTH for m in months]


def note_dropped_runs(session: Session, cutoff: datetime) -> None:
    """Note which runs and sessions have anything before a time; to be asked before it goes.

    Those that began before it are noted even if their events are gone: whoever dropped them may
    have died before he made their rows anew.
    """
    before = "{} < {{cutoff:DateTime64(6, 'UTC')}}"
    old = f"SELECT run_id FROM runs WHERE {before.format('started_at')}"
    carried = f"SELECT session_id FROM run_sessions WHERE run_id GLOBAL IN ({old})"
    for table, column, more in (
        ("touched_runs", "run_id", old),
        ("touched_sessions", "session_id", f"{old} UNION ALL {carried}"),
    ):
        session.table(
            table,
            f"""SELECT DISTINCT id FROM (
                SELECT {column} AS id FROM events WHERE {before.format("time")}
                UNION ALL SELECT {column} FROM requests WHERE {before.format("time")}
                UNION ALL SELECT {column} FROM hidden
                UNION ALL {more}) WHERE id IS NOT NULL""",
            {"cutoff": cutoff},
        )


def forget_runs(session: Session) -> None:
    """Make the rows of the noted runs anew, of what events are left of them."""
    put_runs(session, next_round(session))
