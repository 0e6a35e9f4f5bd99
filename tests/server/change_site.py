"""Real records and a real desk behind the pages on changes, with people who sign in."""

import re
from pathlib import Path
from typing import Any

from tests.server.conftest import Client
from tests.server.fakes import NOW

from pawl.base.errors import PawlError
from pawl.changes.approval import Said, Source
from pawl.changes.change import Change, Refusal
from pawl.changes.evidence import Evidence
from pawl.changes.facts import Facts
from pawl.changes.manifest import Manifest, parts_digest
from pawl.changes.policy_files import PolicyRead
from pawl.changes.verdict import Verdict
from pawl.governance.access import Scope
from pawl.governance.ledger import PAWL
from pawl.services.change_terms import By
from pawl.services.changes import ChangeDesk
from pawl.services.identity import Identity
from pawl.services.sample_changes import CI, Clock, SampleSources, Story
from pawl.services.sample_manifests import KINDER_CHAT
from pawl.services.serving_changes import pages_over
from pawl.store.records.changes import ChangeRecords
from pawl.store.records.engine import open_records
from pawl.store.records.rollouts import RolloutRecords

HERE = "http://127.0.0.1:8787"
EVERYTHING = (Scope.READ, Scope.OPERATE, Scope.CHANGE, Scope.APPROVE)


class Sources(SampleSources):
    """The sample's world, in which a test moves the base and breaks the policy."""

    def __init__(self) -> None:
        super().__init__(NOW)
        self.broken: PawlError | None = None
        self.moved = False
        self.notes: tuple[str, ...] = ()
        self.attests = True

    def policy(self, scope: str) -> PolicyRead:
        """Return the policy, or raise what a test broke it with."""
        if self.broken is not None:
            raise self.broken
        return PolicyRead(policy=super().policy(scope).policy, notes=self.notes)

    def facts(self, change: Change, now: str) -> Facts:
        """Return the world, in which the base may have moved."""
        found = super().facts(change, now)
        if not self.attests:
            found = Facts(**{**_fields(found), "attested": ()})
        return Facts(**{**_fields(found), "base_digest": "b" * 64}) if self.moved else found


class Changed:
    """A desk with its pages, on records of their own; `clock` is the time of its commands."""

    def __init__(self, folder: Path) -> None:
        self.engine = open_records(folder)
        self.sources = Sources()
        self.clock = Clock(NOW)
        self._ids = 0
        self.desk = ChangeDesk(
            ChangeRecords(self.engine), self.sources, now=self.clock.read, new_id=self._new_id
        )
        self.pages = pages_over(self.engine, self.desk, self.clock.read)

    def story(self) -> None:
        """Let the sample's story happen."""
        Story(self.desk, self.clock, RolloutRecords(self.engine)).tell()

    def in_review(self, manifest: Manifest = KINDER_CHAT) -> Change:
        """Return a change in review, with all its evidence, that only lacks approvals."""
        change = self.told(self.desk.open(manifest, ("git:ada@example.org",), by("ada")))
        change = self.told(self.desk.submit(change.id, by("ada")))
        for kind in ("evals", "lint", "cost"):
            self.evidence(change, kind)
        return change

    def evidence(self, change: Change, kind: str, **other: Any) -> None:
        """Hand over a piece of evidence."""
        payload: dict[str, Any] = {"sets": {"recurrence": "7" * 64}} if kind == "evals" else {}
        fields: dict[str, Any] = {
            "id": "", "kind": kind, "digest": change.digest,
            "base_digest": parts_digest(change.manifest.base), "verdict": Verdict.PASS,
            "produced_at": NOW, "recorded_at": NOW, "producer": "", "payload_digest": "",
            "payload": {"share": 0.04} if kind == "cost" else payload, "events": 500,
        }  # fmt: skip
        assert isinstance(
            self.desk.add_evidence(change.id, Evidence(**{**fields, **other}), CI), Evidence
        )

    def rolling(self, manifest: Manifest = KINDER_CHAT) -> Change:
        """Return a change at its first stage."""
        change = self.in_review(manifest)
        bound = self.desk.asked(change.id).bound
        self.told(self.desk.answer(change.id, Said.APPROVE, bound, by("grace"), Source.SESSION))
        return self.told(self.desk.start(change.id, by("ada")))

    def told(self, said: object) -> Change:
        """Return what a command came to; it must not be refused."""
        assert not isinstance(said, Refusal), said
        assert isinstance(said, Change)
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


def sign_in(
    client: Client, identity: Identity, person: str, scopes: tuple[Scope, ...] = EVERYTHING
) -> None:
    """Sign a person in; the client keeps the session."""
    token = identity.create(person, scopes, PAWL, days=1, note="")
    answer = client.post("/login", data={"token": token.secret}, headers={"origin": HERE})
    assert answer.status_code == 303, answer.text


def form(text: str, action: str, **wanted: str) -> dict[str, str]:
    """Return the hidden fields of the form with an action that has fields of these values."""
    for found in re.findall(rf'<form[^>]*action="{re.escape(action)}"[^>]*>.*?</form>', text, re.S):
        fields = dict(re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', found))
        if wanted.items() <= fields.items():
            return fields
    raise AssertionError(f"no form of {action} with {wanted}")


def _fields(facts: Facts) -> dict[str, Any]:
    return {name: getattr(facts, name) for name in Facts.__struct_fields__}
