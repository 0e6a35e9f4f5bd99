"""Changes and gates over HTTP: the same desk, asked by people with tokens."""

import inspect
import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace
from tests.changes.made_changes import POLICY, evidence, manifest
from tests.server.change_team import TEAM, Team
from tests.server.conftest import Ask, csrf_in
from tests.services.made_desk import change

from pawl.base.errors import BadValue, CannotTell, Unavailable
from pawl.changes.approval import Said, Source
from pawl.changes.change import Change, Refusal, State
from pawl.changes.evidence import Evidence
from pawl.changes.manifest import Risk, parts_digest
from pawl.changes.rollout import StageVerdict
from pawl.changes.signed_statement import SignedApproval
from pawl.changes.stage_metrics import Judgement
from pawl.governance.access import Scope
from pawl.governance.exceptions import Declared, GateException
from pawl.governance.ledger import PAWL
from pawl.governance.roster import Grant
from pawl.server.api import commanding
from pawl.services.change_remote import RemoteChangeDesk
from pawl.services.change_terms import By, NoSuchChange
from pawl.services.changes import ChangeDesk
from pawl.services.identity import Identity
from pawl.store.records.engine import open_records
from pawl.store.records.rollouts import RolloutRecords

ANY = By(identity="", source="", assurance="declared")


@pytest.fixture
def team(site: Ask, identity: Identity, tmp_path: Path) -> Iterator[Team]:
    """Return a team with a server."""
    engine = open_records(tmp_path / "changes")
    yield Team(site, identity, engine)
    engine.dispose()


def sent(plan: Any = None, **more: Any) -> dict[str, Any]:
    """Return the body that proposes a change."""
    told: dict[str, Any] = msgspec.to_builtins({"manifest": plan or manifest(), **more})
    return told


def proved(team: Team, known: Change) -> None:
    """Hand over evidence of every kind, as a machine does."""
    for kind in ("evals", "lint", "cost"):
        piece = evidence(known.manifest, kind, produced_at=team.made.clock())
        assert isinstance(team.desk("deployer").add_evidence(known.id, piece, ANY), Evidence)


def reviewed(team: Team, plan: Any = None) -> Change:
    """Return a change of ann's in review."""
    desk = team.desk("ann")
    known = change(desk.open(plan or manifest(), (), ANY))
    proved(team, known)
    return change(desk.submit(known.id, ANY))


def approved(team: Team, known: Change) -> Change | Refusal:
    """Return what leo's approval of what is asked now comes to."""
    desk = team.desk("leo")
    bound = desk.asked(known.id).bound
    return desk.answer(known.id, Said.APPROVE, bound, ANY, Source.SESSION)


def test_no_command_is_left_out() -> None:
    """Whatever the desk can do, the one behind a server can, with the same arguments."""
    for name, method in inspect.getmembers(ChangeDesk, inspect.isfunction):
        if name.startswith("_"):
            continue
        remote = getattr(RemoteChangeDesk, name)
        assert remote is not method, f"{name} would ask records that are not there"
        assert list(inspect.signature(remote).parameters) == list(
            inspect.signature(method).parameters
        ), name


def judge(team: Team, change: str, verdict: StageVerdict) -> None:
    said = Judgement(verdict=verdict.verdict, reason=verdict.reason, events=verdict.events)
    RolloutRecords(team.made.engine).judge(change, verdict, said, PAWL)


