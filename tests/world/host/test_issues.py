"""Issues of goals on a host: made once, kept up to date, closed when met, and nothing else."""

from collections.abc import Iterator
from typing import Any, Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.world.host.fake_host import Sent, limited, told
from tests.world.host.fake_issues import FakeIssues, Said, serving_issues

from pawl.base.errors import BadValue, CannotTell, Unavailable
from pawl.maturity.goal_issue import LABEL, Asked, Met, Synced, Wanted, marker
from pawl.services.issue_sync import sync_issues
from pawl.world.host.issues import GitHubIssues, GitLabIssues
from pawl.world.host.telling import MAX_SENT, Telling

TOKEN = "tok-5ecret"
DAY = "2026-11-21"
LATER = "2026-12-01"
TESTS, LINT = "eng.code.L2.tests", "eng.code.L2.lint"


@pytest.fixture(params=["github", "gitlab"])
def host(request: pytest.FixtureRequest) -> FakeIssues:
    """A host of either product with no issues."""
    return FakeIssues(request.param)


def wanted(criterion: str, text: str = "Write tests.", subject: str = "repo:shop") -> Wanted:
    return Wanted(
        criterion=criterion,
        marker=marker(criterion, subject),
        title=f"Goal {criterion}",
        text=text,
        again="No longer.",
    )


def asked(*goals: Wanted, met: tuple[str, ...] = (), day: str = DAY) -> Asked:
    closed = tuple(Met(criterion=n, marker=marker(n, "repo:shop"), said="It is met.") for n in met)
    return Asked(subject="repo:shop", day=day, wanted=goals, met=closed)


def sync(
    host: FakeIssues, wanted: Asked, slept: list[float] | None = None, **options: Any
) -> Synced:
    """Synchronise over HTTP."""
    kind = GitHubIssues if host.kind == "github" else GitLabIssues
    with serving_issues(host) as url:
        asker = kind(TOKEN, url, clock=lambda: 1000.0)
        try:
            return sync_issues(
                asker,
                "acme/shop",
                wanted,
                as_of=f"{DAY}T00:00:00.000000Z",
                sleep=(slept if slept is not None else []).append,
                told=lambda seconds, reason: None,
                **{"dry_run": False, **options},
            )
        finally:
            asker.telling.close()


def actions(synced: Synced) -> list[tuple[str, int | None]]:
    return [(each.action, each.number) for each in synced.done]


def test_one_issue_for_each_goal_and_no_more(host: FakeIssues) -> None:
    """The first time makes them, labelled and marked; the second writes nothing."""
    goals = asked(wanted(TESTS), wanted(LINT))
    assert actions(sync(host, goals)) == [("create", 1), ("create", 2)]
    assert [kept.labels for kept in host.issues] == [[LABEL], [LABEL]]
    assert host.issues[0].body.startswith(f"<!-- pawl-goal: {TESTS} repo%3Ashop -->\nWrite tests.")
    host.log.clear()
    assert actions(sync(host, goals)) == [("keep", 1), ("keep", 2)]
    assert host.writes == []


def test_what_people_write_below_stays(host: FakeIssues) -> None:
    """The text up to the end line is renewed; notes below it and the title are theirs."""
    sync(host, asked(wanted(TESTS)))
    kept = host.issues[0]
    kept.title = "Ours"
    kept.body = kept.body.replace("\n", "\r\n") + "We begin in May.\r\n"
    assert actions(sync(host, asked(wanted(TESTS)))) == [("keep", 1)]
    assert actions(sync(host, asked(wanted(TESTS, "Write more.")))) == [("update", 1)]
    assert "Write more." in kept.body
    assert "Write tests." not in kept.body
    assert kept.body.endswith("Notes:\nWe begin in May.\n")
    assert kept.title == "Ours"


def test_a_met_criterion_closes_its_issue_with_one_comment(host: FakeIssues) -> None:
    """Closed once, and opened again with a comment when the criterion is unmet again."""
    sync(host, asked(wanted(TESTS)))
    for _ in range(2):
        sync(host, asked(met=(TESTS,)))
    kept = host.issues[0]
    assert not kept.open
    assert [each.body for each in kept.comments] == [f"<!-- pawl-goal-met: {DAY} -->\nIt is met."]
    assert actions(sync(host, asked(wanted(TESTS), day=LATER))) == [("reopen", 1)]
    assert kept.open
    assert kept.comments[1].body == f"<!-- pawl-goal-again: {LATER} -->\nNo longer."
    assert actions(sync(host, asked(met=(TESTS,), day=LATER))) == [("close", 1)]
    assert (kept.open, len(kept.comments)) == (False, 3)


