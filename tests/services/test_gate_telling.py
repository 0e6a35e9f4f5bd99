"""What a code host is told of a decision: check runs of one app, commit statuses of one account."""

from typing import Any, Literal

import pytest
from tests.changes.made_changes import decided, in_state
from tests.world.host.fake_api import FakeApi, serving_api
from tests.world.host.fake_host import Sent, told

from pawl.base.errors import BadValue, Unavailable
from pawl.changes.change import State
from pawl.changes.gate_notice import MAX_TITLE, NAME, Notice, notice_of
from pawl.services.gate_telling import ToldHost, tell
from pawl.world.host.checks import GitHubChecks, GitLabStatuses

COMMIT, APP = "a" * 40, 4321
RUNS = f"/repos/acme/shop/commits/{COMMIT}/check-runs"
STATUSES = f"/projects/acme%2Fshop/repository/commits/{COMMIT}/statuses"


def notice(outcome: Literal["yes", "no", "cannot-tell"] = "yes", title: str = "t") -> Notice:
    """Return what is to be told."""
    return Notice(external_id="pawl:chg-1:d:start", outcome=outcome, title=title, summary="**s**")


def github() -> FakeApi:
    """Return a GitHub that keeps check runs."""
    host = FakeApi("github")
    host.keys[RUNS] = "check_runs"
    kept: list[Any] = [
        {"id": 1, "external_id": "pawl:chg-1:d:start", "app": {"id": 9}, "conclusion": "success"},
        {"id": 2, "external_id": "other", "app": {"id": APP}},
        {"id": 3, "external_id": None, "app": None},
    ]

    def create(content: Any) -> Sent:
        assert content["head_sha"] == COMMIT
        made = {"id": 100 + len(kept), "app": {"id": host.answers["app"]}, **content}
        kept.append(made)
        host.answers[f"PATCH /repos/acme/shop/check-runs/{made['id']}"] = lambda changed: (
            made.update(changed) or told(made)
        )
        return told(made, 201)

    host.answers |= {f"GET {RUNS}": kept, "POST /repos/acme/shop/check-runs": create, "app": APP}
    return host


def gitlab() -> FakeApi:
    """Return a GitLab that keeps statuses, and refuses one that is as it was."""
    host = FakeApi("gitlab")
    kept: list[Any] = []

    def create(content: Any) -> Sent:
        if kept and kept[-1]["status"] == content["state"]:
            return told({"message": "Cannot transition status via :succeed"}, 400)
        made = {
            "id": 10 + len(kept), "name": content["name"], "status": content["state"],
            "description": content["description"], "author": {"username": "robot"},
        }  # fmt: skip
        kept.append(made)
        return told(made, 201)

    host.answers |= {
        "GET /user": {"username": "robot"},
        f"GET {STATUSES}": kept,
        f"POST /projects/acme%2Fshop/statuses/{COMMIT}": create,
    }
    return host


def say(host: FakeApi, what: Notice) -> ToldHost:
    """Tell a fake host over HTTP, without waiting."""
    with serving_api(host) as url:
        client: Any
        if host.kind == "github":
            client = GitHubChecks("token", "acme/shop", COMMIT, APP, url, clock=lambda: 0.0)
        else:
            client = GitLabStatuses("token", "acme/shop", COMMIT, url, clock=lambda: 0.0)
        try:
            return tell(client, what, sleep=lambda seconds: None)
        finally:
            client.telling.close()


def test_one_content_has_one_check() -> None:
    """Told twice it is one check, told otherwise it is changed, and another app's is left alone."""
    host = github()
    assert say(host, notice("no")).action == "created"
    assert say(host, notice("no")).action == "kept"
    changed = say(host, notice("yes"))
    assert (changed.action, changed.id) == ("updated", 103)
    assert len(host.sent("POST")) == 1
    ((_, sent),) = host.sent("PATCH")
    assert sent["conclusion"] == "success"
    assert sent["output"] == {"title": "t", "summary": "**s**"}
    assert host.sent("POST")[0][1]["name"] == NAME


@pytest.mark.parametrize(
    ("outcome", "conclusion", "state"),
    [
        ("yes", "success", "success"),
        ("no", "failure", "failed"),
        ("cannot-tell", "action_required", "failed"),
    ],
)
def test_only_a_yes_lets_through(outcome: Any, conclusion: str, state: str) -> None:
    """A no and what cannot be told hold a required check up on both hosts."""
    host = github()
    say(host, notice(outcome))
    assert host.sent("POST")[0][1]["conclusion"] == conclusion
    other = gitlab()
    say(other, notice(outcome))
    assert other.sent("POST")[0][1]["state"] == state


def test_gitlab_is_told_once_and_anew() -> None:
    """A status that stands is kept; a decision that turned gets one more; nobody else's counts."""
    host = gitlab()
    assert [say(host, notice(each)).action for each in ("no", "no", "yes")] == [
        "created", "kept", "updated",
    ]  # fmt: skip
    host.answers[f"GET {STATUSES}"][-1]["author"]["username"] = "eve"
    with pytest.raises(BadValue):  # Somebody else says the same, so GitLab does not take ours.
        say(host, notice("yes"))


def test_a_lost_answer_is_looked_up() -> None:
    """A check that was made although its answer got lost is not made twice."""
    for host in (github(), gitlab()):
        host.fault = lambda number, method, path: "lost" if method == "POST" else None
        assert say(host, notice()).action == "created"
        assert len(host.sent("POST")) == 1


def test_a_token_of_another_app_is_told() -> None:
    """A check that an app other than the pinned one made is no success: no rule would count it."""
    host = github()
    host.answers["app"] = 5
    with pytest.raises(BadValue, match="another app"):
        say(host, notice())


def test_a_host_that_fails_is_not_told() -> None:
    """A host that is down, or shows no such commit, is told of as such."""
    for host in (github(), gitlab()):
        host.fault = lambda number, method, path: told({}, 503)
        with pytest.raises(Unavailable):
            say(host, notice())
    with pytest.raises(BadValue):
        say(FakeApi("github"), notice())
    with pytest.raises(BadValue):
        GitHubChecks(None, "acme/shop", "main", APP)
    with pytest.raises(BadValue):
        GitLabStatuses(None, "acme", COMMIT)


def test_a_decision_becomes_a_notice() -> None:
    """A notice names change, content and moment, and why; a long one is cut, not refused."""
    yes = notice_of(decided(), "s")
    assert yes.outcome == "yes"
    assert yes.external_id.startswith("pawl:chg-1:")
    no = notice_of(decided(change=in_state(State.APPROVED, answers=())), "x" * 100_000)
    assert no.outcome != "yes"
    assert yes.external_id == no.external_id
    assert "approvals" in no.title
    assert len(no.title) <= MAX_TITLE
    assert len(no.summary) < 65_535
