"""Questions to the events store, and its rows as the values that callers know.

A `Rows` is whatever runs one of the files in `queries` with named parameters: the same
questions and the same values serve every engine.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from pawl.base.errors import BadValue
from pawl.base.times import canonical_time, format_time, parse_time
from pawl.runs.record import Outcome, RunRow
from pawl.store.events.queries import query
from pawl.telemetry.bill import (
    UNKNOWN,
    Amount,
    Bill,
    BillRow,
    Key,
    SourceShare,
    UnpricedModel,
)
from pawl.telemetry.event import Event, Kind, Source
from pawl.telemetry.tool_use import ToolUse
from pawl.telemetry.usage import Usage

Rows = Callable[[str, Mapping[str, object]], list[tuple[Any, ...]]]
"""Runs one statement with named parameters and returns all its rows."""

_KEYS = {Key.DAY: "date_trunc('day', b.time)", Key.HOUR: "date_trunc('hour', b.time)"}

_TOKENS = "input + cache_read + cache_write_5m + cache_write_1h + output"
_SORTS = {
    "started": "started_at",
    "agent": "agent",
    "project": "project",
    "developer": "developer",
    "outcome": "outcome",
    "duration": "epoch_ms(ended_at) - epoch_ms(started_at)",
    "turns": "turns",
    "requests": "requests",
    "tools": "tool_calls",
    "errors": "errors",
    "tokens": _TOKENS,
    "cost": "cost_micros",
}
RUN_SORTS = tuple(_SORTS)
"""What a list of runs can be sorted by. Unknown values come last either way."""


def ask_bill(
    rows: Rows,
    by: tuple[Key, ...],
    *,
    since: str | None,
    until: str | None,
    filters: Mapping[Key, str],
    prices: tuple[str, str],
) -> Bill:
    """Return the bill of requests first seen in `since <= time < until`, rows sorted by keys.

    Of both times the hour counts; minutes are cut off, because the rollup is by the hour.
    """
    where, parameters = _bill_where(since, until, filters)
    keys = ", ".join(_key(key) for key in by) or "'all'"
    width = max(1, len(by))
    positions = ", ".join(str(number + 1) for number in range(width))
    statement = (
        query("bill")
        .replace("{keys}", keys)
        .replace("{positions}", positions)
        .replace("{where}", where)
    )
    listed = []
    for row in rows(statement, parameters):
        amount = Amount(
            requests=int(row[width]),
            usage=_usage(row[width + 1 : width + 8]),
            cost_micros=int(row[width + 8]),
            unpriced_requests=int(row[width + 9]),
        )
        listed.append(BillRow(keys=tuple(map(_key_text, by, row)), amount=amount))
    unpriced = rows(query("unpriced").replace("{where}", where), parameters)
    sources = rows(query("sources").replace("{where}", where), parameters)
    return Bill(
        by=by,
        rows=tuple(sorted(listed, key=lambda row: row.keys)),
        total=sum((row.amount for row in listed), Amount()),
        unpriced=tuple(
            UnpricedModel(model=row[0], requests=int(row[1]), usage=_usage(row[2:9]))
            for row in unpriced
        ),
        sources=tuple(
            SourceShare(
                source=row[0],
                agent=row[1],
                requests=int(row[2]),
                pays=int(row[3]),
                confirms=int(row[4]),
                disagrees=int(row[5]),
            )
            for row in sources
        ),
        prices_version=prices[0],
        prices_as_of=prices[1],
        since=since,
        until=until,
    )


def ask_runs(
    rows: Rows,
    *,
    conditions: Mapping[str, str | None],
    sort: str,
    descending: bool,
    limit: int,
    offset: int,
) -> tuple[list[RunRow], int]:
    """Return one page of runs and the number of all that meet the conditions.

    Conditions are `run_id`, `agent`, `project`, `developer`, `outcome` (`running`, `observed` and
    `unsuccessful` included), `text` and `since`. Raises BadValue for an unknown sort or outcome.
    """
    if sort not in _SORTS:
        raise BadValue(
            f"runs cannot be sorted by {sort!r}.", hint=f"Sort by one of: {', '.join(_SORTS)}."
        )
    where, parameters = _runs_where(conditions)
    direction = "DESC" if descending else "ASC"
    order = f"{_SORTS[sort]} {direction} NULLS LAST, started_at DESC, run_id"
    statement = query("runs").replace("{where}", where).replace("{order}", order)
    found = rows(statement, parameters | {"limit": limit, "offset": offset})
    count = rows(query("runs_count").replace("{where}", where), parameters)
    return [_run(row) for row in found], int(count[0][0])


def ask_outcomes(rows: Rows, since: str | None) -> dict[str, int]:
    """Return how many runs started since a time ended how."""
    where, parameters = _runs_where({"since": since})
    return dict(rows(query("outcomes").replace("{where}", where), parameters))


def ask_choices(rows: Rows) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the agents and the projects that any run has, sorted."""
    agents = rows(query("choices").replace("{keys}", "agent"), {})
    projects = rows(query("choices").replace("{keys}", "project"), {})
    return tuple(row[0] for row in agents), tuple(row[0] for row in projects)