def test_what_people_decide_by_hand_stands(host: FakeIssues) -> None:
    """An issue that somebody closed stays closed, one opened again by somebody stays open."""
    sync(host, asked(wanted(TESTS), wanted(LINT)))
    host.issues[0].open = False
    sync(host, asked(met=(LINT,)))
    host.issues[1].open = True
    host.log.clear()
    done = sync(host, asked(wanted(TESTS), met=(LINT,)))
    assert [each.reason for each in done.done] == ["somebody closed it", "somebody opened it again"]
    assert host.writes == []
    # Unmet again, the one that is open is told so, and closed as any other later on.
    assert actions(sync(host, asked(wanted(LINT)))) == [("update", 2)]
    assert actions(sync(host, asked(met=(LINT,)))) == [("close", 2)]
    said = [each.body.split(":")[0] for each in host.issues[1].comments]
    assert said == ["<!-- pawl-goal-met", "<!-- pawl-goal-again", "<!-- pawl-goal-met"]


def test_an_issue_without_its_end_line_keeps_its_text(host: FakeIssues) -> None:
    """Whoever takes the end line out writes the text from then on; it is still closed when met."""
    sync(host, asked(wanted(TESTS)))
    kept = host.issues[0]
    kept.body = f"{marker(TESTS, 'repo:shop')}\nOur own words."
    assert actions(sync(host, asked(wanted(TESTS, "Write more.")))) == [("leave", 1)]
    assert actions(sync(host, asked(met=(TESTS,)))) == [("close", 1)]
    assert kept.body.endswith("Our own words.")
    assert actions(sync(host, asked(wanted(TESTS)))) == [("leave", 1)]
    assert not kept.open


def test_nothing_else_is_touched(host: FakeIssues) -> None:
    """Not what only quotes a marker, is of another subject, or others wrote without our label."""
    mark = marker(TESTS, "repo:shop")
    end = f"<!-- pawl-goal-end: {DAY} open -->"
    host.put("quoted", f"See:\n{mark}\n{end}", "robot", LABEL)
    host.put("other", f"{marker(TESTS, 'repo:other')}\nx\n{end}", "robot", LABEL)
    host.put("forged", f"{mark}\nx\n{end}", "mallory")
    host.put("plain", "", "robot", LABEL)
    if host.kind == "github":
        host.put("a pull request", f"{mark}\nx\n{end}", "robot", LABEL).pull = True
    before = [(kept.body, kept.open, kept.labels[:]) for kept in host.issues]
    new = len(before) + 1
    assert actions(sync(host, asked(wanted(TESTS)))) == [("create", new)]
    assert actions(sync(host, asked(met=(TESTS,)))) == [("close", new)]
    assert [(kept.body, kept.open, kept.labels) for kept in host.issues[:-1]] == before


def test_a_label_that_was_taken_off_is_put_back(host: FakeIssues) -> None:
    """An issue of the token's own account is found without it."""
    sync(host, asked(wanted(TESTS)))
    host.issues[0].labels = ["theirs"]
    assert actions(sync(host, asked(wanted(TESTS)))) == [("update", 1)]
    assert host.issues[0].labels == ["theirs", LABEL]


def test_another_account_goes_on_with_what_is_labelled(host: FakeIssues) -> None:
    """A new token's account finds the issues of the one before by label and marker."""
    sync(host, asked(wanted(TESTS)))
    host.own = "robot-2"
    assert actions(sync(host, asked(wanted(TESTS, "More.")))) == [("update", 1)]


def test_an_older_assessment_changes_nothing(host: FakeIssues) -> None:
    """What a later one wrote is neither rewritten nor closed."""
    sync(host, asked(wanted(TESTS), wanted(LINT), day=LATER))
    host.log.clear()
    done = sync(host, asked(wanted(TESTS, "Old."), met=(LINT,)))
    assert [each.reason for each in done.done] == ["a later assessment wrote it"] * 2
    assert host.writes == []


def test_a_second_issue_of_a_goal_is_told_and_left(host: FakeIssues) -> None:
    """The oldest open one counts; when the criterion is met both are closed."""
    sync(host, asked(wanted(TESTS)))
    host.put("twin", host.issues[0].body, "robot", LABEL)
    done = sync(host, asked(wanted(TESTS)))
    assert [(each.action, each.reason) for each in done.done] == [
        ("keep", ""),
        ("leave", "#1 is of the same goal"),
    ]
    assert actions(sync(host, asked(met=(TESTS,)))) == [("close", 1), ("close", 2)]


def test_dry_run_writes_nothing(host: FakeIssues) -> None:
    """It tells what would be done, from the same look-up."""
    sync(host, asked(wanted(LINT)))
    host.log.clear()
    done = sync(host, asked(wanted(TESTS), met=(LINT,)), dry_run=True)
    assert (actions(done), done.dry_run) == ([("create", None), ("close", 1)], True)
    assert host.writes == []


