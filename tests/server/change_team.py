"""A server with a real desk of changes, and people who have tokens for it."""

from collections.abc import Mapping

import msgspec
from tests.changes.made_changes import ROSTER
from tests.server.conftest import Ask, Client
from tests.services.made_desk import Made

from pawl.base.errors import Unavailable
from pawl.changes.change import Refusal
from pawl.governance.access import Scope
from pawl.governance.ledger import PAWL
from pawl.governance.roster import Roster
from pawl.server.site import Settings
from pawl.services.change_remote import RemoteChangeDesk
from pawl.services.identity import Identity, NewToken
from pawl.store.records.engine import Engine

TEAM = "http://team.example"
ALL = (Scope.CHANGE, Scope.APPROVE, Scope.EVIDENCE)


class Team:
    """The small firm of the core, each with a token; `client` asks its server."""

    def __init__(self, site: Ask, identity: Identity, engine: Engine) -> None:
        self.identity = identity
        self.tokens = {name: self.token(name, *ALL) for name in ("ann", "leo", "sue", "deployer")}
        self.made = Made(engine, roster=self._roster())
        self.client: Client = site(
            base_url=TEAM, settings=Settings(host="0.0.0.0"), changes=self.made.desk
        )
        self.client.serving.signed = lambda desk, which, signed: Refusal(
            code="bad-signature", reasons=(f"Nobody signs {desk.get(which).id} here.",)
        )
        self.keys = 0

    def token(self, person: str, *scopes: Scope) -> NewToken:
        """Return a new token of a person."""
        return self.identity.create(person, scopes, PAWL, days=None, note="")

    def _roster(self) -> Roster:
        people = tuple(
            msgspec.structs.replace(
                each, identities=(*each.identities, f"token:{self.tokens[each.id].id}")
            )
            if each.id in self.tokens
            else each
            for each in ROSTER.people
        )
        return msgspec.structs.replace(ROSTER, people=people)

    def headers(self, person: str, key: str = "") -> dict[str, str]:
        """Return the headers of a request that a person makes."""
        told = {"Authorization": f"Bearer {self.tokens[person].secret}"}
        return told | ({"Idempotency-Key": key} if key else {})

    def desk(self, person: str, *, loses: int = 0) -> RemoteChangeDesk:
        """Return the desk as a person's command line has it; the first `loses` answers get lost."""
        return RemoteChangeDesk(Wire(self.client, self.tokens[person].secret, loses), self.key)

    def key(self) -> str:
        """Return a key that nobody used."""
        self.keys += 1
        return f"key-{self.keys}"


class Wire:
    """What asks a server, without a socket."""

    url = TEAM

    def __init__(self, client: Client, secret: str, loses: int = 0) -> None:
        self._client = client
        self._secret = secret
        self._loses = loses
        self.asked = 0

    def ask(
        self,
        method: str,
        path: str,
        parameters: Mapping[str, str],
        body: bytes | None = None,
        key: str = "",
    ) -> tuple[int, bytes]:
        """Return status and body; raises Unavailable where the answer gets lost."""
        self.asked += 1
        headers = {"Authorization": f"Bearer {self._secret}", "Content-Type": "application/json"}
        if key:
            headers["Idempotency-Key"] = key
        answer = self._client.request(
            method, path, params=dict(parameters), content=body, headers=headers
        )
        if self._loses:
            self._loses -= 1
            raise Unavailable("the answer was lost.", place=self.url)
        return answer.status_code, answer.content
