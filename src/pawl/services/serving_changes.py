"""What the server shows of changes: the pages over a desk and its records, or the sample's."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from pawl.changes.rollout import StageVerdict
from pawl.incidents.acting import open_actions
from pawl.incidents.debt import State as DebtState
from pawl.incidents.debt import debts_on
from pawl.services.change_figures import figures_of
from pawl.services.change_pages import ChangePages
from pawl.services.changes import ChangeDesk
from pawl.services.ledger_pages import LedgerPages
from pawl.store.events.store import EventsStore
from pawl.store.records.changes import ChangeRecords
from pawl.store.records.connection import Engine
from pawl.store.records.incidents import IncidentRecords
from pawl.store.records.rollouts import RolloutRecords

if TYPE_CHECKING:
    from pawl.services.sample_changes import Clock, Left, Story

Verdicts = Callable[[str], tuple[StageVerdict, ...]]
"""Gives the verdicts on the stages of a change, by its id."""


def verdicts_in(engine: Engine) -> Verdicts:
    """Return what gives the verdicts that are on record, oldest first."""
    records = RolloutRecords(engine)
    return lambda change: tuple(each.verdict for each in records.verdicts(change))


def pages_over(engine: Engine, desk: ChangeDesk, now: Callable[[], str]) -> ChangePages:
    """Return the pages on the changes of a desk, whose records are in `engine`."""
    records = ChangeRecords(engine)
    return ChangePages(
        desk,
        desk.sources,
        LedgerPages(engine, now),
        now=now,
        figures=lambda since, until: figures_of(records, since, until),
        verdicts=verdicts_in(engine),
    )


class Changing:
    """A desk with its pages; both None where a server keeps no changes."""

    def __init__(self, engine: Engine, desk: ChangeDesk | None, now: Callable[[], str]) -> None:
        self.desk = desk
        self.pages = None if desk is None else pages_over(engine, desk, now)

    def load(self) -> None:
        """Make nothing up: what is shown is what is on record."""

    def load_held(self) -> None:
        """Make nothing up either of what incidents hold up."""


class SampleChanges(Changing):
    """The sample's desk with its pages. Nothing is there before `load`."""

    def __init__(self, engine: Engine, now: Callable[[], str]) -> None:
        # Imported only here: nobody but the sample needs it.
        from pawl.services.sample_changes import SampleSources

        self._engine = engine
        self._now = now
        self._ids = 0
        self._clock: Clock | None = None
        sources = SampleSources(now(), self._left)
        self._desk = ChangeDesk(ChangeRecords(engine), sources, now=now, new_id=self._new_id)
        self.desk = self._desk
        self.pages = pages_over(engine, self._desk, now)

    def load(self) -> None:
        """Let the story of the sample happen, at times before now."""
        from pawl.services.sample_changes import Clock

        if self._desk.counts():
            return  # It happens once, however often the sample is looked at.
        self._clock = Clock(self._now())
        self._story(self._clock).tell()

    def load_held(self) -> None:
        """Let the part of the story happen that begins with what an incident left behind."""
        if self._clock is None:
            return  # It was there already, or is told.
        clock, self._clock = self._clock, None
        actions, _ = self._left()
        self._story(clock).tell_held(actions)

    def _story(self, clock: Clock) -> Story:
        from pawl.services.sample_changes import SampleSources, Story

        told = ChangeDesk(
            ChangeRecords(self._engine),
            SampleSources(clock.end, self._left),
            now=clock.read,
            new_id=self._new_id,
        )
        return Story(told, clock, RolloutRecords(self._engine))

    def _left(self) -> Left:
        """Return what the sample's incidents left behind, as gates ask for it."""
        with IncidentRecords(self._engine).reading() as book:
            return open_actions(book.blocking()), debts_on(book.debts((DebtState.OPEN,)))

    def _new_id(self, kind: str) -> str:
        self._ids += 1
        return f"{kind}_sample{self._ids:03}"


def open_changes(
    engine: Engine,
    now: Callable[[], str],
    desk_of: Callable[[Engine, EventsStore], ChangeDesk | None] | None,
    events: EventsStore,
) -> Changing:
    """Return the changes of the desk that `desk_of` makes, or of the sample without it."""
    if desk_of is None:
        return SampleChanges(engine, now)
    return Changing(engine, desk_of(engine, events), now)
