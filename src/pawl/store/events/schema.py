"""The tables of the embedded engine.

`events` holds every fact, and everything else is made of it: `requests` (each model request
once), `request_sources` (who told of it), `rollup` and `source_rollup` (both by hour and owner),
`tool_calls` (each call of a tool once), `request_failures` (each error and refusal of a request
once), `runs` and `run_sessions`. They are kept up on loading, only where the new facts touch
them, and equal what making them anew would give.

One table for all months: the engine keeps the range of times of every 122,880 rows, so dropping
a month or asking for one reads only the row groups it is in, and a table a month would turn
each query into a union. `loads` says up to which byte each segment of the spool is in.
"""

from pawl.telemetry.event import Event
from pawl.telemetry.usage import Usage

FORMAT = 3
"""Raised when these tables change; an older file is made anew from its events."""

_INTEGERS = frozenset({*Usage.__struct_fields__, "duration_ms", "reported_micros", "cost_micros"})
_TYPES = {"time": "TIMESTAMP", "final": "BOOLEAN", "attributes": "MAP(VARCHAR, VARCHAR)"}

EVENT_COLUMNS: dict[str, str] = {
    name: _TYPES.get(name, "BIGINT" if name in _INTEGERS else "VARCHAR")
    for name in Event.__struct_fields__
}
"""Columns of `events` with their types: the fields of `Event`, in their order."""

DERIVED = (
    *("requests", "request_sources", "rollup", "source_rollup", "tool_calls", "request_failures"),
    *("run_sessions", "runs"),
)
"""Tables that are made of `events` alone."""

TOOL_CALLS = {
    "call": "VARCHAR",
    "time": "TIMESTAMP",
    "tool": "VARCHAR",
    "agent": "VARCHAR",
    "project": "VARCHAR",
    "repo": "VARCHAR",
    "session_id": "VARCHAR",
    "run_id": "VARCHAR",
    "began": "TIMESTAMP",
    "ended": "TIMESTAMP",
    "told_ms": "BIGINT",
    "span_ms": "BIGINT",
    "wrong_at": "TIMESTAMP",
    "answered": "BOOLEAN",
    "failed": "BOOLEAN",
    "denied": "BOOLEAN",
}
"""Columns of `tool_calls`. No order of arrival changes a row: see upkeep/tool_calls.sql."""

REQUEST_FAILURES = {
    "key": "VARCHAR",
    "kind": "VARCHAR",
    "time": "TIMESTAMP",
    "agent": "VARCHAR",
    "model": "VARCHAR",
    "project": "VARCHAR",
}
"""Columns of `request_failures`; `kind` is `error` or `refusal`."""


def _typed(columns: dict[str, str]) -> str:
    return ", ".join(f"{name} {kind}" for name, kind in columns.items())


_BUCKETS = """
    input BIGINT, cache_read BIGINT, cache_write_5m BIGINT, cache_write_1h BIGINT,
    output BIGINT, reasoning BIGINT, web_searches BIGINT, cost_micros BIGINT"""

TABLES = (
    "CREATE TABLE IF NOT EXISTS meta (name VARCHAR, value VARCHAR)",
    "CREATE TABLE IF NOT EXISTS loads (segment VARCHAR, loaded BIGINT)",
    "CREATE TABLE IF NOT EXISTS events ("
    + ", ".join(f'"{name}" {kind}' for name, kind in EVENT_COLUMNS.items())
    + ")",
    f"""CREATE TABLE IF NOT EXISTS requests (
    key VARCHAR, time TIMESTAMP, payer VARCHAR, agent VARCHAR, model VARCHAR,
    run_id VARCHAR, session_id VARCHAR, project VARCHAR, repo VARCHAR, branch VARCHAR,
    developer VARCHAR, machine VARCHAR, told BOOLEAN,{_BUCKETS},
    cost_basis VARCHAR, reported_micros BIGINT, duration_ms BIGINT, subagent BOOLEAN)""",
    """CREATE TABLE IF NOT EXISTS request_sources (
    key VARCHAR, time TIMESTAMP, source VARCHAR, agent VARCHAR, pays BOOLEAN,
    disagrees BOOLEAN)""",
    f"""CREATE TABLE IF NOT EXISTS rollup (
    time TIMESTAMP, project VARCHAR, repo VARCHAR, branch VARCHAR, developer VARCHAR,
    model VARCHAR, agent VARCHAR, requests BIGINT,{_BUCKETS}, unpriced_requests BIGINT)""",
    """CREATE TABLE IF NOT EXISTS source_rollup (
    time TIMESTAMP, project VARCHAR, repo VARCHAR, branch VARCHAR, developer VARCHAR,
    model VARCHAR, agent VARCHAR, source VARCHAR, teller VARCHAR, requests BIGINT, pays BIGINT,
    disagrees BIGINT)""",
    f"CREATE TABLE IF NOT EXISTS tool_calls ({_typed(TOOL_CALLS)})",
    f"CREATE TABLE IF NOT EXISTS request_failures ({_typed(REQUEST_FAILURES)})",
    """CREATE TABLE IF NOT EXISTS run_sessions (
    session_id VARCHAR, run_id VARCHAR, since TIMESTAMP, until TIMESTAMP)""",
    f"""CREATE TABLE IF NOT EXISTS runs (
    run_id VARCHAR, agent VARCHAR, observed BOOLEAN, started_at TIMESTAMP, ended_at TIMESTAMP,
    outcome VARCHAR, stop_limit VARCHAR, project VARCHAR, developer VARCHAR, branch VARCHAR,
    models VARCHAR[], turns BIGINT, requests BIGINT, tool_calls BIGINT, errors BIGINT,
    {_BUCKETS}, cost_basis VARCHAR)""",
)