def kill_at(number: int, how: Sent | Literal["lost"]) -> Any:
    return lambda count, method, path: how if count >= number else None


@pytest.mark.parametrize("at", range(3, 12))
@pytest.mark.parametrize("lost", [False, True])
def test_stopped_anywhere_it_is_gone_on_with(host: FakeIssues, at: int, lost: bool) -> None:
    """From some request on the host fails, before or after it did its part. Run again, there is
    one issue for each goal and one comment on the closed one."""
    sync(host, asked(wanted("eng.a")))
    host.log.clear()
    goals = asked(wanted(TESTS), wanted(LINT), met=("eng.a",))
    host.fault = kill_at(at, "lost" if lost else told({}, 503))
    done = None
    try:
        done = sync(host, goals)
    except Unavailable:
        assert not host.writes
    host.fault = lambda number, method, path: None
    again = sync(host, goals)
    assert not again.stopped
    assert [kept.title for kept in host.issues] == ["Goal eng.a", f"Goal {TESTS}", f"Goal {LINT}"]
    assert [kept.open for kept in host.issues] == [False, True, True]
    assert len(host.issues[0].comments) == 1
    assert done is None or done.stopped or actions(done)[0] == ("create", 2)


def test_a_lost_answer_is_looked_up_at_once(host: FakeIssues) -> None:
    """Where the issue turns out to be made the synchronisation goes on, with its number."""
    lost: list[str] = []

    def once(count: int, method: str, path: str) -> Literal["lost"] | None:
        if method == "POST" and path not in lost:
            lost.append(path)
            return "lost"
        return None

    host.fault = once
    done = sync(host, asked(wanted(TESTS), wanted(LINT)))
    assert (actions(done), done.stopped) == ([("create", 1), ("create", 2)], "")
    assert actions(sync(host, asked(met=(TESTS,)))) == [("close", 1)]
    assert len(host.issues[0].comments) == 1


def test_what_somebody_writes_meanwhile_is_not_lost(host: FakeIssues) -> None:
    """An issue that changed since it was looked up is left to the next run; others are done."""
    sync(host, asked(wanted(TESTS), wanted(LINT)))
    host.log.clear()

    def write(count: int, method: str, path: str) -> None:
        if method == "GET" and path.endswith("/issues/1"):
            host.issues[0].body += "We begin in May."
            host.fault = lambda count, method, path: None

    host.fault = write
    done = sync(host, asked(wanted(TESTS, "More."), wanted(LINT, "More.")))
    assert actions(done) == [("fail", 1), ("update", 2)]
    assert "meanwhile" in done.done[0].reason
    assert actions(sync(host, asked(wanted(TESTS, "More.")))) == [("update", 1)]
    assert "More." in host.issues[0].body
    assert host.issues[0].body.endswith("We begin in May.")


def test_limits_are_waited_for(host: FakeIssues) -> None:
    """As long as the host says, writes too: a limited request was not done."""
    limits = {4: limited(429, Retry_After="30"), 6: limited(403, Retry_After="40")}
    host.fault = lambda count, method, path: limits.pop(count, None)
    slept: list[float] = []
    done = sync(host, asked(wanted(TESTS), wanted(LINT)), slept)
    assert actions(done) == [("create", 1), ("create", 2)]
    assert done.waited_s == 70
    assert {30.0, 40.0} <= set(slept)


def test_a_limit_that_lasts_too_long_stops_it(host: FakeIssues) -> None:
    """What is not reached is named; the next run goes on from there."""
    host.fault = lambda count, method, path: (
        limited(429, Retry_After="5000") if method == "POST" and host.issues else None
    )
    done = sync(host, asked(wanted(TESTS), wanted(LINT), wanted("eng.c")))
    assert actions(done) == [("create", 1), ("stop", None), ("stop", None)]
    assert "429" in done.stopped
    host.fault = lambda count, method, path: None
    done = sync(host, asked(wanted(TESTS), wanted(LINT), wanted("eng.c")))
    assert actions(done) == [("keep", 1), ("create", 2), ("create", 3)]


def test_writes_leave_the_host_a_second(host: FakeIssues) -> None:
    """Between two writes, as hosts ask; reading does not wait."""
    slept: list[float] = []
    sync(host, asked(wanted(TESTS), wanted(LINT), wanted("eng.c")), slept)
    assert slept == [1.0, 1.0]


def test_one_text_that_is_refused_keeps_nothing_else_from_being_done(host: FakeIssues) -> None:
    """It is told with the host's words; no right to write stops everything at once."""
    refusal = told({"message": "body is too long"}, 422)
    host.fault = lambda count, method, path: (
        refusal if [m for m, _ in host.writes] == [] and method == "POST" else None
    )
    done = sync(host, asked(wanted(TESTS), wanted(LINT)))
    assert actions(done) == [("fail", None), ("create", 1)]
    assert "body is too long" in done.done[0].reason
    host.fault = lambda count, method, path: told({}, 403) if method == "POST" else None
    done = sync(host, asked(wanted("eng.c"), wanted("eng.d")))
    assert actions(done) == [("fail", None), ("stop", None)]


