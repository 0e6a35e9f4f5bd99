"""The tables in ClickHouse, and how a row there comes to stand in another's place.

Nothing is updated, but to forget a person, and nothing deleted but whole months: a newer row of the
same identity stands in the place of the older one, and one that is `gone` hides it. What a newer
row is says `round` (see `clickhouse_upkeep`). Each table of `pawl.store.events.schema` is therefore
three things:

- `NAME_rows` holds the rows, on every server;
- `NAME` is what is asked: the newest rows, without those that are gone, with the columns that the
  embedded engine has, of all servers of a cluster;
- `NAME_all`, on a cluster, is what is written to: it sends each row to the servers it belongs on.

An identity never changes, so that rows of two loaders meet wherever they were written: a request
is known by its key and an hour at which somebody observed it. A session's runs, and all that an
hour sums up to, are one row of arrays, because they change together.
"""

# ruff: noqa: S608 - what is put into statements are names of ours; values are parameters.

import msgspec

from pawl.store.events.clickhouse_place import Place
from pawl.store.events.dialect import TIME
from pawl.store.events.schema import DERIVED, EVENT_COLUMNS, REQUEST_FAILURES, TOOL_CALLS
from pawl.telemetry.usage import Usage

_FEW = "LowCardinality(Nullable(String))"
_TEXT = "Nullable(String)"
_MANY_VALUES = frozenset(
    {"run_id", "session_id", "parent_id", "request_id", "message_id", "commit", "pr"}
    | {"tool_call_id"}
)
_REQUIRED = {
    "id": "String",
    "time": f"{TIME} CODEC(Delta, ZSTD(1))",
    "kind": "LowCardinality(String)",
    "source": "LowCardinality(String)",
    "agent": "LowCardinality(String)",
    "final": "Nullable(Bool)",
    "attributes": f"Map(LowCardinality(String), {_TEXT})",
}
_PLAIN = {"BIGINT": "Nullable(Int64)", "VARCHAR": _FEW}


def _event_type(name: str) -> str:
    if name in _REQUIRED:
        return _REQUIRED[name]
    return _TEXT if name in _MANY_VALUES else _PLAIN[EVENT_COLUMNS[name]]


EVENTS = {name: _event_type(name) for name in EVENT_COLUMNS}
"""Columns of events with their types here."""

_COUNTS = dict.fromkeys(Usage.__struct_fields__, "Int64")
_OWNER = dict.fromkeys(("project", "repo", "branch", "developer"), _FEW)

REQUESTS = {
    "key": "String",
    "time": TIME,
    "payer": _TEXT,
    "agent": _FEW,
    "model": _FEW,
    "run_id": _TEXT,
    "session_id": _TEXT,
    **_OWNER,
    "machine": _FEW,
    "told": "Nullable(Bool)",
    **dict.fromkeys(_COUNTS, "Nullable(Int64)"),
    "cost_micros": "Nullable(Int64)",
    "cost_basis": _FEW,
    "reported_micros": "Nullable(Int64)",
    "duration_ms": "Nullable(Int64)",
    "subagent": "Nullable(Bool)",
}
_HOURLY = {**_OWNER, "model": _FEW, "agent": _FEW}
ROLLUP = {
    **_HOURLY,
    "requests": "Int64",
    **_COUNTS,
    "cost_micros": "Int64",
    "unpriced_requests": "Int64",
}
SOURCE_ROLLUP = {
    **_HOURLY,
    "source": "LowCardinality(String)",
    "teller": "LowCardinality(String)",
    "requests": "Int64",
    "pays": "Int64",
    "disagrees": "Int64",
}
RUN_SESSIONS = {"run_id": "String", "since": TIME, "until": TIME}
RUNS = {
    "run_id": "String",
    "agent": "LowCardinality(String)",
    "observed": "Bool",
    "started_at": TIME,
    "ended_at": f"Nullable({TIME})",
    "outcome": _FEW,
    "stop_limit": _FEW,
    "project": _FEW,
    "developer": _FEW,
    "branch": _FEW,
    "models": "Array(String)",
    "turns": "Nullable(Int64)",
    "requests": "Int64",
    "tool_calls": "Int64",
    "errors": "Int64",
    **_COUNTS,
    "cost_micros": "Nullable(Int64)",
    "cost_basis": _FEW,
}
_OTHERS = {
    "BIGINT": "Nullable(Int64)",
    "BOOLEAN": "Nullable(Bool)",
    "TIMESTAMP": f"Nullable({TIME})",
}
_IDENTITY = {"call": "String", "key": "String", "kind": "LowCardinality(String)", "time": TIME}


def _merged(columns: dict[str, str]) -> dict[str, str]:
    """Return the columns of a table of calls or failures with their types here."""
    text = {name: _TEXT if name in _MANY_VALUES else _FEW for name in columns}
    return {
        name: _IDENTITY.get(name, _OTHERS.get(kind, text[name])) for name, kind in columns.items()
    }


