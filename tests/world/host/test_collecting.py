"""Whole collections from a fake host: stopped, killed and gone on with, they tell the same."""

from collections.abc import Callable
from pathlib import Path

import pytest
from tests.world.host.collected import TOKEN, Quiet, host_of, run, whole
from tests.world.host.fake_host import (
    LATER,
    NOW,
    SINCE,
    FakeHost,
    Sent,
    github,
    gitlab,
    limited,
    serving,
    sha,
    told,
)

from pawl.base.errors import BadValue, Unavailable
from pawl.base.finding import Outcome
from pawl.maturity.facts import Absent, Facts
from pawl.maturity.facts.host import Host
from pawl.maturity.probes.reviews_are_independent import PROBE

REPOSITORY = "/repos/acme/shop"
BOTH = pytest.mark.parametrize("make", [github, gitlab])
Make = Callable[[], FakeHost]


class Killed(BaseException):
    """The process ends here, without any cleaning up."""


def stop_at(number: int, sent: Sent) -> Callable[[int, str], Sent | None]:
    return lambda asked, path: sent if asked >= number else None


def facts_with(host: Host) -> Facts:
    none = Absent("not looked at")
    return Facts(
        subject="s", as_of=NOW, tree=none, history=none, reports=none, host=host,
        operations=none, practice=none,
    )  # fmt: skip


@BOTH
def test_a_whole_collection_over_http(make: Make, tmp_path: Path) -> None:
    """Everything the reader asks for is there, and nothing is missing that could be told."""
    host = make()
    with serving(host) as url:
        done = run(host, tmp_path, url)
    found = whole(tmp_path)
    assert (done.missing, done.stopped, done.changes) == ({}, "", 5)
    assert (found.repository, found.exported_at, found.complete_since) == ("acme/shop", NOW, SINCE)
    assert [change.number for change in found.changes] == [5, 4, 3, 2, 1]
    assert all(len(change.files) == 3 and change.reviews for change in found.changes)
    assert all(change.checks and change.agent_comments for change in found.changes)
    assert len(found.runs) == 5
    assert found.ruleset is not None
    assert found.members


def test_what_github_alone_tells(tmp_path: Path) -> None:
    """Statuses count as checks; bypasses, trees, direct pushes and teams find their place."""
    done = run(github(), tmp_path)
    found = whole(tmp_path)
    names = {check.name: check.conclusion for check in found.changes[0].checks}
    assert names == {"test": "success", "ci/outside": "failure"}
    assert [change.bypassed for change in found.changes] == [False, False, True, False, False]
    assert all(change.merge_tree == change.head_tree for change in found.changes)
    assert found.direct_pushes == (sha(900),)
    assert found.members == {"@acme/core": ("ada", "bob")}
    assert found.ruleset is not None
    assert (found.ruleset.required_checks, found.ruleset.bypass_actors) == (("test",), 1)
    assert done.untold.keys() == {"bypasses"}


def test_subgroups_of_gitlab_keep_their_names(tmp_path: Path) -> None:
    """A group below another is found under its whole path."""
    run(gitlab(), tmp_path)
    assert whole(tmp_path).members == {"@acme": ("ada",), "@acme/core": ("ada", "bob")}


