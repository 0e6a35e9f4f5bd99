"""Who says so, from end to end: a real repository, real records, real ssh-keygen, a fake GitHub."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.app.test_change_sources import Repository
from tests.services.test_ci_tokens import TEXT, claims, keyring, token
from tests.world.host.fake_api import FakeApi, serving_api
from tests.world.host.fake_reviews import PULL, fake_github, github_commit, github_review
from tests.world.made_keys import Key, made_key

from pawl.app import now, records_engine
from pawl.app.approvals import (
    bound,
    bring_reviews,
    bring_signed,
    deployed,
    policy_since,
    read_signed_file,
    rebuilt,
    review_host,
    sign,
)
from pawl.app.change_drafts import draft
from pawl.app.changing import desk_of
from pawl.app.hooks import ci_trust, github_hook, server_hooks
from pawl.app.identity import identity_on
from pawl.base.errors import BadValue, CannotTell
from pawl.base.times import parse_time
from pawl.changes.approval import Said, Stale
from pawl.changes.change import Change, Refusal, State
from pawl.changes.drafting import Plan
from pawl.changes.evidence import PREDICATE, STATEMENT, Evidence
from pawl.changes.manifest import Risk, manifest_digest
from pawl.changes.signed_statement import SignedApproval
from pawl.services.approvals import Brought, bound_manifest
from pawl.services.change_terms import By
from pawl.services.hooks import Hooks, UsedTokens

ADA = By(identity="git:ada@example.com", source="git-config", assurance="declared")


class Firm:
    """A repository with people and policy, a desk, and pull request 7 of its branch `work`."""

    def __init__(self, folder: Path) -> None:
        self.repository = Repository(folder / "shop")
        self.place = self.repository.place
        self.leo, self.ada = made_key(folder, "leo"), made_key(folder, "ada")
        self.repository.commit(
            {
                "CLAUDE.md": "Be kind.\n",
                ".pawl/roster.yaml": roster(self.ada, self.leo),
                ".pawl/allowed_signers": f"ada@x {self.ada.public}\nleo@x {self.leo.public}\n",
            }
        )
        self.repository.git("checkout", "-q", "-b", "work")
        self.head = self.repository.commit({"CLAUDE.md": "Be kind and brief.\n"})
        self.desk = desk_of(folder / "data", self.place, once=False)
        self.data = folder / "data"
        self.change = ""

    def opened(self) -> Change:
        """Open the change that the branch is, and ask for its review."""
        return self.submitted(told(self.desk.open(*self.drafted(), ADA)).id)

    def drafted(self) -> tuple[Any, tuple[str, ...]]:
        """Return the manifest of the branch, of high risk, and its authors."""
        found = draft(self.place, "main", "work", Plan(title="Brief", declared_risk=Risk.HIGH))
        return found.manifest, found.authors

    def submitted(self, id: str) -> Change:
        """Ask for a review."""
        return told(self.desk.submit(id, ADA))

    def reviewed(self, change: Change, host: FakeApi) -> Brought:
        """Read the reviews of the pull request."""
        host.answers[f"GET {PULL}"]["head"]["sha"] = self.head
        for review in host.answers[f"GET {PULL}/reviews"]:
            review["commit_id"] = review["commit_id"].replace("a" * 40, self.head)
        with serving_api(host) as url:
            return bring_reviews(
                self.desk, self.place, change.id, "github:acme/shop#7", url=url,
                environment={"GITHUB_TOKEN": "t"},
            )  # fmt: skip

    def signed(self, change: Change, key: Key, said: Said = Said.APPROVE) -> SignedApproval:
        """Return a statement on what is asked now."""
        return sign(self.desk, change.id, said, key.path)

    def bring(self, change: Change, statement: SignedApproval) -> Change | Refusal:
        """Hand a statement to the desk."""
        return bring_signed(self.desk, self.place, change.id, statement)

    def states(self, id: str) -> dict[str, Stale]:
        """Return how the answers to a change stand at its gate."""
        decision = self.desk.check(id, "approve", ADA).decision
        change = self.desk.get(id)
        by_id = {each.id: each.identity for each in change.answers}
        return {by_id[each.approval]: each.state for each in decision.answers}


def roster(ada: Key, leo: Key) -> str:
    """Return who is who: ada writes, with a second account and an agent; leo leads."""
    return f"""\
