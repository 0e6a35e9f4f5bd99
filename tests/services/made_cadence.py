"""A desk of the cadence for tests: a small team, a clock that is wound, real records."""

from collections.abc import Callable
from datetime import tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from tests.changes.made_changes import POLICY
from tests.services.made_desk import Clock

from pawl.alerts.budget_letter import Mailing
from pawl.alerts.budget_numbers import numbers as budget_numbers
from pawl.alerts.policy import Policy as AlertPolicy
from pawl.alerts.policy import Route
from pawl.base.errors import PawlError
from pawl.changes.change import Refusal
from pawl.changes.policy import Policy
from pawl.governance.cadence import Cadence, shipped_cadence
from pawl.governance.cadence_keeping import Record
from pawl.governance.roster import Grant, Kind, Person, Roster, check_roster
from pawl.services.cadence import CadenceDesk
from pawl.services.cadence_reading import shipped_numbers
from pawl.services.change_terms import By
from pawl.services.routine_looks import Looks
from pawl.store.records.cadence import CadenceRecords
from pawl.store.records.connection import Engine

MONDAY = "2026-03-23T08:00:00.000000Z"
"""A Monday morning in UTC, in the week before clocks go forward in Europe."""
TEAM = check_roster(
    Roster(
        people=(
            Person(id="ada", identities=("session:ada", "git:ada@example.org")),
            Person(id="grace", identities=("session:grace",)),
            Person(id="sue", identities=("session:sue",)),
            Person(id="bot", kind=Kind.SERVICE, identities=("session:bot",)),
            Person(id="gone", identities=("session:gone",), active_to="2026-01-01"),
        ),
        grants=(
            Grant(person="ada", role="on-call"),
            Grant(person="ada", role="product-eng"),
            Grant(person="grace", role="product-lead"),
            Grant(person="grace", role="incident-commander"),
            Grant(person="sue", role="security-lead"),
            Grant(person="gone", role="product-lead"),
        ),
    ),
    place="roster.yaml",
)
TELLING = Mailing(policy=AlertPolicy(routes=(Route(to=("ops",)),)), channels=("ops",))


def by(person: str) -> By:
    """Return who gives a command, as a session names them."""
    return By(identity=f"session:{person}", source="session", assurance="authenticated")


def typed_by(person: str) -> By:
    """Return who gives a command by a name that anybody can type."""
    return By(identity=f"git:{person}@example.org", source="git-config", assurance="declared")


class Place:
    """Sources whose answers a test sets; an error set in their place is raised."""

    def __init__(self) -> None:
        self.read: Cadence | PawlError = shipped_cadence()
        self.people: Roster | PawlError = TEAM

    def cadence(self) -> Cadence:
        """Return the cadence."""
        return _given(self.read)

    def policy(self) -> Policy:
        """Return the policy."""
        return POLICY

    def roster(self) -> Roster:
        """Return who is who."""
        return _given(self.people)


def _given(value: Any) -> Any:
    if isinstance(value, PawlError):
        raise value
    return value


def zone(name: str) -> tzinfo:
    """Return a time zone by its name."""
    return ZoneInfo(name)


class Made:
    """A desk with its clock and its place."""

    def __init__(
        self,
        engine: Engine,
        clock: Clock | None = None,
        *,
        mailing: Callable[[], Mailing] | None = lambda: TELLING,
        **looks: Any,
    ) -> None:
        self.clock = clock or Clock(MONDAY)
        self.place = Place()
        self.desk = CadenceDesk(
            CadenceRecords(engine),
            self.place,
            Looks(engine, self.place, budget_numbers(), **looks),
            now=self.clock,
            zones=zone,
            numbers=shipped_numbers,
            mailing=mailing,
        )


def recorded(told: Record | Refusal) -> Record:
    """Return what a command put on record; fails with the reasons of a refusal."""
    assert isinstance(told, Record), told
    return told


def refused(told: Record | Refusal, code: str) -> Refusal:
    """Return the refusal that a command gave."""
    assert isinstance(told, Refusal), told
    assert told.code == code, told
    assert all(told.reasons)
    return told