def ask_tools(
    rows: Rows, *, since: str | None, until: str | None, run_id: str | None
) -> list[ToolUse]:
    """Return the tools used, the most called first. A call told twice counts once."""
    conditions, parameters = _times(since, until, "time")
    if run_id is not None:
        conditions.append("run_id = $run_id")
        parameters["run_id"] = run_id
    where = " AND ".join(conditions)
    found = rows(query("tools").replace("{where}", where), parameters)
    return [ToolUse(tool=row[0], calls=row[1], errors=row[2], denied=row[3]) for row in found]


def ask_timeline(rows: Rows, run_id: str, limit: int, offset: int) -> tuple[tuple[Event, ...], int]:
    """Return events of a run or observed session in time order, and the number of all."""
    statement = query("timeline")
    counted = statement.replace("{columns}", "count(*)").replace("{page}", "")
    count = rows(counted, {"run_id": run_id})
    page = "ORDER BY e.time, e.id LIMIT $limit OFFSET $offset"
    paged = statement.replace("{columns}", "e.*").replace("{page}", page)
    found = rows(paged, {"run_id": run_id, "limit": limit, "offset": offset})
    return tuple(events(found)), int(count[0][0])


def ask_requests(rows: Rows, run_id: str, limit: int, offset: int) -> tuple[Event, ...]:
    """Return a run's requests, each once, as its payer told it, in time order."""
    parameters = {"run_id": run_id, "limit": limit, "offset": offset}
    return tuple(events(rows(query("requests"), parameters)))


def events(rows: Iterable[tuple[Any, ...]]) -> list[Event]:
    """Return rows of `events` as values; kinds and sources of a later Pawl are passed over."""
    found = []
    for row in rows:
        values = dict(zip(Event.__struct_fields__, row, strict=True))
        if values["kind"] in _KINDS and values["source"] in _SOURCES:
            values["kind"], values["source"] = Kind(values["kind"]), Source(values["source"])
            values["time"] = time_text(values["time"])
            values["attributes"] = {
                name: value for name, value in (values["attributes"] or {}).items() if value
            }
            found.append(Event(**values))
    return found


def time_text(moment: datetime) -> str:
    """Return the engine's naive UTC timestamp in canonical form."""
    return format_time(moment.replace(tzinfo=UTC))


def moment(text: str) -> datetime:
    """Return a canonical time as the engine's naive UTC timestamp; raises BadValue."""
    return parse_time(text).astimezone(UTC).replace(tzinfo=None)


_KINDS = frozenset(Kind)
_SOURCES = frozenset(Source)


def _key(key: Key) -> str:
    return _KEYS.get(key, f"coalesce(nullif(b.{key.value}, ''), '{UNKNOWN}')")


