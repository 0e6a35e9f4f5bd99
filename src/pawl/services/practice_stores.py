"""Pawl's stores on one machine, as far as they were begun, to ask what agents did."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from pawl.base.errors import PawlError
from pawl.services.machine import Prices
from pawl.services.practice import Alerted, Chain, Runs, Worker
from pawl.services.spooled import SPOOL

if TYPE_CHECKING:
    from pawl.alerts.objectives import Objective
    from pawl.changes.condition import Snapshot
    from pawl.maturity.facts.operations import Operations
    from pawl.maturity.facts.practice import GateDecision
    from pawl.services.cadence_terms import Zones
    from pawl.services.practice_changes import ChangePractice
    from pawl.services.practice_operated import Shifts
    from pawl.store.records.engine import Engine


COST_RULES = ("cost-over-threshold", "cost-anomaly", "early-warning")
"""The alert rules that are about money."""
_VERDICTS = {"regress": "fail"}
"""Verdicts of the evals' gate that have another name among gates."""


class MachineStores:
    """The stores of one data folder, opened once and only if they were begun; close it after use.

    `records_url` and `events_url` name databases where these are not in the folder,
    `checkpoint` a file with a checkpoint that was kept elsewhere. `promises` gives the
    service level objectives that this machine's alerts watch, `zones` time zones by name.
    """

    def __init__(
        self,
        folder: Path,
        prices: Prices,
        now: Callable[[], str],
        *,
        records_url: str | None = None,
        events_url: str | None = None,
        checkpoint: Path | None = None,
        promises: Callable[[], tuple[Objective, ...]] = tuple,
        zones: Zones = ZoneInfo,
    ) -> None:
        self._folder = folder
        self._prices = prices
        self._now = now
        self._url = records_url
        self._events_url = events_url
        self._checkpoint = checkpoint
        self._promises = promises
        self._zones = zones
        self._engine: Engine | None = None

    def __enter__(self) -> MachineStores:
        return self

    def __exit__(self, *_: object) -> None:
        if self._engine is not None:
            self._engine.dispose()

    def records(self) -> Engine | None:
        """Return the records, or None where none were begun."""
        from pawl.store.records import FILE_NAME

        if self._engine is None and self._url is None and not (self._folder / FILE_NAME).exists():
            return None
        return self.begun_records()

    def begun_records(self) -> Engine:
        """Return the records, which are begun where there are none."""
        if self._engine is None:
            from pawl.store.records.engine import open_records

            self._engine = open_records(self._folder, self._url)
        return self._engine

    def runs(self) -> Runs | None:
        """Return the records of runs, or None where none were begun."""
        engine = self.records()
        if engine is None:
            return None
        from pawl.store.records.runs import RunRecords

        return RunRecords(engine)

    def events(self) -> AbstractContextManager[Worker] | None:
        """Return the events, with all of the spool in them and priced; None where there are none.

        Raises StoreBusy when a running server owns them.
        """
        spool = self._folder / SPOOL
        begun = self._events_url is not None or (self._folder / "events.duckdb").exists()
        if not begun and not any(spool.glob("*")):
            return None
        from pawl.services.stored_events import open_events

        events = open_events(self._folder, events_url=self._events_url)
        try:
            events.drain(spool)
            table = self._prices.table()
            events.reprice(table.price, table.version)
        except BaseException:
            events.close()
            raise
        return events

    def chain(self) -> Chain | None:
        """Verify the ledger; None where none was begun."""
        engine = self.records()
        if engine is None:
            return None
        from pawl.services.ledger import Ledger

        told = Ledger(engine, self._now).verify(self._checkpoint)
        return Chain(
            entries=told.entries, intact=told.intact, checkpointed=told.truncation_excluded
        )

    def objectives(self, project: str | None) -> tuple[Objective, ...] | None:
        """Return the objectives of a project, or of all; None where this machine names none."""
        named = self._promises()
        mine = (each for each in named if project is None or each.project in (None, project))
        return tuple(mine) or None

    def evals(self, since: str, until: str, project: str | None) -> tuple[GateDecision, ...] | None:
        """Return the verdicts of a project's evals, or of all; None where none was ever recorded.

        A verdict says which cases it took into account by id, by file and by what they said.
        """
        engine = self.records()
        if engine is None:
            return None
        from pawl.maturity.facts.practice import GateDecision
        from pawl.services.eval_verdicts import subject_of
        from pawl.store.records.eval_history import judged

        known = judged(engine, "", until)
        if not known:
            return None
        return tuple(
            GateDecision(
                id=each.id,
                at=each.at,
                subject=each.subject,
                verdict=_VERDICTS.get(each.verdict, each.verdict),
                considers=tuple(
                    dict.fromkeys(
                        name for case in each.cases for name in (case.case, case.file, case.digest)
                    )
                ),
            )
            for each in known
            if each.at >= since and (project is None or each.subject == subject_of(project))
        )

    def alerted(self, since: str, until: str, project: str | None) -> Alerted | None:
        """Return what the alerts of a project, or of all, came to."""
        engine = self.records()
        if engine is None:
            return None
        from pawl.store.records.alert_history import fired, rules_tested
        from pawl.store.records.timers import TimerRecords

        # What is said of everybody, or of nobody in particular, is said of this project too.
        mine = [
            each
            for each in fired(engine, COST_RULES, since, until)
            if project is None or dict(each.scope).get("project", project) == project
        ]
        return Alerted(
            cost=tuple((each.at, each.acted) for each in mine),
            tested=rules_tested(engine, until),
            begun=bool(mine or TimerRecords(engine).heartbeats()),
            budgets=self._budgets(engine, project, until),
        )

    def _budgets(self, engine: Engine, project: str | None, now: str) -> int:
        """Return the budgets in force that a project's spend counts towards, or all of them."""
        from pawl.alerts.budget import Scope
        from pawl.store.records.budgets import BudgetRecords

        held = (each.known.budget for each in BudgetRecords(engine).standing(now))
        return sum(
            project is None or each.scope is not Scope.PROJECT or each.of in (None, project)
            for each in held
        )

    def changed(self, since: str, until: str, project: str | None) -> ChangePractice | None:
        """Return what was recorded of the changes of a project, by their scope, or of all.

        A change without a scope is no project's: two repositories may share one folder of data.
        """
        engine = self.records()
        if engine is None:
            return None
        from pawl.services.practice_changes import MAX_DECISIONS, practised
        from pawl.store.records.changes import ChangeRecords

        records = ChangeRecords(engine)
        with records.reading() as book:
            decisions = book.newest_decisions(MAX_DECISIONS)

            def snapshot(identity: str) -> Snapshot | None:
                stored = book.decision(identity)
                try:
                    return None if stored is None else book.snapshot(stored.snapshot)
                except PawlError:
                    return None  # Something of it is gone: nobody can tell who acted.

            return practised(records, decisions, since, until, project or "", snapshot)

    def operated(
        self, since: str, until: str, project: str | None, shifts: Shifts = None
    ) -> Operations | None:
        """Return what the records tell of operation in a project, or in all; None before any.

        `shifts` are those of the assessed commit.
        """
        from pawl.services.practice_operated import operated

        return operated(self.records(), since, until, project, zones=self._zones, shifts=shifts)
