"""The facts that pages show, from the two stores."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from pawl.services.pages import RunChoices, RunsAnswer, RunsQuestion
from pawl.telemetry.bill import Key
from pawl.telemetry.conduct import RUNS_LEAST

if TYPE_CHECKING:
    from pawl.runs.record import RunRecord, RunRow
    from pawl.runs.spec import Limits
    from pawl.store.events.store import EventsStore
    from pawl.store.records.runs import RunRecords, RunState
    from pawl.telemetry.bill import Bill
    from pawl.telemetry.conduct import Conduct
    from pawl.telemetry.event import Event


class StoreFacts:
    """Answers `pawl.services.pages.Facts`. `prices` is the version and date of the price table."""

    def __init__(self, events: EventsStore, records: RunRecords, prices: tuple[str, str]) -> None:
        self._events = events
        self._records = records
        self._prices = prices

    def bill(
        self,
        by: tuple[Key, ...],
        since: str | None,
        until: str | None,
        project: str | None = None,
    ) -> Bill:
        filters = {} if project is None else {Key.PROJECT: project}
        return self._events.bill(by, since=since, until=until, filters=filters, prices=self._prices)

    def runs(self, question: RunsQuestion) -> RunsAnswer:
        rows, total = self._events.runs(
            agent=question.agent,
            project=question.project,
            outcome=question.outcome,
            text=question.text,
            since=question.since,
            sort=question.sort.value,
            descending=question.descending,
            limit=question.per_page,
            offset=(question.page - 1) * question.per_page,
        )
        return RunsAnswer(rows=tuple(rows), total=total)

    def outcomes(self, since: str | None) -> Mapping[str, int]:
        return self._events.outcomes(since)

    def conduct(self, since: str, until: str) -> Conduct:
        return self._events.conduct(since, until, RUNS_LEAST)

    def choices(self) -> RunChoices:
        agents, projects = self._events.choices()
        return RunChoices(agents=agents, projects=projects)

    def run(self, run_id: str) -> RunRow | None:
        return self._events.run(run_id)

    def events(self, run_id: str, limit: int) -> tuple[tuple[Event, ...], int]:
        return self._events.timeline(run_id, limit=limit)

    def record(self, run_id: str) -> RunRecord | None:
        state = self._state(run_id)
        return state.record if state else None

    def limits(self, run_id: str) -> Limits | None:
        state = self._state(run_id)
        return state.limits if state else None

    def _state(self, run_id: str) -> RunState | None:
        return self._records.get(run_id)