def _key_text(key: Key, value: Any) -> str:
    if key is Key.DAY:
        return str(value)[:10]
    if key is Key.HOUR:
        return f"{value:%Y-%m-%dT%H}"
    return str(value)


def _times(
    since: str | None, until: str | None, column: str
) -> tuple[list[str], dict[str, object]]:
    conditions, parameters = ["TRUE"], dict[str, object]()
    if since is not None:
        conditions.append(f"{column} >= $since")
        parameters["since"] = moment(since)
    if until is not None:
        conditions.append(f"{column} < $until")
        parameters["until"] = moment(until)
    return conditions, parameters


def _hour(time: str | None) -> str | None:
    return None if time is None else f"{canonical_time(time)[:13]}:00:00.000000Z"


def _bill_where(
    since: str | None, until: str | None, filters: Mapping[Key, str]
) -> tuple[str, dict[str, object]]:
    conditions, parameters = _times(_hour(since), _hour(until), "b.time")
    for key, value in filters.items():
        if key in _KEYS:
            raise BadValue(
                f"a bill cannot be filtered by {key.value}.", hint="Use since and until."
            )
        conditions.append(f"{_key(key)} = $filter_{key.value}")
        parameters[f"filter_{key.value}"] = value
    return " AND ".join(conditions), parameters


_OUTCOME_STATES = {
    "observed": "observed",
    "running": "NOT observed AND ended_at IS NULL",
    "unsuccessful": "NOT observed AND ended_at IS NOT NULL"
    " AND coalesce(outcome, 'unreadable') NOT IN ('succeeded', 'refused')",
}


def _runs_where(asked: Mapping[str, str | None]) -> tuple[str, dict[str, object]]:
    given = {name: value for name, value in asked.items() if value is not None}
    conditions, parameters = _times(given.pop("since", None), None, "started_at")
    outcome = given.pop("outcome", None)
    if outcome in _OUTCOME_STATES:
        conditions.append(_OUTCOME_STATES[outcome])
    elif outcome is not None:
        if outcome not in frozenset(Outcome):
            known = ", ".join([*Outcome, *_OUTCOME_STATES])
            raise BadValue(f"{outcome!r} is no outcome.", hint=f"Use one of: {known}.")
        conditions.append("outcome = $outcome")
        parameters["outcome"] = outcome
    text = given.pop("text", None)
    if text:
        places = ("run_id", "agent", "project", "developer", "branch")
        found = [f"strpos(lower({place}), $text) > 0" for place in places]
        found.append("strpos(lower(array_to_string(models, ' ')), $text) > 0")
        conditions.append(f"({' OR '.join(found)})")
        parameters["text"] = text.lower()
    for name, value in given.items():
        conditions.append(f"{name} = ${name}")
        parameters[name] = value
    return " AND ".join(conditions), parameters


def _usage(counts: Iterable[Any]) -> Usage:
    return Usage(*(int(count or 0) for count in counts))


def _run(row: tuple[Any, ...]) -> RunRow:
    observed, started, ended = row[2], row[3], row[4]
    return RunRow(
        run_id=row[0],
        agent=row[1],
        observed=observed,
        running=not observed and ended is None,
        started_at=time_text(started),
        ended_at=None if ended is None else time_text(ended),
        outcome=row[5],
        stop_limit=row[6],
        project=row[7],
        developer=row[8],
        branch=row[9],
        models=tuple(row[10]),
        turns=row[11],
        requests=row[12],
        tool_calls=row[13],
        errors=row[14],
        usage=_usage(row[15:22]),
        cost_micros=row[22],
        cost_basis=row[23],
    )


def ask_sessions_of(rows: Rows, developer: str) -> list[str]:
    """Return the sessions and runs that any event of a developer is of, sorted."""
    return [name for (name,) in rows(query("sessions_of"), {"developer": developer})]