def test_a_change_goes_all_the_way_and_back(team: Team) -> None:
    """Opened, reviewed, approved, out, live, back: the command line sees what the server has."""
    known = approved(team, reviewed(team, replace(manifest(), declared_risk=Risk.MEDIUM)))
    assert isinstance(known, Change)
    assert known.state is State.APPROVED
    assert known.answers[0].identity == f"token:{team.tokens['leo'].id}"
    desk = team.desk("deployer")
    known = change(desk.start(known.id, ANY))
    for number in range(len(known.manifest.rollout.stages)):
        team.made.clock.wind(hours=1)
        verdicts = (team.made.verdict(known, number),)
        step = partial(desk.advance, known.id, verdicts, ANY)
        if number == 0:
            # Nobody's word is a verdict: it must be what telemetry gave, and is on record.
            assert isinstance(step(), Refusal)
        judge(team, known.id, verdicts[0])
        if number < len(known.manifest.rollout.stages) - 1:
            known = change(step())
        else:
            read_back = parts_digest(known.manifest.parts)
            known = change(desk.finish(known.id, verdicts, read_back, ANY))
    assert known.state is State.LIVE
    assert known == team.made.desk.get(known.id) == desk.get(known.id)
    name = next(iter(known.manifest.parts))
    assert desk.live(name) == team.made.desk.live(name)
    assert desk.registry() == team.made.desk.registry()
    known = change(desk.roll_back(known.id, "worse", ANY))
    known = change(desk.confirm(known.id, parts_digest(known.manifest.base), ANY))
    assert known.state is State.ROLLED_BACK
    assert desk.timeline(known.id) == team.made.desk.timeline(known.id)
    assert desk.list((State.ROLLED_BACK, State.LIVE)) == (known,)
    assert desk.list((State.DRAFT,)) == ()
    assert desk.counts()[State.ROLLED_BACK] == 1
    window = ("2026-01-01T00:00:00.000000Z", "2027-01-01T00:00:00.000000Z")
    assert desk.figures(*window) == team.made.desk.figures(*window)


def test_a_session_is_not_enough_for_a_change_of_high_risk(team: Team) -> None:
    """It is heard, shown with its reason, and does not count: that is the core's to say."""
    known = approved(team, reviewed(team))
    assert isinstance(known, Change)
    assert (known.state, len(known.answers)) == (State.IN_REVIEW, 1)
    told = " ".join(text for _, text in team.desk("leo").explain(known.id, "approve"))
    assert "not enough for a change of high risk" in told


def test_an_approval_of_what_it_no_longer_is_gets_a_409_that_names_what_it_is(
    team: Team,
) -> None:
    """Digest, base and policy are asked for; the new ones are in the answer, for both readers."""
    known = reviewed(team)
    before = team.desk("leo").asked(known.id)
    body = {
        "said": "approve",
        "digest": before.digest,
        "base_digest": before.base_digest,
        "policy_digest": before.policy_digest,
    }
    edited = replace(known.manifest, title="Another title")
    change(team.desk("ann").edit(known.id, edited, (), ANY))
    change(team.desk("ann").submit(known.id, ANY))
    now = team.made.desk.asked(known.id)
    path, headers = f"/api/changes/{known.id}/answers", team.headers("leo")
    answer = team.client.post(path, json=body, headers=headers)
    assert answer.status_code == 409
    assert answer.json()["now"]["digest"] == now.digest != before.digest
    assert answer.json()["error"]["hint"]
    told = team.desk("leo").answer(known.id, Said.APPROVE, before.bound, ANY, Source.SESSION)
    assert isinstance(told, Refusal)
    assert now.digest in told.hint
    for name in ("base_digest", "policy_digest"):
        other = body | {"digest": now.digest, name: "0" * 64}
        wrong = team.client.post(path, json=other, headers=headers)
        assert wrong.status_code == 409
        assert wrong.json()["now"][name] == getattr(now, name)
    for name in ("digest", "base_digest", "policy_digest"):
        part = {key: value for key, value in body.items() if key != name}
        assert team.client.post(path, json=part, headers=headers).status_code == 400
    assert team.made.desk.get(known.id).answers == ()


