"""The questions that an events store answers, whatever engine runs them."""

from collections.abc import Iterator, Mapping
from typing import Any

from pawl.changes.stage_metrics import Side
from pawl.runs.record import RunRow
from pawl.store.events import answers, news
from pawl.store.events.history import walk_history
from pawl.store.events.objective_days import ObjectiveDay, ask_objective
from pawl.store.events.overview_answers import OverviewQuestions
from pawl.store.events.practice import Worked, WorkPlace, ask_days, ask_practice
from pawl.store.events.spent import ask_spend
from pawl.store.events.stage_sides import ask_sides
from pawl.store.events.telemetry_answers import TelemetryAnswers
from pawl.store.events.totals import MonthTotals, ask_totals
from pawl.telemetry.bill import Bill, Key
from pawl.telemetry.event import Event
from pawl.telemetry.spent import Observed
from pawl.telemetry.tool_use import ToolUse


class Questions(OverviewQuestions, TelemetryAnswers):
    """What can be asked of the store. The engine runs the statements in `_rows`."""

    def _rows(self, statement: str, parameters: Mapping[str, object]) -> list[tuple[Any, ...]]:
        raise NotImplementedError

    def bill(
        self,
        by: tuple[Key, ...],
        *,
        since: str | None = None,
        until: str | None = None,
        filters: Mapping[Key, str] | None = None,
        prices: tuple[str, str] = ("", ""),
    ) -> Bill:
        """Return the bill of requests first seen in `since <= time < until` (canonical times).

        Of both times the hour counts; minutes are cut off, because the rollup is by the hour.
        `prices` is the version and date of the price table, which the bill states.
        """
        return answers.ask_bill(
            self._rows, by, since=since, until=until, filters=filters or {}, prices=prices
        )

    def runs(
        self,
        *,
        agent: str | None = None,
        project: str | None = None,
        developer: str | None = None,
        outcome: str | None = None,
        text: str | None = None,
        since: str | None = None,
        sort: str = "started",
        descending: bool = True,
        limit: int = 50,
        offset: int = 0,
    ) -> tuple[list[RunRow], int]:
        """Return one page of runs and observed sessions, and how many there are in all.

        `outcome` is one of the outcomes, `running` or `observed`. `text` is looked for, in any
        case, in id, agent, project, developer, branch and models. `sort` is one of
        `answers.RUN_SORTS`. Raises BadValue for an unknown sort or outcome.
        """
        conditions = {
            "agent": agent,
            "project": project,
            "developer": developer,
            "outcome": outcome,
            "text": text,
            "since": since,
        }
        return answers.ask_runs(
            self._rows,
            conditions=conditions,
            sort=sort,
            descending=descending,
            limit=limit,
            offset=offset,
        )

    def run(self, run_id: str) -> RunRow | None:
        """Return one run or observed session, or None."""
        found, _ = answers.ask_runs(
            self._rows,
            conditions={"run_id": run_id},
            sort="started",
            descending=True,
            limit=1,
            offset=0,
        )
        return found[0] if found else None

    def outcomes(self, since: str | None = None) -> dict[str, int]:
        """Return how many runs started since a time ended how: outcome, `running`, `observed`."""
        return answers.ask_outcomes(self._rows, since)

    def choices(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Return the agents and the projects that any run has."""
        return answers.ask_choices(self._rows)

    def timeline(
        self, run_id: str, *, limit: int = 5000, offset: int = 0
    ) -> tuple[tuple[Event, ...], int]:
        """Return events of a run or observed session in time order, and the number of all.

        To a run belong its own events and those of the sessions it carried while it was the
        newest run to carry them.
        """
        return answers.ask_timeline(self._rows, run_id, limit, offset)

    def requests(self, run_id: str, *, limit: int = 5000, offset: int = 0) -> tuple[Event, ...]:
        """Return a run's requests, each once, as its payer told it, in time order."""
        return answers.ask_requests(self._rows, run_id, limit, offset)

    def tools(
        self, *, since: str | None = None, until: str | None = None, run_id: str | None = None
    ) -> list[ToolUse]:
        """Return the tools used, the most called first. A call told twice counts once."""
        return answers.ask_tools(self._rows, since=since, until=until, run_id=run_id)

    def history(self, since: str, until: str) -> Iterator[Event]:
        """Yield all events of `since <= time < until` in the order of time and id."""
        return walk_history(self._rows, since, until)

    def practice(self, since: str, until: str, whose: WorkPlace) -> Worked:
        """Return counts of agents at work in `since <= time < until`, of one project or of all."""
        return ask_practice(self._rows, since, until, whose)

    def objective_days(
        self,
        indicator: str,
        since: str,
        until: str,
        *,
        project: str | None = None,
        threshold_ms: float | None = None,
    ) -> tuple[ObjectiveDay, ...]:
        """Return the good and bad of each day of `since <= time < until`; raises BadValue."""
        return ask_objective(
            self._rows, indicator, since, until, project=project, threshold_ms=threshold_ms
        )

    def stage_sides(
        self, change: str, digest: str, window: tuple[str, str], base: tuple[str, str]
    ) -> tuple[Side, Side]:
        """Return what was told of a change within a window, and of all else in the base's."""
        return ask_sides(self._rows, change, digest, window, base)

    def sessions_of(self, developer: str) -> list[str]:
        """Return the sessions and runs that any event of a developer is of, sorted."""
        return answers.ask_sessions_of(self._rows, developer)

    def active_days(self, since: str, until: str, project: str | None) -> tuple[str, ...]:
        """Return the UTC days on which any event arrived of a project, or of all."""
        return ask_days(self._rows, since, until, WorkPlace(project=project))

    def spend(self, since: str) -> tuple[Observed, ...]:
        """Return what each day, owner, model and run spent since a canonical time."""
        return ask_spend(self._rows, since)

    def totals(self) -> tuple[MonthTotals, ...]:
        """Return what the store holds, month by month."""
        return ask_totals(self._rows)

    def newest_mark(self) -> news.Mark:
        """Return the mark of the event loaded last."""
        return news.newest(self._rows)

    def events_after(
        self, mark: news.Mark, *, limit: int = 5000
    ) -> tuple[tuple[Event, ...], news.Mark] | None:
        """Return the first events loaded after a mark, and the mark of the last of them.

        None when the mark no longer stands, because events before it were deleted.
        """
        return news.after(self._rows, mark, limit)

    def events_from(
        self, since: str, until: str, *, most: int, page: int = 20_000
    ) -> Iterator[tuple[Event, ...]]:
        """Yield pages of the newest `most` events of `since <= time < until`, oldest first."""
        return news.between(self._rows, since, until, most, page)

    def run_of(self, kind: str, identity: str) -> str | None:
        """Return the run or session that an `event`, `request` or `session` is part of."""
        return news.run_of(self._rows, kind, identity)
