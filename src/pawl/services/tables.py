"""The tables of the pages as rows of plain values, for spreadsheets and programs.

Columns say their units: `_ms`, `_s`, `_usd`, `_tokens`, `_share` (0 to 1); times are UTC.
"""

from collections.abc import Callable, Iterable, Iterator

import msgspec

from pawl.base.table import Cell, Table, usd
from pawl.runs.record import RunRow
from pawl.services.activity_view import (
    AdviceView,
    DevelopersView,
    ModelsView,
    SessionView,
    ToolsView,
)
from pawl.services.cost_view import CostView
from pawl.services.pages import Pages, RunsQuestion
from pawl.services.run_view import RunView
from pawl.telemetry.activity import Latency, SessionRow
from pawl.telemetry.bill import Amount, Bill
from pawl.telemetry.usage import Usage

PART = 1000
"""Rows asked of the store at a time."""

TOKENS = (
    "input_tokens",
    "cache_read_tokens",
    "cache_write_5m_tokens",
    "cache_write_1h_tokens",
    "output_tokens",
)
AMOUNT = ("requests", *TOKENS, "cost_usd", "unpriced_requests")
LATENCY = ("durations_measured", "duration_p50_ms", "duration_p95_ms")


def runs_table(pages: Pages, question: RunsQuestion) -> Table:
    """Return every run that meets the question's conditions, in its order."""
    return Table(
        "runs",
        ("run_id", "supervised", "running", "outcome", "stop_limit", "agent", "project", "branch",
         "developer", "models", "started_at", "ended_at", "turns", "requests", "tool_calls",
         "errors", *TOKENS, "cost_usd", "cost_basis"),
        _all_runs(pages, question),
    )  # fmt: skip


def _all_runs(pages: Pages, question: RunsQuestion) -> Iterator[tuple[Cell, ...]]:
    """Yield the rows part by part; one that moved to a later part meanwhile is there once."""
    seen: set[str] = set()
    number = 0
    while True:
        number += 1
        view = pages.runs(msgspec.structs.replace(question, page=number, per_page=PART))
        if view.question.page != number:
            return
        for row in view.answer.rows:
            if row.run_id not in seen:
                seen.add(row.run_id)
                yield _run(row)
        if number >= view.pages:
            return


def _run(row: RunRow) -> tuple[Cell, ...]:
    return (
        row.run_id, not row.observed, row.running, row.outcome, row.stop_limit, row.agent,
        row.project, row.branch, row.developer, " ".join(row.models), row.started_at,
        row.ended_at, row.turns, row.requests, row.tool_calls, row.errors, *_tokens(row.usage),
        usd(row.cost_micros), row.cost_basis,
    )  # fmt: skip


def steps_table(view: RunView) -> Table:
    """Return what a run did: a row for each request, and for each step after it."""
    rows: list[tuple[Cell, ...]] = []
    for turn in view.timeline.turns:
        if turn.number:
            usage = turn.usage or Usage()
            known = _tokens(usage) if turn.usage else (None,) * len(TOKENS)
            rows.append((turn.number, "request", turn.model, turn.time, turn.offset_s, None, None,
                         turn.inside, *known, usd(turn.cost_micros)))  # fmt: skip
        for step in turn.steps:
            nothing: tuple[Cell, ...] = (None,) * (len(TOKENS) + 1)
            rows.append((turn.number, step.kind, step.title, step.time, step.offset_s,
                         step.duration_ms, step.outcome, step.inside, *nothing))  # fmt: skip
    return Table(
        "run-steps",
        ("turn", "kind", "what", "time", "offset_s", "duration_ms", "outcome", "subagent",
         *TOKENS, "cost_usd"),
        rows,
    )  # fmt: skip


def cost_table(view: CostView) -> Table:
    """Return the bill by its key."""
    rows = (row.keys + _amount(row.amount) for row in view.rows)
    return Table("cost", (view.key.value, *AMOUNT), rows)


def cost_days_table(view: CostView) -> Table:
    """Return the bill by day and the drawn groups; unknown where nothing was seen."""
    rows: list[tuple[Cell, ...]] = []
    for day in view.days:
        for name, sum_ in zip(view.series, day.amounts, strict=True):
            if sum_ is not None:
                rows.append((day.day, name, *_amount(sum_)))
    return Table("cost-days", ("day", view.key.value if view.series != ("all",) else "group",
                               *AMOUNT), rows)  # fmt: skip


def sources_table(bill: Bill) -> Table:
    """Return who told of the requests of a bill."""
    return Table(
        "cost-sources",
        ("source", "agent", "requests", "pays_requests", "confirms_requests",
         "disagrees_requests"),
        [(s.source, s.agent, s.requests, s.pays, s.confirms, s.disagrees) for s in bill.sources],
    )  # fmt: skip


def unpriced_table(bill: Bill) -> Table:
    """Return the models of a bill that have no price."""
    rows = [(each.model, each.requests, *_tokens(each.usage)) for each in bill.unpriced]
    return Table("cost-unpriced", ("model", "requests", *TOKENS), rows)


SessionPart = Callable[[int], tuple[Iterable[SessionRow], int]]
"""A page number from 1 → its rows, and the number of pages."""


def sessions_table(part: SessionPart) -> Table:
    """Return every session of a list."""
    return Table(
        "sessions",
        ("session_id", "run_id", "sessions_in_run", "agent", "project", "branch", "outcome",
         "models", "started_at", "ended_at", "requests", "tool_calls", "errors", *TOKENS,
         "cost_usd", "cost_basis"),
        _all_sessions(part),
    )  # fmt: skip


