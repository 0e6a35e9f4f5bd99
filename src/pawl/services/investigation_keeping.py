"""Keep investigations with their incident, and what was learned of a component for the next one."""

from collections.abc import Callable
from typing import Protocol

import msgspec

from pawl.base.canonical import digest
from pawl.base.errors import BadValue
from pawl.governance.ledger import Actor
from pawl.incidents.event import Refusal, refused
from pawl.incidents.incident import Incident, LinkKind
from pawl.investigation.investigation import Investigation
from pawl.investigation.quirk import MAX_TEXT, Quirk, wrong_with
from pawl.services.change_terms import By
from pawl.store.records.investigations import InvestigationRecords, Kept


class Attaching(Protocol):
    """The desk, as far as an investigation needs it."""

    def get(self, id: str) -> Incident:
        """Return an incident; raises NoSuchIncident."""

    def attach(
        self, id: str, kind: LinkKind, ref: str, by: By, suspected: bool = False, *, key: str = ""
    ) -> Incident | Refusal:
        """Link something with it."""


class InvestigationKeeping:
    """Investigations and quirks, kept and asked for."""

    def __init__(
        self,
        records: InvestigationRecords,
        desk: Attaching,
        *,
        now: Callable[[], str],
        new_id: Callable[[str], str],
    ) -> None:
        self._records = records
        self._desk = desk
        self._now = now
        self._new_id = new_id

    def keep(self, found: Investigation, by: By) -> tuple[Kept, Refusal | None]:
        """Keep an investigation and link it; the second says why it could not be linked.

        The link is made after the entry: a link to what is not there would be worse than none.
        """
        incident = self._desk.get(found.incident)
        held = msgspec.structs.replace(found, incident=incident.id)
        name, now = self._new_id("inv"), self._now()
        whole = digest(msgspec.to_builtins(held))
        self._records.keep(name, held, whole, _actor(by), now)
        linked = self._desk.attach(incident.id, LinkKind.EVIDENCE, name, by, key=name)
        kept = Kept(id=name, digest=whole, recorded_at=now, investigation=held)
        return kept, linked if isinstance(linked, Refusal) else None

    def of(self, incident: str) -> tuple[Kept, ...]:
        """Return the investigations of an incident, oldest first; raises NoSuchIncident."""
        return self._records.of(self._desk.get(incident).id)

    def quirks(self, *, retired: bool = False) -> tuple[Quirk, ...]:
        """Return what is known, retired quirks only if asked for."""
        found = self._records.quirks()
        return tuple(each for each in found if retired or each.retired_at is None)

    def add_quirk(
        self, component: str, pattern: str, says: str, incident: str, by: By
    ) -> Quirk | Refusal:
        """Record a quirk, to be offered when it looks like that again."""
        held = self._desk.get(incident).id if incident else ""
        quirk = Quirk(
            id=self._new_id("qrk"),
            component=component.strip(),
            pattern=pattern.strip(),
            says=says.strip(),
            incident=held,
            by=by.identity,
            recorded_at=self._now(),
        )
        wrong = wrong_with(quirk)
        if wrong is None:
            self._records.record_quirk(quirk, _actor(by))
        return wrong or quirk

    def retire_quirk(self, id: str, why: str, by: By) -> Quirk | Refusal:
        """Say that a quirk holds no longer; raises BadValue for an id that is none."""
        known = {each.id: each for each in self._records.quirks()}
        if id not in known:
            raise BadValue(
                f"no quirk is called {id[:60]!r}.",
                place="QUIRK",
                hint="See them with `pawl incident quirk list`.",
            )
        if not why.strip() or len(why) > MAX_TEXT:
            return refused("no-reason", "It is not said why, or at too great length.")
        if known[id].retired_at is not None:
            return known[id]
        now = self._now()
        self._records.retire_quirk(id, why.strip(), by.identity, _actor(by), now)
        return msgspec.structs.replace(
            known[id], retired_at=now, retired_by=by.identity, retired_why=why.strip()
        )


def _actor(by: By) -> Actor:
    return Actor(person=by.identity, source=by.source, assurance=by.assurance)