_TELLERS = "Array(Tuple(source String, agent String, pays Bool, disagrees Bool))"
_ROUND, _GONE = {"round": "UInt64"}, {"gone": "Bool"}
_BY_MONTH = "toYYYYMM({})"


def _arrays(columns: dict[str, str]) -> dict[str, str]:
    return {name: f"Array({kind})" for name, kind in columns.items()}


class _Table:
    """One table: its columns, its order, which rows stand together, and what a question sees."""

    def __init__(
        self,
        columns: dict[str, str],
        order: str,
        shard: str,
        *,
        month: str = "",
        newest: str = "ReplacingMergeTree(round)",
        extra: str = "",
        settings: str = "",
        sees: str = "",
    ) -> None:
        self.columns, self.order, self.shard = columns, order, shard
        self.month, self.newest, self.extra = month, newest, extra
        self.settings, self.sees = settings, sees


def _bloom(*names: str) -> str:
    return "".join(
        f", INDEX {name}_known {name} TYPE bloom_filter(0.01) GRANULARITY 1" for name in names
    )


_TABLES = {
    "events": _Table(
        {**EVENTS, "arrived": f"{TIME} DEFAULT now64(6)", **_ROUND, **_GONE},
        "time, id",
        "cityHash64(id)",
        month="time",
        extra=_bloom("id", "run_id", "session_id", "request_id", "message_id", "tool_call_id")
        + ", INDEX arrivals arrived TYPE minmax GRANULARITY 1",
        settings=", non_replicated_deduplication_window = 1000",
    ),
    "requests": _Table(
        {"hour": TIME, **REQUESTS, "tellers": _TELLERS, **_ROUND, **_GONE},
        "hour, key",
        "cityHash64(key)",
        month="hour",
        extra=_bloom("key", "run_id", "session_id")
        + ", INDEX times time TYPE minmax GRANULARITY 1",
    ),
    "rollup": _Table(
        {"hour": TIME, **_arrays(ROLLUP), **_ROUND}, "hour", "cityHash64(hour)", month="hour"
    ),
    "source_rollup": _Table(
        {"hour": TIME, **_arrays(SOURCE_ROLLUP), **_ROUND}, "hour", "cityHash64(hour)", month="hour"
    ),
    "tool_calls": _Table(
        {"hour": TIME, **_merged(TOOL_CALLS), **_ROUND, **_GONE},
        "hour, call",
        "cityHash64(call)",
        month="hour",
        extra=_bloom("call", "run_id", "session_id")
        + ", INDEX times time TYPE minmax GRANULARITY 1",
    ),
    "request_failures": _Table(
        {"hour": TIME, **_merged(REQUEST_FAILURES), **_ROUND, **_GONE},
        "hour, key, kind",
        "cityHash64(key)",
        month="hour",
    ),
    "run_sessions": _Table(
        {"session_id": "String", **_arrays(RUN_SESSIONS), **_ROUND},
        "session_id",
        "cityHash64(session_id)",
        extra=_bloom("run_id"),
    ),
    "runs": _Table({**RUNS, **_ROUND, **_GONE}, "run_id", "cityHash64(run_id)"),
    "loads": _Table(
        {"segment": "String", "loaded": "Int64", "noted": "DateTime DEFAULT now()"},
        "segment",
        "cityHash64(segment)",
        newest="ReplacingMergeTree(loaded)",
        extra="; TTL noted + INTERVAL 90 DAY",
    ),
    "rounds": _Table(
        {"one": "UInt8", "round": "SimpleAggregateFunction(max, UInt64)"},
        "one",
        "0",
        newest="AggregatingMergeTree",
    ),
    "meta": _Table({"name": "String", "value": "String"}, "name", "0", newest="ReplacingMergeTree"),
    "forgotten": _Table(
        {"salt": "String", "fingerprint": "String"},
        "salt, fingerprint",
        "0",
        newest="ReplacingMergeTree",
    ),
}
BY_MONTH = tuple(name for name, table in _TABLES.items() if table.month)
"""Tables of which a month can be dropped."""

_PERSON = "developer"
"""The column that names a person, in every table that has one."""


class Personal(msgspec.Struct, frozen=True, kw_only=True):
    """A table whose rows name persons, in `developer`.

    `packed` says that a row holds an array of them, `when` is the column of its time. `machine`
    and `attributes` say whether it has these as well, which go with the person.
    """

    rows: str
    packed: bool
    when: str
    machine: bool
    attributes: bool


def personal() -> tuple[Personal, ...]:
    """Return every table that names persons, that of the events first."""
    return tuple(
        Personal(
            rows=f"{name}_rows",
            packed=table.columns[_PERSON].startswith("Array("),
            when=table.month or "started_at",
            machine="machine" in table.columns,
            attributes="attributes" in table.columns,
        )
        for name, table in _TABLES.items()
        if _PERSON in table.columns
    )


def register_statements(place: Place) -> list[str]:
    """Return what makes the register of the forgotten, which older stores do not have."""
    return [made for made in statements(place) if " forgotten" in made]


