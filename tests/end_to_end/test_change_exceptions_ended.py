"""An exception that ended is none: for the command, for the server, and in a report of then."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from tests.end_to_end.change_rig import Firm, firm
from tests.end_to_end.served import Served
from tests.services.made_desk import Clock, change, excepted

from pawl.app import now, records_engine
from pawl.app.change_drafts import draft
from pawl.app.change_sources import RepositorySources
from pawl.base.times import format_time, parse_time
from pawl.changes.approval import Said, Source
from pawl.changes.drafting import Plan
from pawl.changes.evidence import Evidence
from pawl.changes.gate import Requirement
from pawl.changes.handing_over import For, piece_of
from pawl.services.change_terms import By
from pawl.services.changes import ChangeDesk
from pawl.store.records.changes import ChangeRecords
from pawl.world.clock import new_id

pytestmark = pytest.mark.heavy

ADA = By(identity="git:ada@example.com", source="git-config", assurance="declared")
HOURS_AGO, LASTED = 48, 5.0
FOUND = {
    "schema": "pawl.lint/1", "failing": 2, "fail_at": "high", "unread": [],
    "looked_at": {"instructions": 1}, "unseen": [], "failed_rules": {"loud": 2},
}  # fmt: skip


class Past:
    """The desk of a firm as it was two days ago, in its real repository and records."""

    def __init__(self, shop: Firm) -> None:
        self.clock = Clock(format_time(parse_time(now()) - timedelta(hours=HOURS_AGO)))
        self.desk = ChangeDesk(
            ChangeRecords(records_engine(shop.data)), RepositorySources(shop.place),
            now=self.clock, new_id=new_id,
        )  # fmt: skip
        self.shop = shop
        self.grace = By(
            identity=f"ssh:{shop.fingerprint('grace')}",
            source=Source.SSH_SIGNATURE.value,
            assurance="authenticated",
        )

    def reviewed(self) -> str:
        """Open a change whose files do not pass, and have it approved by whoever answers for it."""
        made = draft(self.shop.place, "main", "HEAD", Plan(scope="shop"))
        known = change(self.desk.open(made.manifest, made.authors, ADA))
        asked = self.desk.asked(known.id)
        bound = For(asked.digest, asked.base_digest, self.clock(), ADA.identity)
        piece = piece_of(json.dumps(FOUND).encode(), bound, {}, form="lint", kind="", place="lint")
        assert isinstance(self.desk.add_evidence(known.id, piece, ADA), Evidence)
        change(self.desk.submit(known.id, ADA))
        said = self.desk.asked(known.id).bound
        change(
            self.desk.answer(known.id, Said.APPROVE, said, self.grace, Source.SSH_SIGNATURE, "one")
        )
        return known.id

    def excepted(self, identity: str) -> str:
        """Have the failing gate set aside for some hours, as asked by one and given by another."""
        asked = excepted(
            self.desk.request_exception(
                identity, "lint", ADA, reason="The linter is down.", owner="grace",
                compensating_control="Two people read it.", hours=LASTED,
            )
        )  # fmt: skip
        return excepted(self.desk.approve_exception(asked.id, self.grace)).id


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Firm:
    """Return a firm with a change on a branch that is checked out."""
    for name in ("PAWL_RECORDS_URL", "PAWL_SERVER", "PAWL_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    made = firm(tmp_path)
    made.git("checkout", "-qb", "work")
    made.commit({"CLAUDE.md": "BE BRIEF.\n"})
    return made


@pytest.fixture
def past(shop: Firm) -> Iterator[Past]:
    """Return its desk of two days ago."""
    made = Past(shop)
    yield made
    made.desk.close()


def test_one_that_ended_does_what_none_would(shop: Firm, past: Past, tmp_path: Path) -> None:
    """Then it let the change through, and that replays; today all ways to ask say no alike."""
    identity = past.reviewed()
    without = past.desk.check(identity, "start", ADA).decision
    given = past.excepted(identity)
    then = past.desk.check(identity, "start", ADA)
    assert then.decision.allowed
    assert past.desk.get(identity).state == "approved"
    stood = {each.gate: each.requirement for each in then.decision.gates}
    assert stood["lint"] is Requirement.OVERRIDDEN

    told = shop.told("gate", "check", identity, "--moment", "start", status=1)
    today = {each["gate"]: each["requirement"] for each in told["decision"]["gates"]}
    assert today == {each.gate: each.requirement.value for each in without.gates}
    listed = shop.told("exception", "list")["exceptions"]
    assert [each["standing"]["status"] for each in listed] == ["expired"]
    assert shop.told("change", "start", identity, status=1)["refusal"]["code"] == "blocked"

    replayed = shop.told("gate", "replay", then.decision_id)
    assert replayed["identical"]

    server = Served(tmp_path / "server")
    server.data = shop.data
    (shop.data / "pawl.toml").write_text(f"[changes]\nrepository = {json.dumps(str(shop.place))}\n")
    with server:
        said = server.json(f"/api/changes/{identity}/verdict?moment=start")["decision"]
        assert {each["gate"]: each["requirement"] for each in said["gates"]} == today
        assert said["allowed"] is False
        (shown,) = server.json("/api/exceptions")["exceptions"]
        assert (shown["exception"]["id"], shown["standing"]["status"]) == (given, "expired")
        stored = server.json(f"/api/decisions/{then.decision_id}/replay")
        assert stored["identical"]
    figures = shop.told("change", "figures", "--since", "7d")["exceptions"]
    assert (figures["given"], figures["used"]["numerator"]) == (1, 0)
    assert figures["expired"]["numerator"] == 1