schema: pawl.roster/1
people:
  - id: ada
    identities: ["git:ada@example.com", "github:1", "github:11", "ssh:{ada.fingerprint}"]
  - id: leo
    identities: ["git:leo@example.com", "github:2", "ssh:{leo.fingerprint}"]
  - {{id: lia, identities: ["github:5"]}}
  - {{id: coder, kind: agent, sponsor: leo, identities: ["git:coder@example.com", "github:90"]}}
grants:
  - {{person: ada, role: product-lead}}
  - {{person: ada, role: product-eng}}
  - {{person: leo, role: product-lead}}
  - {{person: lia, role: product-lead}}
  - {{person: coder, role: product-lead}}
"""


def told(found: Change | Refusal) -> Change:
    """Return a change where a command worked."""
    assert isinstance(found, Change), found
    return found


@pytest.fixture
def firm(tmp_path: Path) -> Iterator[Firm]:
    """A firm, whose desk is closed afterwards."""
    made = Firm(tmp_path)
    yield made
    made.desk.close()


def reviews(*said: tuple[int, str], commits: Any = None) -> FakeApi:
    """Return a GitHub on which accounts reviewed the head just now."""
    at = now()
    listed = [github_review(n, user, what, at) for n, (user, what) in enumerate(said, 1)]
    return fake_github(listed, commits or [github_commit("ada@example.com")])


def test_a_review_and_a_signature_each_approve(firm: Firm) -> None:
    """A review of the head is recorded once by its account; reading again changes nothing."""
    change = firm.opened()
    host = reviews((2, "APPROVED"))
    found = firm.reviewed(change, host)
    assert (found.recorded, found.refused) == (1, ())
    assert firm.states(change.id)["github:2"] is Stale.COUNTS
    version = firm.desk.get(change.id).version
    again = firm.reviewed(change, host)
    assert (again.recorded, again.taken_back, again.change.version) == (0, 0, version)


def test_a_statement_travels_as_a_file(firm: Firm, tmp_path: Path) -> None:
    """A statement is signed offline, read from its file, recorded once, and withdrawn for good."""
    change = firm.opened()
    path = tmp_path / "approval.json"
    path.write_bytes(msgspec.json.encode(firm.signed(change, firm.leo)))
    statement = read_signed_file(path)
    once = told(firm.bring(change, statement))
    (answer,) = once.answers
    assert answer.identity == f"ssh:{firm.leo.fingerprint}"
    assert firm.states(change.id)[answer.identity] is Stale.COUNTS
    assert told(firm.bring(change, statement)).answers == once.answers
    by = By(identity=answer.identity, source="ssh-signature", assurance="authenticated")
    told(firm.desk.revoke(change.id, answer.id, by))
    again = firm.bring(change, statement)
    assert isinstance(again, Refusal)
    assert again.code == "taken-back"


def test_a_dismissed_review_is_taken_back(firm: Firm) -> None:
    """What the host dismissed after it was recorded counts no more, and is not given again."""
    change = firm.opened()
    firm.reviewed(change, reviews((2, "APPROVED")))
    found = firm.reviewed(change, reviews((2, "DISMISSED")))
    assert found.taken_back == 1
    assert firm.states(change.id)["github:2"] is Stale.REVOKED
    assert firm.reviewed(change, reviews((2, "APPROVED"))).recorded == 0


def test_an_edit_after_approval_voids_it(firm: Firm) -> None:
    """Story 1: after an edit neither review nor statement counts, nor can either be used again."""
    change = firm.opened()
    host = reviews((2, "APPROVED"))
    statement = firm.signed(change, firm.leo)
    told(firm.bring(change, statement))
    firm.reviewed(change, host)
    firm.head = firm.repository.commit({"CLAUDE.md": "Be brief.\n"})
    told(firm.desk.edit(change.id, *firm.drafted(), ADA))
    edited = firm.submitted(change.id)
    assert edited.digest != change.digest
    assert set(firm.states(change.id).values()) == {Stale.EDITED}
    old = firm.reviewed(edited, host)
    assert old.recorded == 0
    assert "before" in old.left_out[0].reason or "given on" in old.left_out[0].reason
    refused = firm.bring(change, statement)
    assert isinstance(refused, Refusal)
    assert edited.state is not State.APPROVED


def test_no_author_approves_under_any_name(firm: Firm) -> None:
    """Story 2: not by a second account, not as a co-author, not by their own agent, nor signed."""
    change = firm.opened()
    commits = [
        github_commit("ada@example.com", "x\n\nCo-authored-by: Lia <l@example.com>"),
        github_commit("coder@example.com", account=90),
        github_commit("x@example.com", account=5),
    ]
    found = firm.reviewed(
        change, reviews((11, "APPROVED"), (2, "APPROVED"), (5, "APPROVED"), commits=commits)
    )
    assert {"github:90", "git:coder@example.com", "github:5", "git:l@example.com"} <= {
        *found.change.authors
    }
    told_of = firm.states(change.id)
    # Leo answers for the agent that wrote some of it, and lia wrote some herself.
    for identity in ("github:11", "github:2", "github:5"):
        assert told_of.get(identity, Stale.AUTHOR) is Stale.AUTHOR
    statement = firm.signed(found.change, firm.ada)
    own = firm.bring(change, statement)
    told_of = firm.states(change.id)
    assert isinstance(own, Refusal) or told_of[f"ssh:{firm.ada.fingerprint}"] is Stale.AUTHOR
    assert firm.desk.get(change.id).state is State.IN_REVIEW


def test_a_host_that_fails_records_nothing(firm: Firm) -> None:
    """Where the second list cannot be read, the review of the first is not recorded either."""
    change = firm.opened()
    host = reviews((2, "APPROVED"))
    del host.answers[f"GET {PULL}/commits"]
    with pytest.raises((CannotTell, BadValue)):
        firm.reviewed(change, host)
    assert firm.desk.get(change.id).answers == ()


def test_the_head_gives_the_digest(firm: Firm) -> None:
    """A branch's head, and the commit that merges it, give the change's digest; others do not."""
    change = firm.opened()

    def digest_at(commit: str) -> str:
        return manifest_digest(bound_manifest(change.manifest, *rebuilt(firm.place, commit)))

    assert digest_at(firm.head) == change.digest
    firm.repository.git("checkout", "-q", "main")
    firm.repository.git("merge", "-q", "--no-ff", "-m", "merged", "work")
    merged = firm.repository.git("rev-parse", "HEAD")
    assert digest_at(merged) == change.digest
    more = firm.repository.commit({"other.md": "x"})
    assert digest_at(more) != change.digest
    with pytest.raises(CannotTell):
        rebuilt(firm.place, "f" * 40)


def test_a_deployment_rests_on_what_the_protected_branch_was(firm: Firm) -> None:
    """A commit from the middle of a branch holds more than it changes, and is not deployed.

    Merged, such a branch may have taken the rest back; the commit within still has it.
    """
    git = firm.repository.git
    evil = firm.repository.commit({"CLAUDE.md": "Be unkind.\n"})
    inner = firm.repository.commit({"docs.md": "Benign.\n"})
    firm.repository.commit({"CLAUDE.md": "Be kind.\n"})
    git("checkout", "-q", "main")
    git("merge", "-q", "--no-ff", "-m", "merged", "work")
    merged = git("rev-parse", "HEAD")
    assert deployed(firm.place, merged) == rebuilt(firm.place, merged)
    git("checkout", "-q", "-b", "next")
    ahead = firm.repository.commit({"more.md": "x"})
    assert deployed(firm.place, ahead) == rebuilt(firm.place, ahead)
    git("checkout", "-q", "-b", "side", evil)
    beside = firm.repository.commit({"docs.md": "Benign.\n"})
    for commit in (inner, beside):
        assert list(rebuilt(firm.place, commit)[0]) == ["code/docs.md"]
        with pytest.raises(CannotTell, match="never was"):
            deployed(firm.place, commit)


def test_answers_are_not_older_than_the_policy(firm: Firm) -> None:
    """What was said before the policy came is about another policy."""
    change = firm.opened()
    assert policy_since(firm.place) is None
    before = bound(firm.desk, firm.place, firm.desk.asked(change.id))
    assert before.since >= (change.submitted_at or "")
    firm.repository.git("checkout", "-q", "main")
    text = (Path(__file__).parents[2] / "src/pawl/changes/terms.yaml").read_text()
    firm.repository.commit({".pawl/change-terms.yaml": text, ".pawl/notes.md": "x"})
    came = policy_since(firm.place)
    assert came is not None
    firm.repository.commit({".pawl/roster.yaml": roster(firm.ada, firm.leo) + "# more\n"})
    assert policy_since(firm.place) == came


def test_only_whole_names_of_pull_requests_are_taken() -> None:
    """A pull request is named with its host, its repository and its number."""
    for name in (
        "acme/shop#7",
        "github:acme/shop",
        "github:acme/shop#0",
        "gitlab:a/b#7",
        "x:a/b#7",
    ):
        with pytest.raises(BadValue):
            review_host(name, None, {})
    for name in ("github:acme/shop#7", "gitlab:acme/deep/shop!7"):
        review_host(name, None, {}).telling.close()


def test_hooks_are_as_the_protected_branch_says(
    firm: Firm, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Whom to hear comes from the protected branch and this machine; without a secret nobody."""
    assert ci_trust(firm.place) is None
    assert github_hook(firm.data, firm.desk, firm.place) is None
    monkeypatch.setenv("PAWL_GITHUB_WEBHOOK_SECRET", "short")
    with pytest.raises(BadValue, match="16"):
        github_hook(firm.data, firm.desk, firm.place)
    monkeypatch.setenv("PAWL_GITHUB_WEBHOOK_SECRET", "a secret of the webhook")
    with pytest.raises(BadValue, match="GitHub"):
        github_hook(firm.data, firm.desk, firm.place)
    firm.repository.git("checkout", "-q", "main")
    trusted = "schema: pawl.ci-trust/1\naudience: ours\ntrusted: []\n"
    firm.repository.commit({".pawl/ci.yaml": trusted})
    assert ci_trust(firm.place) is not None
    engine = records_engine(tmp_path / "hooks")
    try:
        assert server_hooks(firm.data, engine, firm.desk) is None
        settings = f'[changes]\nrepository = "{firm.place}"\ngithub = "acme/shop"\n'
        (firm.data / "pawl.toml").write_text(settings)
        hooks = server_hooks(firm.data, engine, firm.desk)
        assert hooks is not None
        assert hooks.github is not None
        assert not hooks.github.judge(firm.head).allowed
        refused = hooks.evidence("chg", "a.b.c", b"{}")
        assert isinstance(refused, Refusal)
        assert refused.code == "bad-token"
    finally:
        engine.dispose()


