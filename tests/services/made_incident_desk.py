"""A desk of incidents for tests: the small team of the core, a clock that is wound, a set world."""

from collections.abc import Callable, Mapping
from datetime import tzinfo
from pathlib import Path
from typing import Any

from tests.incidents.made_incidents import NOW, PEOPLE, SCHEDULE, TERMS, ZONES
from tests.services.made_desk import Clock

from pawl.alerts.budget_letter import Mailing
from pawl.incidents.action import Action
from pawl.incidents.declaring import Said
from pawl.incidents.event import Refusal
from pawl.incidents.incident import Incident
from pawl.incidents.oncall import Schedule
from pawl.incidents.people import People
from pawl.incidents.terms import Terms
from pawl.services.change_terms import By
from pawl.services.incident_terms import Declared
from pawl.services.incidents import IncidentDesk
from pawl.store.records.connection import Engine
from pawl.store.records.engine import open_records
from pawl.store.records.incidents import IncidentRecords

ANN = By(identity="github:1", source="session", assurance="authenticated")
"""On call."""
LEO = By(identity="github:2", source="session", assurance="authenticated")
"""Leads the product, which owns quality."""
SUE = By(identity="github:3", source="session", assurance="authenticated")
"""Commands incidents, and leads security."""
PIA = By(identity="github:4", source="session", assurance="authenticated")
CODER = By(identity="github:90", source="token", assurance="authenticated")
"""An agent, whose role counts for nothing."""
TYPED = By(identity="github:1", source="git-config", assurance="declared")
"""Whoever says that they are Ann."""
STRANGER = By(identity="git:nobody@example.com", source="git-config", assurance="declared")


class MadeIncidentWorld:
    """Sources whose answers are set by the test; an exception set in their place is raised."""

    def __init__(self, **other: Any) -> None:
        self.who: People | Exception = other.get("people", PEOPLE)
        self.shifts: Schedule | Exception = other.get("schedule", SCHEDULE)
        self.numbers: Terms | Exception = other.get("terms", TERMS)
        self.known_zones: Mapping[str, tzinfo] | Exception = other.get("zones", ZONES)

    def people(self, scope: str) -> People:
        """Return who is who."""
        people: People = _given(self.who)
        return people

    def schedule(self) -> Schedule:
        """Return who is on call."""
        schedule: Schedule = _given(self.shifts)
        return schedule

    def terms(self) -> Terms:
        """Return the numbers of judgement."""
        terms: Terms = _given(self.numbers)
        return terms

    def zones(self, names: tuple[str, ...]) -> Mapping[str, tzinfo]:
        """Return time zones."""
        zones: Mapping[str, tzinfo] = _given(self.known_zones)
        return zones


def _given(value: Any) -> Any:
    if isinstance(value, Exception):
        raise value
    return value


class MadeIncidents:
    """A desk with its clock and its world. `engine` is shared by as many desks as a test likes."""

    def __init__(
        self,
        engine: Engine,
        clock: Clock | None = None,
        *,
        mailing: Callable[[], Mailing] | None = None,
        budget_used: Callable[[Incident], float | None] = lambda incident: None,
        prefix: str = "",
        **world: Any,
    ) -> None:
        self.engine = engine
        self.clock = clock or Clock(NOW)
        self.world = MadeIncidentWorld(**world)
        self.prefix = prefix
        self.count = 0
        self.records = IncidentRecords(engine)
        self.desk = IncidentDesk(
            self.records, self.world, now=self.clock, new_id=self.new_id, mailing=mailing,
            budget_used=budget_used,
        )  # fmt: skip

    def new_id(self, prefix: str) -> str:
        """Return the next id."""
        self.count += 1
        return f"{prefix}_{self.prefix}{self.count:04d}"

    def declared(
        self, title: str = "Search answers nothing", by: By = ANN, **said: Any
    ) -> Incident:
        """Return an incident that was just declared."""
        done = self.desk.declare(Said(title=title, **said), by)
        assert isinstance(done, Declared), done
        return done.incident

    def commanded(self, by: By = SUE, **said: Any) -> Incident:
        """Return an incident that somebody commands."""
        return incident(self.desk.accept(self.declared(**said).id, by))

    def resolved(self, by: By = SUE, **said: Any) -> Incident:
        """Return an incident that was resolved in half an hour."""
        known = self.commanded(by, **said)
        self.clock.wind(seconds=900)
        incident(self.desk.mitigate(known.id, by))
        self.clock.wind(seconds=900)
        return incident(self.desk.resolve(known.id, by))


def made_incidents(folder: Path, **other: Any) -> MadeIncidents:
    """Return a desk over records of its own in a folder. Dispose of its engine after use."""
    return MadeIncidents(open_records(folder), **other)


def incident(told: Incident | Refusal) -> Incident:
    """Return the incident that a command gave; fails with the reasons of a refusal."""
    assert isinstance(told, Incident), told
    return told


def action(told: Action | Refusal) -> Action:
    """Return the action that a command gave; fails with the reasons of a refusal."""
    assert isinstance(told, Action), told
    return told


def refused(told: object, code: str) -> Refusal:
    """Return the refusal that a command gave."""
    assert isinstance(told, Refusal), told
    assert told.code == code, told
    assert told.reasons
    return told
