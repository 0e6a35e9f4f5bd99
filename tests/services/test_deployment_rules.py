"""Deployments that wait for a rule of ours: what counts as a delivery, and what is answered."""

import hashlib
import hmac
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.changes.made_changes import decided, in_state, manifest, snapshot
from tests.world.host.fake_api import FakeApi, serving_api
from tests.world.host.fake_host import told

from pawl.app import records_engine
from pawl.base.errors import BadValue, CannotTell, Refused, Unavailable
from pawl.changes.change import Change, State
from pawl.changes.parts import Prompt
from pawl.services.change_terms import PAWL_ITSELF, Checked
from pawl.services.deployment_rules import (
    Answer,
    Delivery,
    Judged,
    answer,
    judge_commit,
    read_waiting,
)
from pawl.services.hooks import GitHubHook, Hooks, UsedTokens
from pawl.services.identity import Identity
from pawl.world.host.deployments import GitHubDeployments

SECRET = "a secret of the webhook"
COMMIT = "c" * 40
RUN = "/repos/acme/shop/actions/runs/55/deployment_protection_rule"


def payload(url: str, **other: Any) -> bytes:
    """Return what GitHub sends for a deployment that waits."""
    said = {
        "action": "requested",
        "environment": "production",
        "deployment_callback_url": f"{url}{RUN}",
        "deployment": {"sha": COMMIT, "ref": "main"},
        "repository": {"full_name": "acme/shop"},
    }
    return json.dumps({**said, **other}).encode()


def delivery(body: bytes, id: str = "d-1", secret: str = SECRET, **other: Any) -> Delivery:
    """Return a delivery that is signed."""
    seal = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    said: dict[str, Any] = {
        "id": id,
        "event": "deployment_protection_rule",
        "signature": f"sha256={seal}",
    }
    return Delivery(body=body, **{**said, **other})


@pytest.fixture
def host() -> Iterator[FakeApi]:
    """A GitHub on which run 55 waits; `url` is its API."""
    made = FakeApi("github")
    made.answers[f"POST {RUN}"] = told([], 204)
    with serving_api(made) as url:
        made.origin = url
        yield made


def client(host: FakeApi) -> GitHubDeployments:
    """Return what talks to the fake."""
    return GitHubDeployments("token", "acme/shop", host.origin, clock=lambda: 0.0)


def yes(commit: str) -> Judged:
    """Let every commit through."""
    return Judged(allowed=True, comment=f"{commit[:3]} may start", change="chg-1")


def no(commit: str) -> Judged:
    """Let no commit through."""
    return Judged(allowed=False, comment="blocked")


def cannot(commit: str) -> Judged:
    """Know nothing."""
    raise CannotTell("the policy cannot be read")


def answered(host: FakeApi, sent: Delivery, judge: Any = yes) -> Answer:
    """Answer a delivery, without waiting."""
    speaking = client(host)
    try:
        return answer(sent, SECRET, speaking, judge, sleep=lambda seconds: None)
    finally:
        speaking.telling.close()


@pytest.mark.parametrize(
    ("judge", "state", "words"),
    [(yes, "approved", "ccc may start"), (no, "rejected", "blocked"), (cannot, "rejected", "read")],
)
def test_a_deployment_that_waits_is_answered(
    host: FakeApi, judge: Any, state: str, words: str
) -> None:
    """A yes lets it go on; a no, and what cannot be judged, end it, each with its reason."""
    found = answered(host, delivery(payload(host.origin)), judge)
    assert found.state == state
    ((path, sent),) = host.sent("POST")
    assert path == RUN
    assert (sent["environment_name"], sent["state"]) == ("production", state)
    assert words in sent["comment"]


def test_what_is_not_signed_is_not_heard(host: FakeApi) -> None:
    """No signature, one of another secret, of other bytes or of the older kind, does nothing."""
    body = payload(host.origin)
    good = delivery(body)
    for bad in (
        delivery(body, secret="another secret of theirs"),
        delivery(body, signature=""),
        delivery(body, signature=good.signature.removeprefix("sha256=")),
        delivery(body, signature="sha1=" + hmac.new(SECRET.encode(), body, "sha1").hexdigest()),
        delivery(body, signature="sha256=é"),
        Delivery(id="d", event=good.event, signature=good.signature, body=body + b" "),
        delivery(body, id=""),
        delivery(body, id="a b"),
    ):
        with pytest.raises(Refused):
            answered(host, bad)
    with pytest.raises(Refused):
        answer(delivery(body, secret="short"), "short", client(host), yes, sleep=lambda s: None)
    assert host.log == []


@pytest.mark.parametrize(
    "address",
    [
        "https://elsewhere.example/api/v3" + RUN,
        "{url}/repos/acme/other/actions/runs/55/deployment_protection_rule",
        "{url}/repos/acme/shop/actions/runs/55/../../../x/actions/runs/55/deployment_protection_rule",
        "{url}@elsewhere.example" + RUN,
        "{url}" + RUN + "?x=1",
        "{url}" + RUN.replace("55", "0"),
        "{url}" + RUN.replace("55", "-5"),
        7,
    ],
)
def test_the_answer_goes_where_it_belongs(host: FakeApi, address: Any) -> None:
    """A delivery that wants its answer anywhere else is refused, although it is signed."""
    text = address.format(url=host.origin) if isinstance(address, str) else address
    with pytest.raises(BadValue):
        answered(host, delivery(payload(host.origin, deployment_callback_url=text)))
    assert host.log == []


