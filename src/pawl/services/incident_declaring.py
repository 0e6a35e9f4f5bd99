"""Declaring, which may not fail: whatever cannot be read is a doubt, and the clock runs anyway."""

from collections.abc import Callable, Mapping
from datetime import tzinfo
from typing import TypeVar

import msgspec

from pawl.base.errors import PawlError
from pawl.governance.priority import Domain
from pawl.governance.raci import shipped_raci
from pawl.governance.roster import Roster
from pawl.incidents.declaring import Said, declare, domain_of, may_be_back, signalled
from pawl.incidents.event import Refusal
from pawl.incidents.incident import Incident, Paging
from pawl.incidents.oncall import Schedule, shipped_schedule, zone_names
from pawl.incidents.paging import plan
from pawl.incidents.people import People
from pawl.incidents.terms import Terms, shipped_terms
from pawl.services.change_terms import By
from pawl.services.incident_ground import IncidentGround, actor_of, claimed_of
from pawl.services.incident_terms import Declared
from pawl.store.records.changes import command_key

T = TypeVar("T")
NOBODY = Roster()
"""Who is known where the roster cannot be read."""


class Readable(msgspec.Struct, frozen=True, kw_only=True):
    """What could be read of the world, with what comes with Pawl in the place of the rest."""

    people: People
    schedule: Schedule
    terms: Terms
    zones: Mapping[str, tzinfo]
    doubts: tuple[str, ...] = ()

    def paging(
        self, now: str, domain: Domain, scope: str, *, spell: int = 1
    ) -> tuple[Paging, tuple[str, ...]]:
        """Return who is paged when, and what could not be worked out."""
        schedule, doubts = self.schedule, self.doubts
        try:
            made = plan(schedule, self.people, self.zones, now, domain=domain, scope=scope,
                        spell=spell)  # fmt: skip
        except Exception as defect:
            doubts += (f"Who is on call could not be worked out: {_said(defect)}",)
            made = plan(shipped_schedule(), self.people, {}, now, domain=domain, scope=scope,
                        spell=spell)  # fmt: skip
        if not any(each.person for each in made.deadlines):
            doubts += ("Nobody could be found to page.",)
        return made, doubts


class IncidentDeclaring(IncidentGround):
    """Say that something is wrong."""

    def declare(self, said: Said, by: By, *, key: str = "") -> Declared | Refusal:
        """Declare an incident; where its key is open already that one is told of once more.

        Only an empty title is refused. What cannot be read or believed is said as a doubt.
        """
        ground = self._whatever_reads(said.scope)
        only = command_key("incident.declare", "", key)
        with self._writing() as book:
            known = book.told(only) if only else None
            if known is not None:
                return Declared(incident=self._got(book, known), new=False)
            now = self._now()
            held = book.holder(said.key)
            if held is not None:
                again = signalled(held, said, now, by=by.identity)
                assert not isinstance(again, Refusal)
                return Declared(incident=self._keep(book, held, again, by, key=only), new=False)
            paging, doubts = ground.paging(now, domain_of(said, ground.terms), said.scope)
            back = may_be_back(said.key, book.with_key(said.key), ground.terms, now)
            if back is not None:
                doubts += (f"{back.id} had the same key; if it is back, open that one again.",)
            begun = declare(self._new_id("inc"), said, paging, ground.terms, now, by=by.identity)
            if isinstance(begun, Refusal):
                return begun
            (event,) = begun
            doubts = (*event.tells["doubts"], *doubts)
            event = msgspec.structs.replace(event, tells={**event.tells, "doubts": list(doubts)})
            made = book.begin(Incident, event, actor_of(by), key=only, claimed_at=claimed_of(event))
            self._post(book, made, event)
            return Declared(
                incident=self._fired(book, made, now),
                new=True,
                may_be_back=back.id if back else "",
                doubts=doubts,
            )

    def _whatever_reads(self, scope: str) -> Readable:
        """Return what can be read of the world; nothing that is wrong with it is an error."""
        doubts: list[str] = []

        def read(what: str, ask: Callable[[], T], otherwise: Callable[[], T]) -> T:
            try:
                return ask()
            except Exception as error:
                doubts.append(f"{what} cannot be read: {_said(error)}")
                return otherwise()

        people = read(
            "The roster",
            lambda: self.sources.people(scope),
            lambda: People(roster=NOBODY, raci=shipped_raci()),
        )
        schedule = read("The schedule", self.sources.schedule, shipped_schedule)
        zones = read("A time zone", lambda: self.sources.zones(zone_names(schedule)), _no_zones)
        terms = read("The terms", self.sources.terms, shipped_terms)
        return Readable(
            people=people, schedule=schedule, terms=terms, zones=zones, doubts=tuple(doubts)
        )


def _no_zones() -> Mapping[str, tzinfo]:
    return {}


def _said(error: Exception) -> str:
    if isinstance(error, PawlError):
        return error.message[:300]
    return f"a defect of Pawl's ({type(error).__name__})."