def statements(place: Place) -> list[str]:
    """Return what makes the tables that are not there yet; each runs on every server."""
    made = []
    for name, table in _TABLES.items():
        made.append(_rows_table(place, name, table))
        made += _asked(place, name, _view_of(name, table), _seen_columns(name, table))
        if name == "events":
            listed = ", ".join(f'"{column}"' for column in (*EVENTS, "arrived"))
            view = f"SELECT {listed} FROM events_rows FINAL WHERE NOT gone"
            columns = f"{_seen_columns(name, table)}, arrived {TIME}"
            made += _asked(place, "arrivals", view, columns)
        if name == "requests":
            view = (
                "SELECT key, time, teller.1 AS source, teller.2 AS agent, teller.3 AS pays,"
                " teller.4 AS disagrees FROM requests_rows FINAL"
                " ARRAY JOIN tellers AS teller WHERE NOT gone"
            )
            columns = f"key String, time {TIME}, source String, agent String, pays Bool,"
            columns += " disagrees Bool"
            made += _asked(place, "request_sources", view, columns)
        if place.cluster:
            made.append(
                f"CREATE TABLE IF NOT EXISTS {name}_all AS {name}_rows"
                f" ENGINE = Distributed('{place.cluster}', '{place.database}', '{name}_rows',"
                f" {table.shard})"
            )
    return made


def drop_derived(place: Place) -> list[str]:
    """Return what drops the tables that are made of events, and what lets them be found quickly."""
    sync = " SYNC" if place.replicated else ""
    dropped = [
        f"DROP TABLE IF EXISTS {name}{ending}{sync}"
        for name in DERIVED
        for ending in ("", "_here", "_all", "_rows")
    ]
    known = "tool_call_id_known tool_call_id TYPE bloom_filter(0.01) GRANULARITY 1"
    return [*dropped, f"ALTER TABLE events_rows ADD INDEX IF NOT EXISTS {known}"]


def written(place: Place, name: str) -> str:
    """Return the name of the table that rows of `name` are inserted into."""
    return f"{name}_all" if place.cluster else f"{name}_rows"


def _rows_table(place: Place, name: str, table: _Table) -> str:
    listed = ", ".join(f"{column} {kind}" for column, kind in table.columns.items())
    extra, _, ttl = table.extra.partition(";")
    engine = table.newest if "(" in table.newest else f"{table.newest}()"
    if place.replicated:
        path = f"'/clickhouse/tables/{{shard}}/{place.database}/{name}_rows', '{{replica}}'"
        family, _, version = engine.partition("(")
        engine = f"Replicated{family}({path}{', ' if version != ')' else ''}{version}"
    partition = f" PARTITION BY {_BY_MONTH.format(table.month)}" if table.month else ""
    window = "" if place.replicated else table.settings
    return (
        f"CREATE TABLE IF NOT EXISTS {name}_rows ({listed}{extra}) ENGINE = {engine}{partition}"
        f" ORDER BY ({table.order}){ttl}"
        f" SETTINGS fsync_after_insert = 1, fsync_part_directory = 1{window}"
    )


_ARRAYS = {
    "rollup": ("hour AS time", ROLLUP),
    "source_rollup": ("hour AS time", SOURCE_ROLLUP),
    "run_sessions": ("session_id", RUN_SESSIONS),
}


_HIDDEN = frozenset({"hour", "tellers", "round", "gone", "noted", "arrived"})
"""Columns of the rows that no question knows."""


def _view_of(name: str, table: _Table) -> str:
    if name in _ARRAYS:
        first, packed = _ARRAYS[name]
        asked = ", ".join(f"item_{column} AS {column}" for column in packed)
        joined = ", ".join(f"{column} AS item_{column}" for column in packed)
        return f"SELECT {first}, {asked} FROM {name}_rows FINAL ARRAY JOIN {joined}"
    if name == "rounds":
        return "SELECT max(round) AS round FROM rounds_rows"
    columns = ", ".join(f'"{column}"' for column in table.columns if column not in _HIDDEN)
    where = " WHERE NOT gone" if "gone" in table.columns else ""
    return f"SELECT {columns} FROM {name}_rows FINAL{where}"


def _seen_columns(name: str, table: _Table) -> str:
    if name in _ARRAYS:
        first, columns = _ARRAYS[name]
        named = f"time {TIME}" if first != "session_id" else "session_id String"
        return ", ".join([named, *(f"{column} {kind}" for column, kind in columns.items())])
    if name == "rounds":
        return "round UInt64"
    return ", ".join(
        f'"{column}" {kind.partition(" CODEC")[0]}'
        for column, kind in table.columns.items()
        if column not in _HIDDEN
    )


def _asked(place: Place, name: str, view: str, columns: str) -> list[str]:
    if not place.cluster:
        return [f"CREATE VIEW IF NOT EXISTS {name} AS {view}"]
    return [
        f"CREATE VIEW IF NOT EXISTS {name}_here AS {view}",
        f"CREATE TABLE IF NOT EXISTS {name} ({columns})"
        f" ENGINE = Distributed('{place.cluster}', '{place.database}', '{name}_here')",
    ]
