"""A server with a real desk of incidents, and people who have tokens for it."""

from msgspec.structs import replace
from tests.incidents.made_incidents import PEOPLE, ROSTER
from tests.server.change_team import TEAM, Wire
from tests.server.conftest import Ask, Client
from tests.services.made_incident_desk import MadeIncidents

from pawl.governance.access import Scope
from pawl.governance.ledger import PAWL
from pawl.governance.roster import Roster
from pawl.incidents.people import People
from pawl.server.site import Settings
from pawl.services.change_terms import By
from pawl.services.identity import Identity, NewToken
from pawl.services.incident_remote import RemoteIncidentDesk
from pawl.store.records.engine import Engine

PERSONS = ("ann", "leo", "sue", "pia")


class IncidentTeam:
    """The small team of the core, each with a token; `client` asks its server."""

    def __init__(self, site: Ask, identity: Identity, engine: Engine) -> None:
        self.identity = identity
        self.tokens = {name: self.token(name, Scope.INCIDENT) for name in PERSONS}
        self.people = People(roster=self._roster(), raci=PEOPLE.raci)
        self.made = MadeIncidents(engine, people=self.people)
        self.client: Client = site(base_url=TEAM, settings=Settings(host="0.0.0.0"))
        self.client.serving.incidents = self.made.desk
        self.keys = 0

    def token(self, person: str, *scopes: Scope) -> NewToken:
        """Return a new token of a person."""
        return self.identity.create(person, scopes, PAWL, days=None, note="")

    def by(self, person: str) -> By:
        """Return who gives a command as the server sees them."""
        return By(
            identity=f"token:{self.tokens[person].id}", source="token", assurance="authenticated"
        )

    def headers(self, person: str, key: str = "") -> dict[str, str]:
        """Return the headers of a request that a person makes."""
        told = {"Authorization": f"Bearer {self.tokens[person].secret}"}
        return told | ({"Idempotency-Key": key} if key else {})

    def wire(self, person: str, loses: int = 0) -> Wire:
        """Return what asks the server for a person."""
        return Wire(self.client, self.tokens[person].secret, loses)

    def desk(self, person: str, *, loses: int = 0) -> RemoteIncidentDesk:
        """Return the desk as a person's command line has it; the first `loses` answers get lost."""
        return RemoteIncidentDesk(self.wire(person, loses), self.key)

    def key(self) -> str:
        """Return a key that nobody used."""
        self.keys += 1
        return f"key-{self.keys}"

    def _roster(self) -> Roster:
        people = tuple(
            replace(each, identities=(*each.identities, f"token:{self.tokens[each.id].id}"))
            if each.id in self.tokens
            else each
            for each in ROSTER.people
        )
        return replace(ROSTER, people=people)
