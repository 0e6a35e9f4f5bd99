"""An in-memory store for the pages: filters, sorts and pages like the real one."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import date, timedelta

import msgspec

from pawl.runs.record import RunRecord, RunRow
from pawl.runs.spec import Limits
from pawl.services.pages import RunChoices, RunsAnswer, RunSort, RunsQuestion
from pawl.services.timeline import request_key
from pawl.telemetry.bill import Amount, Bill, BillRow, Key, SourceShare, UnpricedModel
from pawl.telemetry.conduct import UNSUCCESSFUL, Conduct
from pawl.telemetry.event import Event
from pawl.telemetry.usage import Usage

NOW = "2026-11-21T12:00:00.000000Z"


class Spent(msgspec.Struct, frozen=True, kw_only=True):
    """One paid request of the fake's bill."""

    day: str
    model: str
    project: str
    developer: str = "ada"
    agent: str = "claude-code"
    usage: Usage = Usage(input=1000, cache_read=5000, output=300)
    micros: int | None = 12_345


class FakeFacts:
    """Facts held in lists that a test fills."""

    def __init__(
        self,
        *,
        rows: Iterable[RunRow] = (),
        spent: Iterable[Spent] = (),
        events: Mapping[str, tuple[Event, ...]] | None = None,
        records: Iterable[RunRecord] = (),
        limits: Mapping[str, Limits] | None = None,
        sources: tuple[SourceShare, ...] = (),
    ) -> None:
        self.rows = list(rows)
        self.spent = list(spent)
        self.told = dict(events or {})
        self.records = {record.run_id: record for record in records}
        self.set_limits = dict(limits or {})
        self.sources = sources
        self.behaved = Conduct()
        self.behaved_since = ""
        self.failure: Exception | None = None

    def bill(
        self,
        by: tuple[Key, ...],
        since: str | None,
        until: str | None,
        project: str | None = None,
    ) -> Bill:
        """Add up what was spent in the period."""
        self._fail()
        groups: dict[tuple[str, ...], Amount] = {}
        unpriced: dict[str, Amount] = {}
        total = Amount()
        for item in self.spent:
            instant = f"{item.day}T00:00:00.000000Z"
            if (since and instant < since) or (until and instant >= until):
                continue
            if project not in (None, item.project):
                continue
            amount = Amount(
                requests=1,
                usage=item.usage,
                cost_micros=item.micros or 0,
                unpriced_requests=int(item.micros is None),
            )
            keys = tuple(str(getattr(item, key.value)) for key in by)
            groups[keys] = groups.get(keys, Amount()) + amount
            total = total + amount
            if item.micros is None:
                unpriced[item.model] = unpriced.get(item.model, Amount()) + amount
        return Bill(
            by=by,
            rows=tuple(BillRow(keys=keys, amount=groups[keys]) for keys in sorted(groups)),
            total=total,
            unpriced=tuple(
                UnpricedModel(model=model, requests=a.requests, usage=a.usage)
                for model, a in sorted(unpriced.items())
            ),
            sources=self.sources,
            prices_version="test",
            prices_as_of="2026-11-01",
            since=since,
            until=until,
        )

    def runs(self, question: RunsQuestion) -> RunsAnswer:
        """Filter, sort and cut the list."""
        self._fail()
        found = [row for row in self.rows if _matches(row, question)]
        found.sort(key=_SORTS[question.sort], reverse=question.descending)
        start = (question.page - 1) * question.per_page
        return RunsAnswer(rows=tuple(found[start : start + question.per_page]), total=len(found))

    def outcomes(self, since: str | None) -> Mapping[str, int]:
        """Count the endings."""
        return Counter(_word(row) for row in self.rows if not since or row.started_at >= since)

    def conduct(self, since: str, until: str) -> Conduct:
        """Return what the test says of the period."""
        return self.behaved if since >= self.behaved_since else Conduct()

    def choices(self) -> RunChoices:
        """List what the rows have."""
        return RunChoices(
            agents=tuple(sorted({row.agent for row in self.rows})),
            projects=tuple(sorted({row.project for row in self.rows if row.project})),
        )

    def run(self, run_id: str) -> RunRow | None:
        """Find one row."""
        self._fail()
        return next((row for row in self.rows if row.run_id == run_id), None)

    def events(self, run_id: str, limit: int) -> tuple[tuple[Event, ...], int]:
        """Return a run's events."""
        told = self.told.get(run_id, ())
        return told[:limit], len(told)

    def record(self, run_id: str) -> RunRecord | None:
        """Return a run's record."""
        return self.records.get(run_id)

    def limits(self, run_id: str) -> Limits | None:
        """Return a run's limits."""
        return self.set_limits.get(run_id)

    def _fail(self) -> None:
        if self.failure is not None:
            raise self.failure


