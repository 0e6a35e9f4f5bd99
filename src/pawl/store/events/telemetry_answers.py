"""Questions about sessions, tools, models and people, and their rows as values.

Every statement is one of the files in `queries`; what is put into its braces are names of ours
and placeholders, never what a user typed.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from pawl.store.events.answers import events, moment, time_text
from pawl.store.events.queries import query
from pawl.telemetry.activity import (
    ClassUsage,
    Latency,
    ModelActivity,
    OwnDay,
    SessionRow,
    TeamTotal,
    ToolActivity,
    ToolFailure,
)
from pawl.telemetry.event import Event
from pawl.telemetry.task_classes import CHANGE, COMMAND, TaskClasses
from pawl.telemetry.usage import Usage

_SESSION_COLUMNS = """b.session_id, b.run_id, b.sessions, b.agent, b.project, b.branch,
    b.started_at, b.ended_at, b.outcome, b.models, b.requests, b.tool_calls, b.errors, b.input,
    b.cache_read, b.cache_write_5m, b.cache_write_1h, b.output, b.reasoning, b.web_searches,
    b.cost_micros, b.cost_basis"""
_GROUPS = {"": "''", "project": "coalesce(b.project, '')", "agent": "b.agent"}
"""What calls of tools can be told apart by."""


class TelemetryAnswers:
    """What can be asked of sessions, tools, models and people. The engine runs `_rows`.

    Times are canonical, `since` included and `until` excluded. `filters` names a `project` or an
    `agent`, or both.
    """

    def _rows(self, statement: str, parameters: Mapping[str, object]) -> list[tuple[Any, ...]]:
        raise NotImplementedError

    def sessions(
        self,
        *,
        since: str | None = None,
        filters: Mapping[str, str] | None = None,
        session_id: str | None = None,
        failing: bool = False,
        limit: int = 50,
        offset: int = 0,
    ) -> tuple[list[SessionRow], int]:
        """Return one page of sessions, the newest first, and the number of all.

        `failing` asks for those with an error only.
        """
        where, parameters = _where(None, None, filters)
        if since is not None:
            where += " AND b.started_at >= $since"
            parameters["since"] = moment(since)
        if session_id is not None:
            where += " AND b.session_id = $session_id"
            parameters["session_id"] = session_id
        if failing:
            where += " AND b.errors > 0"
        statement = query("sessions").replace("{where}", where)
        counted = statement.replace("{columns}", "count(*)").replace("{page}", "")
        page = "ORDER BY b.started_at DESC, b.session_id, b.run_id LIMIT $limit OFFSET $offset"
        paged = statement.replace("{columns}", _SESSION_COLUMNS).replace("{page}", page)
        found = self._rows(paged, parameters | {"limit": limit, "offset": offset})
        count = self._rows(counted, parameters)
        return [_session(row) for row in found], int(count[0][0])

    def session_events(self, session_id: str, limit: int) -> tuple[tuple[Event, ...], int]:
        """Return the first events of a session in order of time, and the number of all."""
        statement = query("session_events")
        asked: dict[str, object] = {"session_id": session_id}
        counted = statement.replace("{columns}", "count(*)").replace("{page}", "")
        paged = statement.replace("{columns}", "e.*").replace(
            "{page}", "ORDER BY e.time, e.id LIMIT $limit"
        )
        count = self._rows(counted, asked)
        return tuple(events(self._rows(paged, asked | {"limit": limit}))), int(count[0][0])

    def tool_activity(
        self, since: str, until: str, *, by: str, filters: Mapping[str, str], limit: int
    ) -> list[ToolActivity]:
        """Return the tools, the most called first; `by` is empty, `project` or `agent`."""
        where, parameters = _where(since, until, filters)
        statement = query("tool_activity").replace("{group}", _GROUPS[by])
        found = self._rows(statement.replace("{where}", where), parameters | {"limit": limit})
        return [
            ToolActivity(
                tool=row[0],
                group=(row[1] or "(unknown)") if by else None,
                calls=int(row[2]),
                failed=int(row[3]),
                denied=int(row[4]),
                latency=_latency(row[5:8]),
            )
            for row in found
        ]

    def tool_failures(
        self, since: str, until: str, *, tool: str | None, filters: Mapping[str, str], limit: int
    ) -> list[ToolFailure]:
        """Return the newest calls that failed or were refused, of one tool or of all."""
        where, parameters = _where(since, until, filters)
        if tool is not None:
            where += " AND b.tool = $tool"
            parameters["tool"] = tool
        statement = query("tool_failures").replace("{where}", where)
        return [
            ToolFailure(
                time=time_text(row[0]),
                tool=row[1],
                failure=row[2],
                agent=row[3],
                project=row[4],
                session_id=row[5],
                run_id=row[6],
                duration_ms=row[7],
            )
            for row in self._rows(statement, parameters | {"limit": limit})
        ]

    def model_activity(
        self, since: str, until: str, *, filters: Mapping[str, str]
    ) -> list[ModelActivity]:
        """Return the models that were asked, by name.

        Requests are counted by the hour: one that begins before `since` does not count. A failure
        and how long a request took count when the fact was first seen in the period.
        """
        where, parameters = _where(since, until, filters)

        def asked(name: str) -> dict[str, tuple[Any, ...]]:
            rows = self._rows(query(name).replace("{where}", where), parameters)
            return {row[0]: row[1:] for row in rows}

        totals, health = asked("model_totals"), asked("model_health")
        failures, tellers = asked("model_failures"), asked("model_tellers")
        found = []
        for model in sorted(totals.keys() | failures.keys()):
            used = totals.get(model, (0,) * 10)
            errors, refusals = failures.get(model, (0, 0))
            found.append(
                ModelActivity(
                    model=model,
                    requests=int(used[0]),
                    usage=_usage(used[1:8]),
                    cost_micros=int(used[8]),
                    unpriced_requests=int(used[9]),
                    errors=int(errors),
                    refusals=int(refusals),
                    by_telemetry=int(tellers.get(model, (0,))[0]),
                    latency=_latency(health.get(model, (0, None, None))),
                )
            )
        return found

    def class_usage(
        self,
        since: str,
        until: str,
        *,
        classes: TaskClasses,
        sizes: tuple[int, ...],
        filters: Mapping[str, str],
    ) -> list[ClassUsage]:
        """Return what each task class used, by model and by how many of `sizes` a prompt passes."""
        where, parameters = _where(since, until, filters)
        change, named = _placeholders("change", classes.tools(CHANGE))
        command, also = _placeholders("command", classes.tools(COMMAND))
        statement = (
            query("class_usage")
            .replace("{change}", change)
            .replace("{command}", command)
            .replace("{tier}", _tier(sizes))
            .replace("{where}", where)
        )
        return [
            ClassUsage(
                task_class=row[0],
                model=row[1],
                tier=int(row[2]),
                requests=int(row[3]),
                usage=_usage(row[4:11]),
                cost_micros=int(row[11]),
                unpriced_requests=int(row[12]),
            )
            for row in self._rows(statement, parameters | named | also)
        ]

    def person_days(self, names: Iterable[str], since: str, until: str) -> list[OwnDay]:
        """Return what one person used by day, project and model; `names` are all of theirs."""
        where, parameters = _where(since, until, None)
        listed, named = _placeholders("name", _lowered(names))
        if not named:
            return []
        statement = query("person_days").replace("{names}", listed).replace("{where}", where)
        return [
            OwnDay(
                day=str(row[0])[:10],
                project=row[1],
                model=row[2],
                requests=int(row[3]),
                usage=_usage(row[4:11]),
                cost_micros=int(row[11]),
                unpriced_requests=int(row[12]),
            )
            for row in self._rows(statement, parameters | named)
        ]

    def team_total(self, persons: Mapping[str, str], since: str, until: str) -> TeamTotal:
        """Return what a team used; `persons` maps each name of its members to the person."""
        where, parameters = _where(since, until, None)
        owners = {name.casefold(): person for name, person in persons.items()}
        listed, named = _placeholders("name", tuple(owners))
        if not named:
            return TeamTotal(
                people=0, requests=0, usage=Usage(), cost_micros=0, unpriced_requests=0
            )
        whom, owned = _placeholders("person", tuple(owners.values()))
        person = " ".join(
            f"WHEN lower(b.developer) = {name} THEN {owner}"
            for name, owner in zip(listed.split(", "), whom.split(", "), strict=True)
        )
        statement = (
            query("team_total")
            .replace("{names}", listed)
            .replace("{person}", person)
            .replace("{where}", where)
        )
        (row,) = self._rows(statement, parameters | named | owned)
        return TeamTotal(
            people=int(row[0]),
            requests=int(row[1] or 0),
            usage=_usage(row[2:9]),
            cost_micros=int(row[9] or 0),
            unpriced_requests=int(row[10] or 0),
        )


def _where(
    since: str | None, until: str | None, filters: Mapping[str, str] | None
) -> tuple[str, dict[str, object]]:
    conditions, parameters = ["TRUE"], dict[str, object]()
    if since is not None:
        conditions.append("b.time >= $since")
        parameters["since"] = moment(since)
    if until is not None:
        conditions.append("b.time < $until")
        parameters["until"] = moment(until)
    for name, value in (filters or {}).items():
        if name not in ("project", "agent"):
            raise KeyError(name)
        conditions.append(f"b.{name} = ${name}")
        parameters[name] = value
    return " AND ".join(conditions), parameters


def _placeholders(prefix: str, values: Iterable[str]) -> tuple[str, dict[str, object]]:
    named: dict[str, object] = {f"{prefix}_{n}": value for n, value in enumerate(values)}
    return ", ".join(f"${name}" for name in named), named


def _lowered(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name.strip().lower() for name in names if name.strip()))


def _tier(sizes: tuple[int, ...]) -> str:
    """Return the expression that counts the sizes a prompt is larger than."""
    prompt = "(b.input + b.cache_read + b.cache_write_5m + b.cache_write_1h)"
    return (
        " + ".join(f"CASE WHEN {prompt} > {int(size)} THEN 1 ELSE 0 END" for size in sizes) or "0"
    )


def _latency(row: Iterable[Any]) -> Latency:
    measured, p50, p95 = row
    if not measured:
        return Latency()
    return Latency(measured=int(measured), p50_ms=float(p50), p95_ms=float(p95))


def _usage(counts: Iterable[Any]) -> Usage:
    return Usage(*(int(count or 0) for count in counts))


def _session(row: tuple[Any, ...]) -> SessionRow:
    return SessionRow(
        session_id=row[0],
        run_id=row[1],
        run_sessions=int(row[2]),
        agent=row[3],
        project=row[4],
        branch=row[5],
        started_at=time_text(row[6]),
        ended_at=None if row[7] is None else time_text(row[7]),
        outcome=row[8],
        models=tuple(row[9]),
        requests=int(row[10]),
        tool_calls=int(row[11]),
        errors=int(row[12]),
        usage=_usage(row[13:20]),
        cost_micros=row[20],
        cost_basis=row[21],
    )
