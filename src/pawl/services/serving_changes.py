"""What the server shows of changes: the pages over a desk and its records, or the sample's."""

from collections.abc import Callable

from pawl.changes.rollout import StageVerdict
from pawl.services.change_figures import figures_of
from pawl.services.change_pages import ChangePages
from pawl.services.changes import ChangeDesk
from pawl.services.ledger_pages import LedgerPages
from pawl.store.events.store import EventsStore
from pawl.store.records.changes import ChangeRecords
from pawl.store.records.connection import Engine
from pawl.store.records.rollouts import RolloutRecords

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


class SampleChanges(Changing):
    """The sample's desk with its pages. Nothing is there before `load`."""

    def __init__(self, engine: Engine, now: Callable[[], str]) -> None:
        # Imported only here: nobody but the sample needs it.
        from pawl.services.sample_changes import SampleSources

        self._engine = engine
        self._now = now
        self._ids = 0
        sources = SampleSources(now())
        self._desk = ChangeDesk(ChangeRecords(engine), sources, now=now, new_id=self._new_id)
        self.desk = self._desk
        self.pages = pages_over(engine, self._desk, now)

    def load(self) -> None:
        """Let the story of the sample happen, at times before now."""
        from pawl.services.sample_changes import Clock, SampleSources, Story

        if self._desk.counts():
            return  # It happens once, however often the sample is looked at.
        end = self._now()
        clock = Clock(end)
        told = ChangeDesk(
            ChangeRecords(self._engine), SampleSources(end), now=clock.read, new_id=self._new_id
        )
        Story(told, clock, RolloutRecords(self._engine)).tell()

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