def test_other_deliveries_are_left_alone(host: FakeApi) -> None:
    """Another event or action asks for nothing."""
    assert answered(host, delivery(b"{}", event="ping")).state == "ignored"
    assert answered(host, delivery(payload(host.origin, action="x"))).state == "ignored"
    assert host.log == []


def test_a_host_that_does_not_hear_leaves_it_waiting(host: FakeApi) -> None:
    """Where GitHub does not take the answer that is told, and nothing is claimed."""
    host.fault = lambda number, method, path: told({}, 503)
    with pytest.raises(Unavailable):
        answered(host, delivery(payload(host.origin)))


@settings(max_examples=100, deadline=None)
@given(
    st.binary(max_size=60)
    | st.dictionaries(
        st.sampled_from(["action", "environment", "deployment_callback_url", "deployment"]),
        st.none() | st.text(max_size=9) | st.integers() | st.just("requested")
        | st.dictionaries(st.just("sha"), st.text(max_size=9), max_size=1),
    ).map(lambda each: json.dumps(each).encode())
)  # fmt: skip
def test_no_body_breaks_the_reader(body: bytes) -> None:
    """Whatever is sent in is read, ignored or refused."""
    speaking = GitHubDeployments("token", "acme/shop", "https://api.github.com")
    try:
        found = read_waiting(body, speaking)
    except BadValue:
        return
    assert found is None


class FakeDesk:
    """Knows some changes, and asks the real gates."""

    def __init__(self, *changes: Change) -> None:
        self.changes = changes
        self.asked: list[str] = []

    def list(self, states: tuple[State, ...] = (), **other: Any) -> tuple[Change, ...]:
        """Return changes in some states."""
        return tuple(each for each in self.changes if each.state in states)

    def check(self, id: str, moment: Any, by: Any) -> Checked:
        """Evaluate the gates of a change."""
        self.asked.append(id)
        (change,) = (each for each in self.changes if each.id == id)
        shot = snapshot(change)
        return Checked(snapshot=shot, decision=decided(change=change), decision_id="f" * 64)


def judged(*changes: Change, parts: Any = None) -> Judged:
    """Judge a commit that gives the parts of the usual change."""
    plan = manifest()
    given_ = plan.parts if parts is None else parts
    return judge_commit(COMMIT, FakeDesk(*changes), lambda commit: (given_, plan.base), PAWL_ITSELF)


def test_a_commit_is_judged_as_the_change_that_it_is() -> None:
    """It may be deployed where it is exactly a change that has started, or that may start now."""
    assert judged(in_state(State.APPROVED)).allowed
    assert judged(in_state(State.LIVE)).allowed
    assert judged(in_state(State.ROLLING_OUT)).allowed
    for change in (
        in_state(State.APPROVED, answers=()),
        in_state(State.IN_REVIEW),
        in_state(State.ROLLED_BACK),
        in_state(State.DRAFT),
    ):
        assert not judged(change).allowed, change.state
    assert not judged().allowed
    other = judged(in_state(State.APPROVED), parts={"prompt/support": Prompt(text="Other.")})
    assert "No change gives" in other.comment
    more = {**manifest().parts, "code/x.py": None}
    assert not judged(in_state(State.APPROVED), parts=more).allowed


def test_a_delivery_is_heard_once(host: FakeApi, tmp_path: Path) -> None:
    """The same one gets the same answer without a second call, another body under its id none."""
    engine = records_engine(tmp_path)
    identity = Identity(engine, lambda: "2026-11-21T12:00:00.000000Z", lambda count: b"x" * count)
    speaking = client(host)
    hook = GitHubHook(secret=SECRET, host=lambda: speaking, judge=yes, sleep=lambda seconds: None)
    hooks = Hooks(remembering=identity, now=lambda: "2026-11-21T12:00:00.000000Z", github=hook)
    try:
        host.fault = lambda number, method, path: told({}, 503)
        with pytest.raises(Unavailable):
            hooks.delivered(delivery(payload(host.origin)))
        tried = len(host.sent("POST"))
        host.fault = lambda number, method, path: None
        first = hooks.delivered(delivery(payload(host.origin)))
        again = hooks.delivered(delivery(payload(host.origin)))
        assert first is not None
        assert again is not None
        assert first.body == again.body
        assert again.again
        assert len(host.sent("POST")) == tried + 1
        assert hooks.delivered(delivery(payload(host.origin, environment="x"))) is None
        with pytest.raises(Refused):
            hooks.delivered(delivery(payload(host.origin), id="d-2", secret="another secret here"))
        assert hooks.delivered(delivery(payload(host.origin), id="d-2")) is not None
    finally:
        speaking.telling.close()
        engine.dispose()


def test_a_used_token_stays_used(tmp_path: Path) -> None:
    """What was heard is known to another process, and forgotten when the token has ended."""
    clock = ["2026-11-21T12:00:00.000000Z"]
    engine = records_engine(tmp_path)
    try:
        first, second = (UsedTokens(engine, lambda: clock[0]) for _ in range(2))
        until = "2026-11-21T12:05:00.000000Z"
        assert first.first("ci-token:x", "j", until)
        assert not second.first("ci-token:x", "j", until)
        assert second.first("ci-token:y", "j", until)
        clock[0] = "2026-11-21T13:00:00.000000Z"
        assert first.first("ci-token:x", "j", "2026-11-21T14:00:00.000000Z")
    finally:
        engine.dispose()
