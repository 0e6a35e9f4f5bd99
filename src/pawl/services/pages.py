"""What the pages and the JSON interface show: questions in, view models out.

The facts come through small protocols, so the same pages run on any store. Nothing here formats
text; templates and renderers do.
"""

from collections.abc import Callable, Mapping
from datetime import timedelta
from enum import StrEnum
from typing import Protocol

import msgspec

from pawl.base.times import format_time, parse_time
from pawl.runs.record import RunRecord, RunRow
from pawl.runs.spec import Limits
from pawl.services.cost_view import CostView, cost_view, sum_by
from pawl.services.five_questions import Answer, Period, five_answers
from pawl.services.run_view import RunView, limit_uses, run_place
from pawl.services.timeline import timeline
from pawl.telemetry.bill import Amount, Bill, BillRow, Key, UnpricedModel
from pawl.telemetry.conduct import Conduct
from pawl.telemetry.event import Event

TIMELINE_EVENTS = 5000
"""How many events of one run a page shows; it says so when there are more."""

LATEST = 200
"""How many of the latest runs the overview looks through for those worth a look."""
WORTH_A_LOOK = ("stopped", "agent_failed", "unreadable", "interrupted")


class RunSort(StrEnum):
    """The columns a list of runs can be sorted by."""

    STARTED = "started"
    AGENT = "agent"
    PROJECT = "project"
    OUTCOME = "outcome"
    DURATION = "duration"
    TURNS = "turns"
    REQUESTS = "requests"
    TOOLS = "tools"
    TOKENS = "tokens"
    COST = "cost"
    ERRORS = "errors"


class RunsQuestion(msgspec.Struct, frozen=True, kw_only=True):
    """Which runs, in what order, which page of them. None asks for all.

    `outcome` is one of `pawl.runs.record.Outcome`, or `running`, `observed` (sessions that Pawl
    did not supervise) or `unsuccessful` (started, ended, and not well). `text` is looked for in
    id, project, branch, model and developer.
    """

    agent: str | None = None
    project: str | None = None
    outcome: str | None = None
    text: str | None = None
    since: str | None = None
    sort: RunSort = RunSort.STARTED
    descending: bool = True
    page: int = 1
    per_page: int = 50


class RunsAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """One page of runs, and how many there are on all pages."""

    rows: tuple[RunRow, ...]
    total: int


class RunChoices(msgspec.Struct, frozen=True, kw_only=True):
    """What the filters of the list of runs offer."""

    agents: tuple[str, ...] = ()
    projects: tuple[str, ...] = ()


class ImportProgress(msgspec.Struct, frozen=True, kw_only=True):
    """How far the import of this machine's transcripts is. `state`: idle, running, done, failed."""

    state: str = "idle"
    bytes_done: int = 0
    bytes_total: int = 0
    message: str = ""


class Facts(Protocol):
    """The questions that pages ask of the stores. Times are canonical instants."""

    def bill(
        self,
        by: tuple[Key, ...],
        since: str | None,
        until: str | None,
        project: str | None = None,
    ) -> Bill:
        """Return who spent what, grouped by the keys; `until` is exclusive."""

    def runs(self, question: RunsQuestion) -> RunsAnswer:
        """Return one page of runs."""

    def outcomes(self, since: str | None) -> Mapping[str, int]:
        """Return how many runs ended how: outcome, `running` or `observed` → count."""

    def conduct(self, since: str, until: str) -> Conduct:
        """Return how the supervised runs that began in a period behaved; `until` is exclusive."""

    def choices(self) -> RunChoices:
        """Return the agents and projects that any run has."""

    def run(self, run_id: str) -> RunRow | None:
        """Return one run, or None when no source told of it."""

    def events(self, run_id: str, limit: int) -> tuple[tuple[Event, ...], int]:
        """Return the first `limit` events of a run in order of time, and the number of all."""

    def record(self, run_id: str) -> RunRecord | None:
        """Return what was kept of a supervised run that has ended."""

    def limits(self, run_id: str) -> Limits | None:
        """Return the ceilings a supervised run was started with."""


class Outcomes(msgspec.Struct, frozen=True, kw_only=True):
    """How the supervised runs of a period ended."""

    counts: Mapping[str, int]
    ended: int
    succeeded: int


class OverviewView(msgspec.Struct, frozen=True, kw_only=True):
    """The first page. `previous` is the same number of days before; None when nothing was seen."""

    days: int
    since: str
    answers: tuple[Answer, ...]
    conduct: Conduct
    bill: Bill
    total: Amount
    previous: Amount | None
    today: Amount
    daily: CostView
    projects: tuple[BillRow, ...]
    models: tuple[BillRow, ...]
    outcomes: Outcomes
    running: tuple[RunRow, ...]
    recent: tuple[RunRow, ...]
    attention: tuple[RunRow, ...]
    unpriced: tuple[UnpricedModel, ...]
    disagreements: int
    anything: bool
    """False on a machine of which nothing is known yet, in this period or any other."""


class RunsView(msgspec.Struct, frozen=True, kw_only=True):
    """The list of runs with what was asked."""

    question: RunsQuestion
    answer: RunsAnswer
    choices: RunChoices
    pages: int