@pytest.mark.parametrize("time", ["!", "2026-13-01", "0001-01-01T00:00:00+14:00", "9" * 400])
def test_what_is_no_time_is_not_put_on_record(team: Team, time: str) -> None:
    """A claim that does not read would stay in the ledger, and no figure could be made any more."""
    known = approved(team, reviewed(team, replace(manifest(), declared_risk=Risk.MEDIUM)))
    assert isinstance(known, Change)
    change(team.desk("deployer").start(known.id, ANY))
    found = {
        "kind": "lint", "digest": known.digest, "base_digest": "0" * 64, "verdict": "pass",
        "produced_at": time,
    }  # fmt: skip
    for path, body in (
        (f"/api/changes/{known.id}/rollback", {"reason": "worse", "trigger_at": time}),
        (f"/api/changes/{known.id}/evidence", found),
        ("/api/drills", {"component": "prompt", "succeeded": True, "at": time}),
    ):
        answer = team.client.post(path, json=body, headers=team.headers("deployer"))
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, "bad-value"), path
    assert team.made.desk.get(known.id).state is State.ROLLING_OUT
    assert team.client.get("/api/change-figures", headers=team.headers("ann")).status_code == 200


def test_who_asks_is_the_token_and_never_the_body(team: Team) -> None:
    """Nobody approves their own change, or as somebody else, whatever they send."""
    known = reviewed(team)
    own = team.desk("ann").answer(
        known.id,
        Said.APPROVE,
        team.desk("ann").asked(known.id).bound,
        By(identity="session:leo", source="session", assurance="authenticated"),
        Source.SESSION,
    )
    state = own.state if isinstance(own, Change) else own.code
    assert state in (State.IN_REVIEW, "not-allowed")
    headers = team.headers("ann")
    body = sent() | {"by": {"identity": "session:leo"}}
    assert team.client.post("/api/changes", json=body, headers=headers).status_code == 400
    with pytest.raises(BadValue, match="read by the server itself"):
        team.desk("leo").answer(known.id, Said.APPROVE, ("", "", ""), ANY, Source.PROVIDER_REVIEW)


def test_a_signed_answer_is_handed_on_whole(team: Team) -> None:
    """What was signed reaches whoever verifies it; where nobody does, the address says so."""
    known = reviewed(team)
    signed = SignedApproval(statement="{}", signature="x")
    told = team.desk("leo").bring_signed(known.id, signed)
    assert isinstance(told, Refusal)
    assert told.code == "bad-signature"
    team.client.serving.signed = None
    with pytest.raises(NoSuchChange, match="whose keys count"):
        team.desk("leo").bring_signed(known.id, signed)


def test_a_token_that_nobody_in_the_roster_has_is_refused(team: Team) -> None:
    """The scope lets the request in; the roster, not the token, says who may."""
    team.tokens["eve"] = team.token("leo", Scope.CHANGE, Scope.APPROVE)
    answer = team.client.post("/api/changes", json=sent(), headers=team.headers("eve"))
    assert answer.status_code == 403
    assert answer.json()["refusal"]["code"] == "not-allowed"
    told = team.desk("eve").open(manifest(), (), ANY)
    assert isinstance(told, Refusal)


@pytest.mark.parametrize("scopes", [(Scope.READ,), (Scope.CHANGE,), (Scope.EVIDENCE,)])
def test_only_a_token_that_may_approve_answers(team: Team, scopes: tuple[Scope, ...]) -> None:
    """Whoever only proposes, looks or hands evidence over cannot, though the roster lets them."""
    known = reviewed(team)
    team.tokens["leo"] = team.token("leo", *scopes)
    for word in ("answers", "reject", "attest", "break-glass"):
        path = f"/api/changes/{known.id}/{word}"
        answer = team.client.post(path, json={}, headers=team.headers("leo"))
        assert (answer.status_code, answer.json()["error"]["code"]) == (403, "scope-missing")
    with pytest.raises(BadValue) as caught:
        approved(team, known)
    assert caught.value.place == "PAWL_TOKEN"


def test_nobody_in_particular_decides_nothing(site: Ask, team: Team, tmp_path: Path) -> None:
    """At the machine itself everybody reads, and a change takes somebody with a name."""
    local = site(changes=team.made.desk)
    assert local.get("/api/changes").status_code == 200
    refused = local.post("/api/changes", json=sent())
    assert refused.status_code == 401
    assert "scope change" in refused.json()["error"]["hint"]
    assert team.made.desk.list() == ()


