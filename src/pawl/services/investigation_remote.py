"""Investigations of a team's server, asked over HTTP: what it keeps, and what its records tell."""

from collections.abc import Callable
from functools import cached_property

import msgspec

from pawl.incidents.event import Refusal
from pawl.investigation.facts import Alarm, Change, Facts
from pawl.investigation.investigation import Investigation
from pawl.investigation.quirk import Quirk
from pawl.investigation.terms import Terms
from pawl.services.change_asking import Server, named
from pawl.services.change_terms import By
from pawl.services.incident_asking import IncidentAsker
from pawl.services.investigation_serving import KeptTold, RecordedEvidence
from pawl.store.records.investigations import Kept


class _Investigations(msgspec.Struct):
    investigations: tuple[Kept, ...]


class _Quirks(msgspec.Struct):
    quirks: tuple[Quirk, ...]


class RemoteInvestigations:
    """What keeps investigations and quirks of a server, under the names of our own."""

    def __init__(self, server: Server, new_key: Callable[[], str]) -> None:
        """`new_key` makes a key that nobody used before; each command is sent with one."""
        self._asker = IncidentAsker(server, new_key)

    def keep(self, found: Investigation, by: By) -> tuple[Kept, Refusal | None]:
        """Keep an investigation and link it; the second says why it could not be linked."""
        path = named("incidents", found.incident, "investigations")
        told = self._asker.tell(path, KeptTold, {"investigation": found})
        assert not isinstance(told, Refusal)  # What cannot be linked is told beside what was kept.
        return told.kept, told.refusal

    def of(self, incident: str) -> tuple[Kept, ...]:
        """Return the investigations of an incident, oldest first; raises NoSuchIncident."""
        path = named("incidents", incident, "investigations")
        return self._asker.look(path, _Investigations).investigations

    def quirks(self, *, retired: bool = False) -> tuple[Quirk, ...]:
        """Return what is known, retired quirks only if asked for."""
        every = "true" if retired else ""
        return self._asker.look(named("quirks"), _Quirks, retired=every).quirks

    def add_quirk(
        self, component: str, pattern: str, says: str, incident: str, by: By
    ) -> Quirk | Refusal:
        """Record a quirk, to be offered when it looks like that again."""
        body = {"component": component, "pattern": pattern, "says": says, "incident": incident}
        return self._asker.tell(named("quirks"), Quirk, body)

    def retire_quirk(self, id: str, why: str, by: By) -> Quirk | Refusal:
        """Say that a quirk holds no longer; raises BadValue for an id that is none."""
        return self._asker.tell(named("quirks", id, "retire"), Quirk, {"reason": why})


class RemoteRecorded:
    """What a server's records tell of the one window that is looked at."""

    def __init__(self, server: Server, since: str, until: str) -> None:
        self._asker = IncidentAsker(server, str)
        self._window = {"since": since, "until": until}

    def changes(self, since: str, until: str) -> tuple[Change, ...]:
        """Return the changes of the server's desk in the window."""
        return self._evidence.changes

    def alarms(self, since: str, until: str) -> tuple[Alarm, ...]:
        """Return the server's alerts that fired in the window."""
        return self._evidence.alarms

    def failed_actions(self, since: str, until: str) -> int:
        """Return how many automated actions failed in a row at the window's end."""
        return self._evidence.failed_actions

    def event_facts(self, since: str, until: str, terms: Terms) -> Facts:
        """Return what the server's events tell."""
        return self._asker.look(named("investigation-events"), Facts, **self._window)

    @cached_property
    def _evidence(self) -> RecordedEvidence:
        path = named("investigation-evidence")
        return self._asker.look(path, RecordedEvidence, **self._window)
