"""Calls of tools and failures of requests in ClickHouse: kept up, and hidden with a month.

A call has a row at each hour at which somebody told of it, as a request has: at the first it is
whole, at all others it is gone. So rows of two loaders meet, and a month can be dropped.
"""

# ruff: noqa: S608 - what is put into statements are names of ours; values are parameters.

from __future__ import annotations

from datetime import datetime

from pawl.store.events.calls import CALL, FAILURE, TELLS_OF_CALL, TELLS_OF_FAILURE, renewing
from pawl.store.events.clickhouse_link import Session
from pawl.store.events.clickhouse_schema import written
from pawl.store.events.schema import REQUEST_FAILURES, TOOL_CALLS
from pawl.store.events.upkeep import script

_TABLES = (
    ("tool_calls", "renewed_calls", "call_facts", TOOL_CALLS, {"call": CALL}),
    (
        *("request_failures", "renewed_failures", "failure_facts", REQUEST_FAILURES),
        {"key": FAILURE, "kind": "kind"},
    ),
)


def put_calls(session: Session, number: int) -> None:
    """Make the rows of the calls and failures anew that the temporary table `fresh` tells of."""
    facts = (
        script("call_facts")
        .replace("{tells_of_call}", TELLS_OF_CALL)
        .replace("{tells_of_failure}", TELLS_OF_FAILURE)
        .replace("{call}", CALL)
    )
    session.script(facts)
    session.script(renewing("call_facts", "failure_facts"))
    for table, renewed, told, columns, names in _TABLES:
        made = ", ".join(f"assumeNotNull({_own(what)}) AS {name}" for name, what in names.items())
        session.table(
            "candidates", f"SELECT DISTINCT toStartOfHour(time) AS hour, {made} FROM {told}"
        )
        others = [name for name in columns if name not in (*names, "time")]
        same = " AND ".join(f"r.{name} = c.{name}" for name in names)
        first = next(iter(names))
        session.raw(
            f"""INSERT INTO {written(session.place, table)}
            (hour, {", ".join((*names, "time", *others))}, round, gone)
            SELECT c.hour, {", ".join(f"c.{name}" for name in names)}, coalesce(r.time, c.hour),
                {", ".join(f"r.{name}" for name in others)}, {number}, r.{first} IS NULL
            FROM candidates AS c
            LEFT JOIN {renewed} AS r ON {same} AND toStartOfHour(r.time) = c.hour"""
        )


def find_later_tellings(session: Session, cutoff: datetime) -> None:
    """Add to the temporary table `gone` what tells after a time of calls first seen before it.

    What of them is left has no row but those that are gone.
    """
    at = {"cutoff": cutoff}
    for table, _, _, _, names in _TABLES:
        rows = f"{table}_all" if session.place.cluster else f"{table}_rows"
        listed = ", ".join(names)
        named = ", ".join(map(_own, names.values()))
        tells = TELLS_OF_CALL if table == "tool_calls" else TELLS_OF_FAILURE
        session.table(
            "straddling_calls",
            f"""SELECT DISTINCT {listed} FROM {rows} FINAL
            WHERE hour >= {{cutoff:DateTime64(6, 'UTC')}} AND gone AND ({listed}) GLOBAL IN (
                SELECT {listed} FROM {table} WHERE time < {{cutoff:DateTime64(6, 'UTC')}})""",
            at,
        )
        session.raw(
            f"""INSERT INTO gone SELECT id FROM events
            WHERE time >= {{cutoff:DateTime64(6, 'UTC')}} AND {tells}
                AND ({named}) GLOBAL IN (SELECT {listed} FROM straddling_calls)""",
            at,
        )


def _own(expression: str) -> str:
    """Return one of our expressions in ClickHouse's own dialect."""
    return expression.replace("starts_with(", "startsWith(")