def test_a_session_needs_its_proof_here_too(team: Team) -> None:
    """A browser's cookie alone changes nothing; with the proof in the header it does."""
    team.client.post("/login", data={"token": team.tokens["ann"].secret})
    proof = csrf_in(team.client.get("/cost").text)
    assert team.client.post("/api/changes", json=sent()).status_code == 403
    wrong = {"X-CSRF-Token": "0" * 64}
    assert team.client.post("/api/changes", json=sent(), headers=wrong).status_code == 403
    body = {**sent(), "csrf": proof}
    assert team.client.post("/api/changes", json=body).status_code == 403
    assert team.made.desk.list() == ()
    right = {"X-CSRF-Token": proof}
    answer = team.client.post("/api/changes", json=sent(), headers=right)
    # Whoever signed in is session:ann, whom the roster of this firm does not list.
    assert answer.json()["refusal"]["code"] == "not-allowed"


def test_the_same_request_under_a_key_is_answered_the_same_and_done_once(team: Team) -> None:
    """A replay returns the stored bytes and says so; another body under the key is refused."""
    headers = team.headers("ann", key="k-1")
    first = team.client.post("/api/changes", json=sent(), headers=headers)
    assert first.status_code == 201
    again = team.client.post("/api/changes", json=sent(), headers=headers)
    assert (again.status_code, again.content) == (201, first.content)
    assert again.headers["idempotency-replayed"] == "true"
    assert "idempotency-replayed" not in first.headers
    other = sent(replace(manifest(), title="Another"))
    refused = team.client.post("/api/changes", json=other, headers=headers)
    assert (refused.status_code, refused.json()["error"]["code"]) == (422, "key-reused")
    elsewhere = f"/api/changes/{first.json()['id']}/submit"
    assert team.client.post(elsewhere, json=sent(), headers=headers).status_code in (400, 422)
    assert len(team.made.desk.list()) == 1
    theirs = team.client.post("/api/changes", json=sent(), headers=team.headers("leo", "k-1"))
    assert theirs.status_code == 201
    assert theirs.json()["id"] != first.json()["id"]


def test_a_refusal_is_kept_as_well_and_a_failure_is_not(team: Team) -> None:
    """What was decided is told again; what could not be decided may be tried again."""
    known = change(team.desk("ann").open(manifest(), (), ANY))
    path = f"/api/changes/{known.id}/start"
    headers = team.headers("deployer", key="k-2")
    first = team.client.post(path, headers=headers)
    assert first.status_code == 409
    again = team.client.post(path, headers=headers)
    assert again.headers["idempotency-replayed"] == "true"
    team.made.world.policy_read = CannotTell("the policy does not read.", place="gates.yaml")
    headers = team.headers("ann", key="k-3")
    path = f"/api/changes/{known.id}/submit"
    failed = team.client.post(path, headers=headers)
    assert (failed.status_code, failed.json()["error"]["code"]) == (503, "cannot-tell")
    with pytest.raises(CannotTell, match="does not read"):
        team.desk("ann").submit(known.id, ANY)
    team.made.world.policy_read = POLICY
    assert team.client.post(path, headers=headers).status_code == 200


def test_a_lost_answer_is_asked_for_again_and_nothing_happens_twice(team: Team) -> None:
    """The command line sends the same key until it is answered, and gives up at last."""
    known = change(team.desk("ann", loses=2).open(manifest(), (), ANY))
    assert team.made.desk.list() == (known,)
    with pytest.raises(Unavailable, match="lost"):
        team.desk("ann", loses=3).withdraw(known.id, "wrong", ANY)
    assert team.made.desk.get(known.id).state is State.WITHDRAWN


