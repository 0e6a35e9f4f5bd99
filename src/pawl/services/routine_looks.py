"""What the numbers of routines are read from: Pawl's own stores, as far as they were begun.

Each question has an answer, or None where this place does not keep what it is about. Nothing here
changes anything.
"""

from collections.abc import Callable
from typing import NamedTuple, Protocol

import msgspec

from pawl.alerts.alert import Alert
from pawl.alerts.budget_numbers import Numbers as BudgetNumbers
from pawl.alerts.budget_view import BudgetLine, lines
from pawl.base.canonical import digest
from pawl.changes.change import Change
from pawl.changes.facts import Drill
from pawl.changes.gate import Decision
from pawl.changes.metrics import Figures
from pawl.changes.policy import Policy
from pawl.governance.roster import Roster
from pawl.incidents.debt import OperationalDebt
from pawl.incidents.debt import State as DebtState
from pawl.incidents.drill_run import DrillRun
from pawl.incidents.drill_run import State as DrillState
from pawl.incidents.metrics import AllFigures
from pawl.incidents.weekly import WeeklyReview
from pawl.review.queue import Waiting, queue
from pawl.services.change_terms import Excepted, Kept
from pawl.services.routine_table import Part
from pawl.store.records.alerts import AlertRecords
from pawl.store.records.budgets import BudgetRecords
from pawl.store.records.connection import Engine
from pawl.store.records.drill_rows import recorded_drills
from pawl.store.records.drills import DrillRecords
from pawl.store.records.evidence import EvidenceRecords
from pawl.store.records.incidents import IncidentRecords
from pawl.store.records.reviews import ReviewRecords
from pawl.store.records.runs import RunRecords, RunState
from pawl.telemetry.bill import Bill, Key

MOST_RUNS = 2_000
MOST_CHANGES = 1_000
MOST_DECISIONS = 1_000


class Window(NamedTuple):
    """Which occurrence is looked at: what happened from `since` until `until`, as known `now`."""

    since: str
    until: str
    now: str


class Changes(Protocol):
    """What is asked of the desk of changes."""

    def list(self, *, limit: int) -> tuple[Change, ...]:
        """Return changes, last changed first."""

    def figures(self, since: str, until: str) -> Figures:
        """Return the figures of a window."""

    def exceptions(self) -> tuple[Excepted, ...]:
        """Return every exception with how it stands."""

    def recent_decisions(self, limit: int) -> tuple[Kept, ...]:
        """Return the newest decisions, newest first."""


class Incidents(Protocol):
    """What is asked of the desk of incidents."""

    def figures(self, since: str, until: str) -> AllFigures:
        """Return the figures of what was declared, and of actions that were due, in a window."""

    def weekly_review(self, now: str) -> WeeklyReview:
        """Return what is still to do: actions, debts and postmortems."""


class Governed(Protocol):
    """Who decides, and by which rules; each may raise CannotTell."""

    def policy(self) -> Policy:
        """Return the policy in force."""

    def roster(self) -> Roster:
        """Return who is who."""


Billing = Callable[[tuple[Key, ...], str, str], Bill]
"""Keys, since, until → who spent what."""


class Looks:
    """The stores of one place. Without `changes`, `incidents` or `bill` nobody keeps those here."""

    def __init__(
        self,
        engine: Engine,
        governed: Governed,
        budgets: BudgetNumbers,
        *,
        changes: Changes | None = None,
        incidents: Incidents | None = None,
        bill: Billing | None = None,
    ) -> None:
        self._engine = engine
        self._budgets = budgets
        self._bill = bill
        self.governed = governed
        self.changes = changes
        self.incidents = incidents
        self.evidence = EvidenceRecords(engine)

    def alerts(self) -> tuple[Alert, ...]:
        """Return every alert as the latest look found it."""
        return tuple(each.alert for each in AlertRecords(self._engine).alerts())

    def budgets(self, now: str) -> tuple[BudgetLine, ...]:
        """Return the budgets in force."""
        standing = BudgetRecords(self._engine).standing(now)
        found = [(each.known, each.accounts) for each in standing]
        return tuple(lines(found, now, min(self._budgets.notice_percents)))

    def bill(self, by: tuple[Key, ...], since: str, until: str) -> Bill | None:
        """Return who spent what in a window; None where nobody can be asked here."""
        return None if self._bill is None else self._bill(by, since, until)

    def waiting(self) -> tuple[Waiting, ...]:
        """Return the findings of reviews of all projects that wait for a person."""
        records = ReviewRecords(self._engine)
        found: list[Waiting] = []
        for project in records.projects():
            decided = (each.fingerprint for each in records.judged(project))
            found += queue(project, records.waiting(project), decided).waiting
        return tuple(found)

    def runs(self, since: str, until: str) -> tuple[RunState, ...]:
        """Return the supervised runs that ended in a window, newest first."""
        return tuple(
            each
            for each in RunRecords(self._engine).recent(MOST_RUNS)
            if each.ended_at is not None and since <= each.ended_at < until
        )

    def decisions(self) -> tuple[Decision, ...] | None:
        """Return the newest decisions of gates; None where nobody keeps changes here."""
        if self.changes is None:
            return None
        return tuple(each.decision for each in self.changes.recent_decisions(MOST_DECISIONS))

    def changed(self) -> tuple[Change, ...] | None:
        """Return the changes that moved last; None where nobody keeps changes here."""
        return None if self.changes is None else self.changes.list(limit=MOST_CHANGES)

    def debts(self) -> tuple[OperationalDebt, ...]:
        """Return the operational debts that are not paid, last seen first."""
        with IncidentRecords(self._engine).reading() as book:
            return book.debts((DebtState.OPEN,))

    def drills(self, since: str, until: str) -> tuple[Drill, ...]:
        """Return the rollbacks that were exercised in a window, newest first."""
        return recorded_drills(self._engine, since, until)

    def drill_runs(self, since: str, until: str) -> tuple[DrillRun, ...]:
        """Return the runs of drills that were begun in a window, oldest first."""
        return DrillRecords(self._engine).window(since, until)

    def drill(self, identity: str) -> tuple[str, str] | None:
        """Return when a run of a drill was finished, and the digest of what is recorded of it.

        One that was aborted proves nothing, and what somebody only says was exercised is no run.
        """
        found = DrillRecords(self._engine).get(identity)
        if found is None or found.state is not DrillState.FINISHED or found.ended_at is None:
            return None
        return found.ended_at, digest(msgspec.to_builtins(found))


class RoutineNumbers(msgspec.Struct, frozen=True, kw_only=True):
    """What gives the numbers of one routine."""

    parts: Callable[[Looks, Window], tuple[Part, ...]]