def test_a_job_of_ci_hands_evidence_to_the_desk(firm: Firm, tmp_path: Path) -> None:
    """A trusted workflow's token records evidence of its own, once, and approves nothing."""
    change = firm.opened()
    firm.repository.git("checkout", "-q", "main")
    firm.repository.commit({".pawl/ci.yaml": TEXT})
    engine = records_engine(tmp_path / "data")
    at = now()
    second = int(parse_time(at).timestamp())
    said = {"iat": second - 5, "nbf": second - 5, "exp": second + 300}
    hooks = Hooks(
        remembering=identity_on(engine),
        now=now,
        trust=lambda: ci_trust(firm.place),
        keyring=keyring(),
        used=UsedTokens(engine, now),
        desk=firm.desk,
    )
    statement = msgspec.json.encode(
        {
            "_type": STATEMENT,
            "subject": [{"name": "change", "digest": {"sha256": change.digest}}],
            "predicateType": PREDICATE,
            "predicate": {
                "kind": "lint",
                "base": firm.desk.asked(change.id).base_digest,
                "verdict": "pass",
                "producedAt": at,
                "producer": "me",
                "events": 3,
                "payload": {},
            },
        }
    )
    try:
        proof = token(claims(**said))
        taken = hooks.evidence(change.id, proof, statement)
        assert isinstance(taken, Evidence), taken
        assert isinstance(hooks.evidence(change.id, proof, statement), Refusal)
    finally:
        engine.dispose()
    (piece,) = firm.desk.evidence_of(change.id)
    assert piece.producer == "ci:github:1234/checks.yml@refs/heads/main"
    assert firm.desk.get(change.id).answers == ()