def test_gates_are_asked_kept_and_replayed(team: Team) -> None:
    """A check is stored and judged again to the same bytes; a look leaves nothing behind."""
    known = reviewed(team)
    desk = team.desk("ann")
    before = desk.recent_decisions()
    looked = desk.look(known.id, "approve")
    assert desk.recent_decisions() == before
    checked = desk.check(known.id, "approve", ANY)
    assert checked.decision.allowed == looked.decision.allowed is False
    assert desk.decision(checked.decision_id) == checked.decision
    assert checked.decision_id in [each.decision_id for each in desk.decisions_of(known.id)]
    replayed = desk.replay(checked.decision_id)
    assert replayed.identical
    assert replayed == team.made.desk.replay(checked.decision_id)
    assert desk.explain(known.id, "start") == team.made.desk.explain(known.id, "start")
    assert [each.kind for each in desk.evidence_of(known.id)] == ["evals", "lint", "cost"]
    assert desk.simulate(POLICY, 10) == team.made.desk.simulate(POLICY, 10)


def test_exceptions_go_the_same_way(team: Team) -> None:
    """Asked for by one, given by another, ended; all of it is listed with how it stands."""
    known = reviewed(team)
    rule = team.made.desk.look(known.id, "approve").decision.gates[0].gate
    asked = team.desk("ann").request_exception(
        known.id, rule, ANY, reason="the service is down", owner="ann",
        compensating_control="watched by hand", hours=2,
    )  # fmt: skip
    if isinstance(asked, GateException):
        given = team.desk("sue").approve_exception(asked.id, ANY)
        assert isinstance(given, GateException | Refusal)
        assert team.desk("sue").exceptions(known.id) == team.made.desk.exceptions(known.id)
        ended = team.desk("sue").revoke_exception(asked.id, ANY)
        assert isinstance(ended, GateException | Refusal)
    else:
        assert asked.reasons
    refused = team.desk("sue").break_glass(
        known.id, rule, ANY, incident="inc-1", reason="down", compensating_control="x", hours=1
    )
    assert isinstance(refused, Refusal)
    with pytest.raises(NoSuchChange):
        team.desk("sue").ratify_exception("exc_none", ANY)


def test_emergencies_go_the_same_way(team: Team) -> None:
    """Declared by whoever holds the role, listed, and ended by somebody else."""
    team.made.world.people = msgspec.structs.replace(
        people := team.made.world.roster(),
        grants=(*people.grants, Grant(person="sue", role="incident-commander")),
    )
    known = reviewed(team)
    said = team.desk("leo").declare_emergency(known.id, ANY, severity=1, why="down")
    assert isinstance(said, Refusal)
    told = team.desk("sue", loses=1).declare_emergency(known.id, ANY, severity=1, why="down")
    assert isinstance(told, Declared)
    assert team.desk("ann").emergencies() == (told,) == team.made.desk.emergencies()
    glass = team.desk("sue").break_glass(
        known.id, "approvals", ANY, incident=told.emergency.id, reason="down",
        compensating_control="x", hours=1,
    )  # fmt: skip
    assert isinstance(glass, GateException)
    ended = team.desk("leo").end_emergency(told.emergency.id, ANY)
    assert (ended,) == team.made.desk.emergencies()


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", 400),
        (b"[]", 400),
        (b"\xff", 400),
        (b"[" * 100_000, 400),
        (b'{"manifest": 1}', 400),
        (b'{"reason": "x", "else": 1}', 400),
        (b'{"reason": ""}', 400),
        (b'{"reason": "' + b"x" * 2_001 + b'"}', 400),
        (b'{"reason": NaN}', 400),
    ],
)
def test_a_body_that_does_not_read_is_refused_with_its_place(
    team: Team, body: bytes, status: int
) -> None:
    """Cut, of another form, deep, with what nobody knows: named, and nothing happens."""
    known = change(team.desk("ann").open(manifest(), (), ANY))
    headers = team.headers("ann") | {"Content-Type": "application/json"}
    path = f"/api/changes/{known.id}/withdraw"
    answer = team.client.post(path, content=body, headers=headers)
    assert answer.status_code == status
    assert answer.json()["error"]["place"]
    assert team.made.desk.get(known.id) == known