class Pages:
    """The use cases behind the pages; `now` is the clock."""

    def __init__(self, facts: Facts, now: Callable[[], str]) -> None:
        self._facts = facts
        self._now = now

    def overview(self, days: int) -> OverviewView:
        """Return the first page for the last `days` days, today included."""
        today = self._now()[:10]
        since = _shift(today, 1 - days)
        bill = self._facts.bill((Key.DAY, Key.PROJECT, Key.MODEL), since, None)
        earlier = _shift(today, 1 - 2 * days)
        before = self._facts.bill((Key.DAY,), earlier, since).total
        conduct = self._facts.conduct(since, _shift(today, 1))
        answers = five_answers(
            Period(conduct=conduct, spent=bill.total),
            Period(conduct=self._facts.conduct(earlier, since), spent=before),
            since[:10],
        )
        daily = cost_view(
            bill,
            key=Key.MODEL,
            columns=(Key.DAY, Key.PROJECT, Key.MODEL),
            first=since[:10],
            last=today,
        )
        latest = self._runs(since=since, per_page=LATEST)
        attention = [row for row in latest if row.outcome in WORTH_A_LOOK]
        return OverviewView(
            days=days,
            since=since,
            answers=answers,
            conduct=conduct,
            bill=bill,
            total=bill.total,
            previous=before if before.requests else None,
            today=sum_by(bill.rows, 0).get(today, Amount()),
            daily=daily,
            projects=_top(bill.rows, 1, 6),
            models=_top(bill.rows, 2, 6),
            outcomes=_outcomes(self._facts.outcomes(since)),
            running=self._runs(outcome="running", per_page=5),
            recent=latest[:8],
            attention=tuple(attention[:5]),
            unpriced=bill.unpriced,
            disagreements=sum(share.disagrees for share in bill.sources),
            anything=bool(latest or bill.total.requests or self._runs(per_page=1)),
        )

    def runs(self, question: RunsQuestion) -> RunsView:
        """Return one page of the list; a page past the end is the last page."""
        answer = self._facts.runs(question)
        pages = max(1, -(-answer.total // question.per_page))
        if question.page > pages:
            question = msgspec.structs.replace(question, page=pages)
            answer = self._facts.runs(question)
        return RunsView(
            question=question, answer=answer, choices=self._facts.choices(), pages=pages
        )

    def run(self, run_id: str) -> RunView | None:
        """Return one run, or None when no source told of it."""
        row = self._facts.run(run_id)
        if row is None:
            return None
        events, count = self._facts.events(run_id, TIMELINE_EVENTS)
        record = self._facts.record(run_id) if not row.observed else None
        limits = self._facts.limits(run_id) if not row.observed else None
        told = timeline(events, row.started_at)
        return RunView(
            row=row,
            record=record,
            limits=limit_uses(limits, row, record, told, self._now()) if limits else (),
            limits_known=limits is not None,
            timeline=told,
            place=run_place(record, events),
            shown_events=len(events),
            all_events=count,
        )

    def cost(self, by: Key, first: str, last: str) -> CostView:
        """Return the bill of whole UTC days, `first` to `last` inclusive (ISO days)."""
        columns = (Key.DAY,) if by is Key.DAY else (Key.DAY, by)
        bill = self._facts.bill(columns, _shift(first, 0), _shift(last, 1))
        return cost_view(bill, key=by, columns=columns, first=first, last=last)

    def bill(
        self,
        by: tuple[Key, ...],
        since: str | None,
        until: str | None,
        project: str | None = None,
    ) -> Bill:
        """Return the bill as the command line prints it."""
        return self._facts.bill(by, since, until, project)

    def events(self, run_id: str, limit: int) -> tuple[tuple[Event, ...], int]:
        """Return the first events of a run in order of time, and the number of all."""
        return self._facts.events(run_id, limit)

    @property
    def today(self) -> str:
        """The UTC day it is."""
        return self._now()[:10]

    @property
    def now(self) -> str:
        """The canonical instant it is."""
        return self._now()

    def _runs(
        self, *, outcome: str | None = None, since: str | None = None, per_page: int
    ) -> tuple[RunRow, ...]:
        question = RunsQuestion(outcome=outcome, since=since, per_page=per_page)
        return self._facts.runs(question).rows


def _outcomes(counts: Mapping[str, int]) -> Outcomes:
    ended = {k: n for k, n in counts.items() if k not in ("running", "observed")}
    return Outcomes(counts=counts, ended=sum(ended.values()), succeeded=ended.get("succeeded", 0))


def _top(rows: tuple[BillRow, ...], position: int, count: int) -> tuple[BillRow, ...]:
    sums = sum_by(rows, position)
    ordered = sorted(sums.items(), key=lambda pair: (-pair[1].cost_micros, -pair[1].usage.total))
    return tuple(BillRow(keys=(key,), amount=amount) for key, amount in ordered[:count])


def _shift(day: str, days: int) -> str:
    """Return the first instant of the day that is `days` after an ISO day."""
    return format_time(parse_time(day[:10]) + timedelta(days=days))