def a_row(run_id: str = "run_1", **fields: object) -> RunRow:
    """Return a run in a list, with what a test does not care about filled in."""
    usage = Usage(input=1200, cache_read=40_000, cache_write_5m=800, output=950)
    row = RunRow(
        run_id=run_id,
        agent="claude-code",
        observed=False,
        running=False,
        started_at="2026-11-21T09:00:00.000000Z",
        ended_at="2026-11-21T09:02:05.000000Z",
        outcome="succeeded",
        stop_limit=None,
        project="checkout",
        developer="ada",
        branch="main",
        models=("claude-opus-5-5",),
        turns=4,
        requests=5,
        tool_calls=6,
        errors=0,
        usage=usage,
        cost_micros=123_456,
        cost_basis="priced",
    )
    return msgspec.structs.replace(row, **fields)


def spending(days: int = 30) -> list[Spent]:
    """Return a month of requests over three models and projects."""
    last = date.fromisoformat(NOW[:10])
    models = ("claude-opus-5-5", "gpt-5.5", "gemini-2.5-pro")
    projects = ("checkout", "search", "billing")
    return [
        Spent(
            day=(last - timedelta(days=n)).isoformat(),
            model=models[(n + k) % 3],
            project=projects[k % 3],
            micros=100_000 * (1 + (n * 7 + k * 3) % 11),
        )
        for n in range(days)
        for k in range(1 + n % 4)
    ]


def distinct_requests(events: Iterable[Event]) -> int:
    """Count the requests that events tell of."""
    return len({request_key(event) for event in events})


def _word(row: RunRow) -> str:
    if row.running:
        return "running"
    return "observed" if row.observed else (row.outcome or "unknown")


def _matches(row: RunRow, question: RunsQuestion) -> bool:
    text = (question.text or "").lower()
    hay = " ".join((row.run_id, row.project or "", row.branch or "", *row.models)).lower()
    return (
        question.agent in (None, row.agent)
        and question.project in (None, row.project)
        and (
            question.outcome in (None, _word(row))
            or (question.outcome == "unsuccessful" and _word(row) in UNSUCCESSFUL)
        )
        and (not question.since or row.started_at >= question.since)
        and text in hay
    )


_SORTS: Mapping[RunSort, Callable[[RunRow], tuple[object, ...]]] = {
    RunSort.STARTED: lambda row: (row.started_at, row.run_id),
    RunSort.AGENT: lambda row: (row.agent, row.run_id),
    RunSort.PROJECT: lambda row: (row.project or "", row.run_id),
    RunSort.OUTCOME: lambda row: (_word(row), row.run_id),
    RunSort.DURATION: lambda row: (row.ended_at or "", row.run_id),
    RunSort.TURNS: lambda row: (row.turns or 0, row.run_id),
    RunSort.REQUESTS: lambda row: (row.requests, row.run_id),
    RunSort.TOOLS: lambda row: (row.tool_calls, row.run_id),
    RunSort.TOKENS: lambda row: (row.usage.total, row.run_id),
    RunSort.COST: lambda row: (row.cost_micros or 0, row.run_id),
    RunSort.ERRORS: lambda row: (row.errors, row.run_id),
}