@BOTH
def test_a_limit_half_way_then_going_on_tells_the_same(make: Make, tmp_path: Path) -> None:
    """Over HTTP: the first run stops and says what is missing, the second asks for the rest."""
    host = make()
    with serving(host) as url:
        run(host, tmp_path / "once", url)
        requests = len(host.log)
        host.log.clear()
        host.fault = stop_at(requests // 2, limited(429, Retry_After="3600"))
        stopped = run(host, tmp_path / "twice", url)
        assert "rate limit" in stopped.stopped
        assert stopped.missing
        partial = whole(tmp_path / "twice")
        assert stopped.missing.keys() <= partial.missing.keys()
        host.fault = lambda number, path: None
        done = run(host, tmp_path / "twice", url, now=LATER)
    assert done.resumed
    assert not done.missing
    assert whole(tmp_path / "twice") == whole(tmp_path / "once")
    # The closing look at the front of the list is all that is asked for twice.
    assert len(host.log) <= requests + 3


@BOTH
@pytest.mark.heavy
def test_stopped_at_any_request_no_probe_says_no(make: Make, tmp_path: Path) -> None:
    """Wherever a limit hits, reviews are unknown until all are there, and going on mends it."""
    host = make()
    run(host, tmp_path / "once")
    expected = whole(tmp_path / "once")
    requests = len(host.log)
    for number in range(1, requests, 3):
        folder = tmp_path / str(number)
        host.log.clear()
        host.fault = stop_at(number, limited(429, Retry_After="3600"))
        assert run(host, folder).stopped
        found = host_of(folder)
        if isinstance(found, Host):
            assert found.missing.keys() - expected.missing.keys()
            if found.changes and "reviews" in found.missing:
                assert PROBE.judge(facts_with(found)).outcome is Outcome.CANNOT_TELL
        host.fault = lambda number, path: None
        assert run(host, folder, now=LATER).resumed
        assert whole(folder) == expected


@BOTH
@pytest.mark.heavy
def test_killed_at_any_request_everything_is_missing_until_it_goes_on(
    make: Make, tmp_path: Path
) -> None:
    """Nothing is tidied up: what lies there tells nothing, and the next run goes on behind it."""
    host = make()
    run(host, tmp_path / "once")
    expected, requests = whole(tmp_path / "once"), len(host.log)
    for number in range(1, requests, 3):
        folder = tmp_path / str(number)
        host.log.clear()

        def kill(asked: int, path: str, number: int = number) -> Sent | None:
            if asked == number:
                raise Killed
            return None

        host.fault = kill
        with pytest.raises(Killed):
            run(host, folder)
        found = host_of(folder)
        assert isinstance(found, Absent) or {"changes", "reviews", "runs"} <= found.missing.keys()
        host.fault = lambda number, path: None
        assert run(host, folder, now=LATER).resumed
        # What was under way is asked for again, and the front of the list looked at.
        assert len(host.log) <= requests + 3
        assert whole(folder) == expected


def test_a_second_collection_asks_for_what_is_new(tmp_path: Path) -> None:
    """Changes that nobody touched are kept, lists that did not change cost nothing."""
    host = github()
    first = run(host, tmp_path)
    host.log.clear()
    pull = host.answers[f"{REPOSITORY}/pulls"][0]
    pull["updated_at"] = "2026-11-21T09:00:00Z"
    host.answers[f"{REPOSITORY}/pulls/5/reviews"].append(
        {"id": 2, "user": {"login": "cy"}, "state": "APPROVED", "body": ""}
    )
    done = run(host, tmp_path, now=LATER)
    assert not done.resumed
    details = {path.split("/")[5] for path in host.paths if "/pulls/" in path}
    assert details == {"5"}
    assert done.unchanged > 10
    assert done.requests < first.requests
    found = whole(tmp_path)
    assert (found.exported_at, len(found.changes)) == (LATER, 5)
    assert [review.author for review in found.changes[0].reviews] == ["bob", "cy"]


def test_what_left_the_window_leaves_the_dump(tmp_path: Path) -> None:
    """Files of changes that are not asked about any more are removed."""
    host = github()
    run(host, tmp_path)
    del host.answers[f"{REPOSITORY}/pulls"][4:]
    assert (tmp_path / "dump/reviews/1.json").exists()
    run(host, tmp_path, now=LATER)
    assert not (tmp_path / "dump/reviews/1.json").exists()
    assert len(whole(tmp_path).changes) == 4


def test_a_change_that_moves_while_the_list_is_read_is_found(tmp_path: Path) -> None:
    """A pull request moves from a page yet to come to the front: it is looked for there."""
    host = github()
    listed = host.answers[f"{REPOSITORY}/pulls"]

    def move(number: int, path: str) -> None:
        if path == f"{REPOSITORY}/pulls" and host.paths.count(path) == 1:
            moved = listed.pop(3)
            moved["updated_at"] = LATER
            listed.insert(0, moved)

    host.fault = move
    done = run(host, tmp_path)
    assert done.changes == 5
    assert {change.number for change in whole(tmp_path).changes} == {1, 2, 3, 4, 5}


def test_a_wait_that_is_allowed_is_waited_out(tmp_path: Path) -> None:
    """The limit's own figure is slept, told, and counted; then it goes on by itself."""
    host = github()
    host.fault = lambda number, path: (
        limited(403, X_RateLimit_Remaining="0", X_RateLimit_Reset="1099") if number == 7 else None
    )
    slept: list[float] = []
    quiet = Quiet()
    done = run(host, tmp_path, sleep=slept.append, max_wait_s=100, progress=quiet)
    assert (slept, done.waited_s, done.stopped) == ([100.0], 100.0, "")
    assert [seconds for seconds, _ in quiet.waits] == [100.0]


def test_waits_add_up_to_the_longest_allowed(tmp_path: Path) -> None:
    """The second limit would exceed what may be waited in all, and stops the collection."""
    host = github()
    host.fault = lambda number, path: limited(429, Retry_After="60") if number in (5, 9) else None
    done = run(host, tmp_path, max_wait_s=90)
    assert done.waited_s == 60
    assert "rate limit" in done.stopped


def test_a_spent_limit_is_waited_for_before_the_next_question(tmp_path: Path) -> None:
    """An answer that says that nothing is left stops the collection without asking further."""
    host = github()
    spent = told(host.answers[REPOSITORY], X_RateLimit_Remaining="0", X_RateLimit_Reset="2000")
    host.fault = lambda number, path: spent if number == 0 else None
    assert run(host, tmp_path).stopped
    assert len(host.log) == 1


def test_a_failure_that_passes_is_not_told(tmp_path: Path) -> None:
    """A server's error is tried again after a while."""
    host = github()
    host.fault = lambda number, path: told({}, 502) if number in (4, 5, 20) else None
    slept: list[float] = []
    assert run(host, tmp_path, sleep=slept.append).missing == {}
    assert slept == [1.0, 2.0, 1.0]


def test_a_failure_that_stays_is_a_missing_part(tmp_path: Path) -> None:
    """The other parts are there, and the next collection asks for this one again."""
    host = github()
    bad = f"{REPOSITORY}/pulls/3/reviews"
    host.fault = lambda number, path: told({"message": "boom"}, 500) if path == bad else None
    done = run(host, tmp_path)
    assert done.missing == {"reviews": "1 of 5 files: the host answers 500: boom"}
    assert whole(tmp_path).missing["reviews"] == done.missing["reviews"]
    host.fault = lambda number, path: None
    assert run(host, tmp_path, now=LATER).missing == {}


def test_a_host_that_only_fails_is_left_alone(tmp_path: Path) -> None:
    """Three questions in a row that fail stop the collection."""
    host = github()
    host.fault = lambda number, path: told({}, 503) if number >= 10 else None
    done = run(host, tmp_path)
    assert "again and again" in done.stopped
    assert len(host.log) <= 10 + 3 * 4


@pytest.mark.parametrize(
    "sent",
    [
        Sent(200, {"Content-Type": "text/html"}, b"<html>Sign in</html>"),
        Sent(200, {}, b'[{"number": 1'),
        Sent(200, {}, b""),
        Sent(200, {}, b"[" * 100_000),
        told({"hello": "world"}),
        told([1, 2, 3]),
        told([[{"number": 1}]]),
    ],
)
def test_answers_that_are_none_make_a_part_missing(sent: Sent, tmp_path: Path) -> None:
    """Pages of a proxy, torn or foreign JSON are neither an empty list nor a crash."""
    host = github()
    host.answers[f"{REPOSITORY}/releases"] = sent
    done = run(host, tmp_path)
    assert done.missing.keys() == {"releases"}
    assert "releases" in whole(tmp_path).missing


def test_a_list_that_leads_in_a_circle_ends(tmp_path: Path) -> None:
    """A next page that was read before makes the list unusable, not endless."""
    host = github()
    sent = told([{"tag_name": "v1"}], Link=f'<{host.origin}/api/v3/repos/x>; rel="next"')
    host.answers[f"{REPOSITORY}/releases"] = host.answers["/repos/x"] = sent
    assert "circle" in run(host, tmp_path).missing["releases"]


def test_hidden_protection_is_no_missing_protection(tmp_path: Path) -> None:
    """A token that may not see the branch's protection makes the rules unknown, not absent."""
    host = github()
    hidden = told({"message": "Resource not accessible by personal access token"}, 403)
    host.answers[f"{REPOSITORY}/branches/main/protection"] = hidden
    done = run(host, tmp_path)
    assert "hidden" in done.missing["ruleset"]
    assert whole(tmp_path).ruleset is None


def test_a_branch_without_protection_is_judged_by_its_rulesets(tmp_path: Path) -> None:
    """The host says that there is none: that is an answer."""
    host = github()
    none = told({"message": "Branch not protected"}, 404)
    host.answers[f"{REPOSITORY}/branches/main/protection"] = none
    assert run(host, tmp_path).missing == {}
    ruleset = whole(tmp_path).ruleset
    assert ruleset is not None
    assert ruleset.requires_change_request is False


def test_rules_that_fail_do_not_leave_protection_alone(tmp_path: Path) -> None:
    """Half of what guards the branch is not told as if it were all."""
    host = github()
    host.answers[f"{REPOSITORY}/rules/branches/main"] = told({"message": "no"}, 403)
    assert "ruleset" in run(host, tmp_path).missing
    assert whole(tmp_path).ruleset is None


@BOTH
def test_neither_token_nor_code_is_kept(make: Make, tmp_path: Path) -> None:
    """The token and what was not asked for are in no file, of the dump or beside it."""
    host = make()
    with serving(host) as url:
        run(host, tmp_path, url)
    assert all(
        TOKEN in (headers.get("authorization", "") + headers.get("private-token", ""))
        for _, headers, _ in host.log
    )
    for path in tmp_path.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert TOKEN.encode() not in content, path
            assert b"SECRET" not in content, path
            assert b"not kept" not in content, path
            assert path.stat().st_mode & 0o077 == 0, path


@pytest.mark.parametrize(("status", "said"), [(404, "no such repository"), (401, "token")])
def test_a_repository_that_is_not_shown_is_asked_wrongly(
    status: int, said: str, tmp_path: Path
) -> None:
    """A wrong name and a wrong token are the caller's to mend, and no dump is made."""
    host = github()
    host.answers[REPOSITORY] = told({"message": "Not Found"}, status)
    with pytest.raises(BadValue, match=said):
        run(host, tmp_path)
    assert not (tmp_path / "dump").exists()


def test_a_host_that_is_not_there_leaves_the_old_dump(tmp_path: Path) -> None:
    """Nothing is given up before the host has answered."""
    host = github()
    run(host, tmp_path)
    before = whole(tmp_path)
    host.fault = lambda number, path: told({}, 502)
    with pytest.raises(Unavailable):
        run(host, tmp_path, now=LATER)
    assert whole(tmp_path) == before


@pytest.mark.parametrize("name", ["shop", "acme/shop/x", "../x", "acme/sh op", "acme/a?b=c", ""])
def test_a_name_that_is_none_is_not_asked_for(name: str, tmp_path: Path) -> None:
    """Nothing that could lead elsewhere becomes a part of an address."""
    host = github()
    with pytest.raises(BadValue):
        run(host, tmp_path, repository=name)
    assert host.log == []


def test_diffs_that_gitlab_cuts_are_said_to_be(tmp_path: Path) -> None:
    """A change whose lines are not told is not a small one."""
    host = gitlab()
    diffs = host.answers["/projects/7/merge_requests/2/diffs"]
    diffs.append({"new_path": "big.py", "diff": "", "too_large": True})
    done = run(host, tmp_path)
    assert done.missing == {}
    assert "1 changes" in whole(tmp_path).missing["sizes"]


def test_asking_for_another_window_begins_anew(tmp_path: Path) -> None:
    """An unfinished collection of another window, or --fresh, is not gone on with."""
    host = github()
    host.fault = stop_at(30, limited(429, Retry_After="3600"))
    run(host, tmp_path)
    host.fault = lambda number, path: None
    again = run(host, tmp_path, window="80d", now=LATER)
    assert not again.resumed
    host.fault = stop_at(len(host.log) + 10, limited(429, Retry_After="3600"))
    run(host, tmp_path, now="2026-11-23T00:00:00.000000Z")
    host.fault = lambda number, path: None
    assert not run(host, tmp_path, fresh=True, now="2026-11-24T00:00:00.000000Z").resumed
    assert whole(tmp_path).missing.keys() == {"bypasses"}


def test_a_new_collection_that_stops_does_not_pass_off_old_lists(tmp_path: Path) -> None:
    """What is listed anew leaves the dump first: it is as of an earlier day."""
    host = github()
    run(host, tmp_path)
    host.fault = stop_at(len(host.log) + 4, limited(429, Retry_After="3600"))
    done = run(host, tmp_path, now=LATER)
    assert {"runs", "releases", "members", "trees"} <= done.missing.keys()
    for name in ("runs.json", "releases.json", "commits.json", "teams/core.json"):
        assert not (tmp_path / "dump" / name).exists()


def test_missing_comments_are_missing_agents_comments_too(tmp_path: Path) -> None:
    """Probes ask for agents' comments by a name of their own."""
    host = github()
    host.answers[f"{REPOSITORY}/pulls/3/comments"] = told({"message": "no"}, 403)
    run(host, tmp_path)
    assert {"comments", "agent_comments"} <= whole(tmp_path).missing.keys()


def test_a_renamed_repository_is_asked_under_its_name(tmp_path: Path) -> None:
    """The redirect is taken once, and no condition belongs to another address."""
    host = github()
    run(host, tmp_path)
    host.log.clear()
    new = REPOSITORY.replace("shop", "store")
    for path in list(host.answers):
        if path.startswith(f"{REPOSITORY}/"):
            host.keys[path.replace(REPOSITORY, new)] = host.keys.get(path, "")
            host.answers[path.replace(REPOSITORY, new)] = host.answers.pop(path)
    host.answers[REPOSITORY]["full_name"] = "acme/store"
    for pull in host.answers[f"{new}/pulls"][:5]:
        pull["updated_at"] = "2026-11-21T09:00:00Z"
    done = run(host, tmp_path, now=LATER)
    assert (done.repository, done.missing, done.changes) == ("acme/store", {}, 5)
    # The list of pull requests is looked at twice, and the second time is on its own condition.
    conditions = {path for path, headers, _ in host.log if "if-none-match" in headers}
    assert conditions <= {REPOSITORY, f"{new}/pulls", "/orgs/acme/teams/core/members"}
