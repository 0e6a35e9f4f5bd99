"""Taking command with a signed link: what it is for, and doing it for the person it was sent to.

Looking changes nothing, because mail scanners and previews of links look at whatever is sent.
"""

from collections.abc import Callable
from datetime import timedelta
from enum import StrEnum
from typing import Protocol

import msgspec

from pawl.alerts.alert import Invitation
from pawl.alerts.delivery import numbers
from pawl.base.canonical import sha256_hex
from pawl.base.errors import PawlError
from pawl.base.times import format_time, parse_time
from pawl.incidents.event import Refusal
from pawl.incidents.incident import ONGOING, Incident
from pawl.incidents.people import People, human
from pawl.services.change_terms import By
from pawl.services.incident_terms import IncidentSources, NoSuchIncident, Told
from pawl.services.invitations import Invitations, NoInvitation

SOURCE = "signed-link"
"""The source of whoever answers with a link; they are known for certain."""


class Desk(Protocol):
    """The desk of incidents as far as a link needs it."""

    sources: IncidentSources

    def get(self, id: str) -> Incident:
        """Return an incident; raises NoSuchIncident."""

    def accept(self, id: str, by: By, *, key: str = "") -> Told:
        """Take command."""


class Standing(StrEnum):
    """What a link can still do."""

    OPEN = "open"
    TAKEN = "taken"
    """The person commands."""
    OTHER = "other"
    """Somebody else commands, and did not offer it."""
    USED = "used"
    EXPIRED = "expired"
    OVER = "over"
    STRANGER = "stranger"
    """The person has left, or the roster no longer knows them."""
    UNREADABLE = "unreadable"
    BAD = "bad"


class Invited(msgspec.Struct, frozen=True, kw_only=True):
    """What whoever holds a link may know: the title, and who they are. Empty for a bad link."""

    standing: Standing
    title: str = ""
    person: str = ""


class Accepting:
    """Answers to links."""

    def __init__(self, desk: Desk, invitations: Invitations, now: Callable[[], str]) -> None:
        self._desk, self._invitations, self._now = desk, invitations, now

    def ours(self, token: str) -> bool:
        """Say whether we made a link, whatever it can still do."""
        try:
            self._invitations.read(token)
        except NoInvitation:
            return False
        return True

    def look(self, token: str) -> Invited:
        """Return what a link is for; nothing happens."""
        try:
            return self._looked(self._invitations.read(token))
        except NoInvitation:
            return Invited(standing=Standing.BAD)

    def take(self, token: str) -> Invited:
        """Take command as the person of a link, where it still can; told twice it happens once."""
        found = self.look(token)
        if found.standing is not Standing.OPEN:
            return found
        invitation = self._invitations.read(token)
        # The name is proved by the link, as a session proves one.
        by = By(identity=f"person:{invitation.person}", source=SOURCE, assurance="authenticated")
        try:
            key = f"link:{sha256_hex(token.encode())}"
            done = self._desk.accept(invitation.incident, by, key=key)
        except PawlError:
            return msgspec.structs.replace(found, standing=Standing.UNREADABLE)
        if isinstance(done, Refusal):
            return self._looked(invitation, refused=True)
        return msgspec.structs.replace(found, standing=Standing.TAKEN)

    def _looked(self, invitation: Invitation, *, refused: bool = False) -> Invited:
        now = self._now()
        try:
            incident = self._desk.get(invitation.incident)
        except NoSuchIncident:
            return Invited(standing=Standing.BAD)
        except PawlError:
            return Invited(standing=Standing.UNREADABLE)
        standing = self._standing(incident, invitation, now)
        if refused and standing is Standing.OPEN:
            standing = Standing.OTHER
        return Invited(standing=standing, title=incident.title, person=invitation.person)

    def _standing(self, incident: Incident, invitation: Invitation, now: str) -> Standing:
        person = invitation.person
        if incident.state not in ONGOING or incident.spell != invitation.spell:
            return Standing.OVER
        if incident.commander == person and not incident.unproved:
            return Standing.TAKEN
        if invitation.until <= now:
            return Standing.EXPIRED
        issued = format_time(
            parse_time(invitation.until) - timedelta(seconds=numbers().invitation_s)
        )
        if any(each.person == person and each.until and each.since >= issued
               for each in incident.commanders):  # fmt: skip
            return Standing.USED
        if incident.commander and not incident.unproved and incident.offered_to != person:
            return Standing.OTHER
        try:
            known: People = self._desk.sources.people(incident.scope)
        except PawlError:
            return Standing.UNREADABLE
        if isinstance(human(known, f"person:{person}", now), Refusal):
            return Standing.STRANGER
        return Standing.OPEN
