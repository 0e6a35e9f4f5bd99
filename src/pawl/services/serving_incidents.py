"""What the server shows of incidents: the pages over a desk, or over the sample's."""

from collections.abc import Callable

from pawl.base.errors import PawlError
from pawl.incidents.incident import LinkKind
from pawl.services.changes import ChangeDesk
from pawl.services.incident_pages import IncidentPages, Title
from pawl.services.incidents import IncidentDesk
from pawl.store.records.connection import Engine
from pawl.store.records.incidents import IncidentRecords


def titles_of(changes: ChangeDesk | None) -> Title:
    """Return what gives the titles of changes that incidents are linked with."""

    def title(kind: LinkKind, identity: str) -> str:
        if changes is None or kind is not LinkKind.CHANGE:
            return ""
        try:
            return changes.get(identity).manifest.title
        except PawlError:
            return ""

    return title


class Standing:
    """A desk of incidents with its pages; both None where a server keeps no incidents."""

    def __init__(
        self, desk: IncidentDesk | None, changes: ChangeDesk | None, now: Callable[[], str]
    ) -> None:
        self.desk = desk
        self.pages = (
            None if desk is None else IncidentPages(desk, now=now, title=titles_of(changes))
        )

    def load(self) -> None:
        """Make nothing up: what is shown is what is on record."""


class SampleStanding(Standing):
    """The sample's desk with its pages. Nothing is there before `load`."""

    def __init__(self, engine: Engine, changes: ChangeDesk | None, now: Callable[[], str]) -> None:
        # Imported only here: nobody but the sample needs it.
        from pawl.services.sample_incident_sources import SampleAround, SampleIncidentSources

        self._engine = engine
        self._changes = changes
        self._now = now
        self._ids, self._called = 0, ""
        self._desk = IncidentDesk(
            IncidentRecords(engine), SampleIncidentSources(), now=now, new_id=self._new_id
        )
        self._desk.around = SampleAround(engine)
        super().__init__(self._desk, changes, now)

    def load(self) -> None:
        """Let the story of the sample happen, at times before now."""
        from pawl.services.sample_changes import Clock
        from pawl.services.sample_incident_sources import SampleIncidentSources
        from pawl.services.sample_incidents import Story

        if self._desk.counts():
            return  # It happens once, however often the sample is looked at.
        clock = Clock(self._now())
        told = IncidentDesk(
            IncidentRecords(self._engine),
            SampleIncidentSources(),
            now=clock.read,
            new_id=self._new_id,
        )
        found = self._changes.list(limit=100) if self._changes is not None else ()
        titles = {each.manifest.title: each.id for each in found}
        Story(told, clock, titles, self._call).tell()

    def _call(self, identity: str) -> None:
        """Let the next incident have an id that other stories name."""
        self._called = identity

    def _new_id(self, kind: str) -> str:
        if kind == "inc" and self._called:
            called, self._called = self._called, ""
            return called
        self._ids += 1
        return f"{kind}_sample{self._ids:03}"


def open_incidents(
    engine: Engine,
    now: Callable[[], str],
    desk_of: Callable[[Engine], IncidentDesk | None] | None,
    changes: ChangeDesk | None,
) -> Standing:
    """Return the incidents of the desk that `desk_of` makes, or of the sample without it."""
    if desk_of is None:
        return SampleStanding(engine, changes, now)
    return Standing(desk_of(engine), changes, now)