def test_bodies_are_bounded_and_of_one_type(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    """Too many bytes, another media type, a key that is too long: each has its status."""
    monkeypatch.setattr(commanding, "LARGEST", 1_000)
    headers = team.headers("ann")
    large = {"manifest": "x" * 2_000}
    assert team.client.post("/api/changes", json=large, headers=headers).status_code == 413
    form = team.client.post("/api/changes", data={"a": "b"}, headers=headers)
    assert form.status_code == 415
    long = headers | {"Idempotency-Key": "k" * 201}
    assert team.client.post("/api/changes", json={}, headers=long).status_code == 400


def test_what_is_not_there_is_a_404(team: Team) -> None:
    """A change, a decision and an exception that are none; and a server without changes."""
    desk = team.desk("ann")
    for ask in (
        lambda: desk.get("chg_none"),
        lambda: desk.submit("chg_none", ANY),
        lambda: desk.decision("0" * 64),
        lambda: desk.replay("0" * 64),
        lambda: desk.get("../../x"),
    ):
        with pytest.raises(NoSuchChange):
            ask()
    answer = team.client.get("/api/changes/chg_none", headers=team.headers("ann"))
    assert json.loads(answer.content)["error"]["code"] == "not-found"


def test_a_server_without_changes_says_so(site: Ask) -> None:
    """Where no desk is wired every address of it is a 404 with its reason."""
    answer = site().get("/api/changes")
    assert answer.status_code == 404
    assert "no changes" in answer.json()["error"]["message"]


@pytest.mark.parametrize(
    "query",
    ["state=nowhere", "limit=0", "limit=x", "else=1", "state=live,", "scope=" + "x" * 201],
)
def test_a_wrong_question_names_its_parameter(team: Team, query: str) -> None:
    """What means nothing is refused by name; a comma too many means nothing more."""
    answer = team.client.get(f"/api/changes?{query}", headers=team.headers("ann"))
    assert answer.status_code == (200 if query == "state=live," else 400)


@pytest.mark.parametrize("query", ["since=x", "until=9999-12-31"])
def test_a_window_that_is_none_is_refused(team: Team, query: str) -> None:
    """No time, and the end of all time."""
    answer = team.client.get(f"/api/change-figures?{query}", headers=team.headers("ann"))
    assert answer.status_code == 400


def test_a_window_that_ends_before_it_begins_is_empty(team: Team) -> None:
    """The answer says so by its times, and nothing is counted in it."""
    query = "since=2026-02-02&until=2026-01-01"
    answer = team.client.get(f"/api/change-figures?{query}", headers=team.headers("ann"))
    told = answer.json()
    assert (answer.status_code, told["releases"]) == (200, 0)
    assert told["since"] == told["until"] == "2026-01-02T00:00:00.000000Z"


def test_remote_errors_are_the_desks_own(team: Team) -> None:
    """A token that does not count, a server that does not know, an answer of another form."""
    team.identity.revoke(team.tokens["ann"].id, PAWL, "")
    with pytest.raises(BadValue) as caught:
        team.desk("ann").list()
    assert caught.value.place == "PAWL_TOKEN"

    class Odd:
        """A server of another kind."""

        url = TEAM

        def __init__(self, status: int, body: bytes) -> None:
            self.told = status, body

        def ask(self, *_: object) -> tuple[int, bytes]:
            """Return what it was made with."""
            return self.told

    for status, body in ((200, b"{}"), (200, b"nonsense"), (500, b"nonsense"), (409, b"{}")):
        with pytest.raises((Unavailable, BadValue)):
            RemoteChangeDesk(Odd(status, body), lambda: "k").get("chg_1")
    unknown = b'{"error": {"code": "defect", "message": "a\\u001b[2Jb"}}'
    with pytest.raises(Unavailable) as shown:
        RemoteChangeDesk(Odd(500, unknown), lambda: "k").get("chg_1")
    assert "\x1b" not in shown.value.message
    with pytest.raises(BadValue, match="by itself"):
        team.desk("leo").tick(ANY)