def _all_sessions(part: SessionPart) -> Iterator[tuple[Cell, ...]]:
    seen: set[tuple[str, str | None]] = set()
    number, pages = 0, 1
    while number < pages:
        number += 1
        rows, pages = part(number)
        for row in rows:
            if (row.session_id, row.run_id) in seen:
                continue
            seen.add((row.session_id, row.run_id))
            yield (
                row.session_id, row.run_id, row.run_sessions, row.agent, row.project, row.branch,
                row.outcome, " ".join(row.models), row.started_at, row.ended_at, row.requests,
                row.tool_calls, row.errors, *_tokens(row.usage), usd(row.cost_micros),
                row.cost_basis,
            )  # fmt: skip


def session_table(view: SessionView) -> Table:
    """Return the bars of a session's waterfall."""
    return Table(
        "session",
        ("kind", "what", "detail", "depth", "time", "start_s", "duration_ms",
         "duration_inferred", "failed", "model", "tokens", "cost_usd", "trace_id", "span_id"),
        [
            (bar.kind, bar.title, bar.detail, bar.depth, bar.time, bar.start_s, bar.duration_ms,
             bar.inferred, bar.failed, bar.model, bar.tokens, usd(bar.cost_micros),
             bar.trace_id or None, bar.span_id or None)
            for bar in view.waterfall.bars
        ],
    )  # fmt: skip


def tools_table(view: ToolsView) -> Table:
    """Return the tools of a period."""
    group = (view.by,) if view.by else ()
    rows = [
        (row.tool, *((row.group,) if view.by else ()), row.calls, row.failed, row.denied,
         row.failed_share, *_latency(row.latency))
        for row in view.rows
    ]  # fmt: skip
    columns = ("tool", *group, "calls", "failed_calls", "denied_calls", "failed_share", *LATENCY)
    return Table("tools", columns, rows)


def failures_table(view: ToolsView) -> Table:
    """Return the newest calls that went wrong."""
    return Table(
        "tool-failures",
        ("time", "tool", "failure", "agent", "project", "session_id", "run_id", "duration_ms"),
        [msgspec.structs.astuple(row) for row in view.failures],
    )


def models_table(view: ModelsView) -> Table:
    """Return the models of a period."""
    rows = [
        (row.model, row.requests, *_tokens(row.usage), usd(row.cost_micros),
         row.unpriced_requests, row.cache_share, row.errors, row.error_share, row.refusals,
         row.refusal_share, *_latency(row.latency))
        for row in view.rows
    ]  # fmt: skip
    columns = ("model", *AMOUNT, "cache_share", "errors", "error_share", "refusals",
               "refusal_share", *LATENCY)  # fmt: skip
    return Table("models", columns, rows)


def classes_table(view: AdviceView) -> Table:
    """Return what each task class used."""
    rows = [
        (each.id, advice.requests, *_tokens(advice.usage), usd(advice.paid_micros),
         advice.unpriced_requests, usd(advice.day_micros), advice.left_out, " ".join(advice.models))
        for each, advice in view.advice
    ]  # fmt: skip
    columns = ("task_class", *AMOUNT, "cost_at_day_prices_usd", "requests_left_out", "models")
    return Table("task-classes", columns, rows)


def advice_table(view: AdviceView) -> Table:
    """Return the price of each class's tokens on each model."""
    rows = [
        (each.id, other.model, other.used, usd(other.cost_micros), usd(other.difference_micros),
         view.day)
        for each, advice in view.advice
        for other in advice.alternatives
        if view.chosen in (None, each.id)
    ]  # fmt: skip
    columns = ("task_class", "model", "used", "cost_usd", "difference_usd", "prices_of_day")
    return Table("model-advice", columns, rows)


def own_table(view: DevelopersView) -> Table:
    """Return the viewer's own use; no rows where nobody is declared."""
    days = view.own.days if view.own else ()
    rows = [
        (day.day, day.project, day.model, day.requests, *_tokens(day.usage), usd(day.cost_micros),
         day.unpriced_requests)
        for day in days
    ]  # fmt: skip
    return Table("own-use", ("day", "project", "model", *AMOUNT), rows)


def teams_table(view: DevelopersView) -> Table:
    """Return the teams that agreed to be shown, unknown where too few were at work."""
    rows: list[tuple[Cell, ...]] = []
    for team in view.teams:
        total = team.total
        counts: tuple[Cell, ...] = (None,) * (len(AMOUNT) + 1)
        if total is not None:
            counts = (total.people, total.requests, *_tokens(total.usage), usd(total.cost_micros),
                      total.unpriced_requests)  # fmt: skip
        rows.append((team.name, team.members, *counts))
    return Table("teams", ("team", "members", "people_at_work", *AMOUNT), rows)


def _tokens(usage: Usage) -> tuple[Cell, ...]:
    return (
        usage.input, usage.cache_read, usage.cache_write_5m, usage.cache_write_1h, usage.output,
    )  # fmt: skip


def _amount(amount: Amount) -> tuple[Cell, ...]:
    return (
        amount.requests, *_tokens(amount.usage), usd(amount.cost_micros), amount.unpriced_requests,
    )  # fmt: skip


def _latency(latency: Latency) -> tuple[Cell, ...]:
    return (latency.measured, latency.p50_ms, latency.p95_ms)