def test_without_a_name_for_the_account_the_label_is_needed() -> None:
    """A workflow's token is nobody's. Where its label is not taken it stops after one issue."""
    host = FakeIssues("github")
    host.own = None
    goals = asked(wanted(TESTS), wanted(LINT))
    host.may_label = False
    done = sync(host, goals)
    assert len(host.issues) == 1
    assert f"#1 did not get the label {LABEL}" in done.stopped
    host.issues[0].labels = [LABEL]
    host.may_label = True
    assert actions(sync(host, goals)) == [("keep", 1), ("create", 2)]
    assert actions(sync(host, asked(met=(TESTS,)))) == [("close", 1)]


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"archived": True}, BadValue),
        ({"has_issues": False, "issues_enabled": False}, BadValue),
        ({"full_name": "../..", "id": "7"}, Unavailable),
    ],
)
def test_where_no_issues_are_nothing_is_written(
    host: FakeIssues, change: dict[str, Any], error: type[Exception]
) -> None:
    """An archived project, one without issues, and an answer that is no project."""
    host.project.update(change)
    with pytest.raises(error):
        sync(host, asked(wanted(TESTS)))
    assert host.writes == []


def test_a_repository_that_is_not_shown_is_asked_wrongly(host: FakeIssues) -> None:
    """The message has the host's words and which token is wanted, never the token."""
    host.fault = lambda count, method, path: told({"message": "Not Found"}, 404)
    with pytest.raises(BadValue) as caught:
        sync(host, asked(wanted(TESTS)))
    assert "Not Found" in str(caught.value)
    assert host.kind.upper() in caught.value.hint
    assert TOKEN not in str(caught.value)


def test_too_many_issues_cannot_be_told(host: FakeIssues, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rather than making one twice nothing is made."""
    monkeypatch.setattr("pawl.services.issue_sync.MAX_PAGES", 2)
    for number in range(6):
        host.put(str(number), "x", "robot", LABEL)
    with pytest.raises(CannotTell):
        sync(host, asked(wanted(TESTS)))
    assert host.writes == []


def test_no_word_of_others_counts_as_ours(host: FakeIssues) -> None:
    """A forged comment does not keep ours from being said."""
    sync(host, asked(wanted(TESTS)))
    host.issues[0].comments.append(Said(f"<!-- pawl-goal-met: {DAY} -->\n", "mallory"))
    sync(host, asked(met=(TESTS,)))
    assert len(host.issues[0].comments) == 2


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_what_is_written_follows_no_redirect(host: FakeIssues, status: int) -> None:
    """The other host hears nothing, and the synchronisation stops."""
    other = FakeIssues(host.kind)
    with serving_issues(other) as elsewhere:
        moved = Sent(status, {"Location": f"{elsewhere}/x"}, b"")
        host.fault = lambda count, method, path: moved if method != "GET" else None
        done = sync(host, asked(wanted(TESTS), wanted(LINT)))
    assert "moved" in done.stopped
    assert other.log == []


@pytest.fixture
def telling() -> Iterator[Telling]:
    """What tells a host that hears nothing."""
    made = Telling("http://127.0.0.1:9/api", {}, secret=False)
    yield made
    made.close()


@pytest.mark.parametrize("address", ["https://evil.example/api/x", "http://127.0.0.1:9/api/x", "x"])
def test_nothing_is_told_to_another_address(telling: Telling, address: str) -> None:
    """Only paths below the base are written to."""
    assert telling.tell("POST", address, {}).broken
    assert telling.tell("POST", address, {}).status == 400


def test_what_is_sent_is_bounded(telling: Telling) -> None:
    """A larger body is not sent."""
    reply = telling.tell("POST", "/x", {"body": "x" * MAX_SENT})
    assert (reply.status, "larger" in reply.broken) == (413, True)


NAMES = st.text(min_size=1, max_size=40)


@settings(max_examples=60)
@given(st.tuples(NAMES, NAMES), st.tuples(NAMES, NAMES))
def test_markers_are_one_line_and_tell_goals_apart(
    one: tuple[str, str], other: tuple[str, str]
) -> None:
    """Whatever a criterion or a subject is called, its marker is its own and stays hidden."""
    made = marker(*one)
    assert made.count("-->") == 1
    assert "\n" not in made
    assert made.isascii()
    same = tuple(name.encode("utf-8", "replace") for name in one) == tuple(
        name.encode("utf-8", "replace") for name in other
    )
    assert (made == marker(*other)) == same
