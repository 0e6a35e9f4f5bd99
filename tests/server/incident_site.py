"""Real records and a real desk behind the pages on incidents, with people who sign in."""

from pathlib import Path
from typing import Any

from tests.server.fakes import NOW

from pawl.base.errors import PawlError
from pawl.governance.access import Scope
from pawl.incidents.declaring import Said
from pawl.incidents.event import Refusal
from pawl.incidents.incident import Incident
from pawl.incidents.people import People
from pawl.services.change_terms import By
from pawl.services.incident_pages import IncidentPages
from pawl.services.incidents import IncidentDesk
from pawl.services.sample_changes import Clock
from pawl.services.sample_incident_sources import SampleIncidentSources
from pawl.services.sample_incidents import Story
from pawl.store.records.engine import open_records
from pawl.store.records.incidents import IncidentRecords

EVERYTHING = (Scope.READ, Scope.OPERATE, Scope.INCIDENT, Scope.CHANGE, Scope.APPROVE)


class Sources(SampleIncidentSources):
    """The sample's world, whose roster a test breaks."""

    def __init__(self) -> None:
        self.broken: PawlError | None = None

    def people(self, scope: str) -> People:
        """Return the people, or raise what a test broke them with."""
        if self.broken is not None:
            raise self.broken
        return super().people(scope)


class Incidents:
    """A desk with its pages, on records of their own; `clock` is the time of its commands."""

    def __init__(self, folder: Path) -> None:
        self.engine = open_records(folder)
        self.sources = Sources()
        self.clock = Clock(NOW)
        self._ids = 0
        self.desk = IncidentDesk(
            IncidentRecords(self.engine), self.sources, now=self.clock.read, new_id=self._new_id
        )
        self.pages = IncidentPages(self.desk, now=self.clock.read)

    def story(self) -> None:
        """Let the sample's story happen."""
        Story(self.desk, self.clock).tell()

    def declared(self, title: str = "Search answers nothing", **said: Any) -> Incident:
        """Return an incident that ada just declared."""
        told = self.desk.declare(Said(title=title, **said), by("ada"))
        assert not isinstance(told, Refusal)
        return told.incident

    def commanded(self, title: str = "Search answers nothing", **said: Any) -> Incident:
        """Return an incident that katherine commands."""
        return self.told(self.desk.accept(self.declared(title, **said).id, by("katherine")))

    def resolved(self, title: str = "Search answers nothing", **said: Any) -> Incident:
        """Return an incident that is mended."""
        it = self.commanded(title, **said)
        self.told(self.desk.mitigate(it.id, by("ada")))
        return self.told(self.desk.resolve(it.id, by("ada")))

    def named(self, title: str) -> Incident:
        """Return the incident whose title holds some words."""
        found = [each for each in self.desk.list() if title in each.title]
        assert len(found) == 1, [each.title for each in self.desk.list()]
        return found[0]

    def told(self, said: object) -> Incident:
        """Return what a command came to; it must not be refused."""
        assert isinstance(said, Incident), said
        return said

    def close(self) -> None:
        """Close the records."""
        self.engine.dispose()

    def _new_id(self, kind: str) -> str:
        self._ids += 1
        return f"{kind}_{self._ids:03}"


def by(person: str) -> By:
    """Return who gives a command, as a session names them."""
    return By(identity=f"session:{person}", source="session", assurance="authenticated")
