"""Reviews read from a code host over HTTP: which answer for a change, and when nothing is known."""

import gzip
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.changes.made_changes import NOW, POLICY_DIGEST, at, in_state
from tests.world.host.fake_api import FakeApi, serving_api
from tests.world.host.fake_host import Sent, limited, told
from tests.world.host.fake_reviews import (
    HEAD,
    PULL,
    fake_github,
    fake_gitlab,
    github_commit,
    github_review,
    gitlab_commit,
)

from pawl.base.errors import BadValue, CannotTell
from pawl.changes.approval import Approval, Said, Source
from pawl.changes.change import Change, State
from pawl.changes.manifest import parts_digest
from pawl.changes.parts import Prompt
from pawl.changes.reviews import Asked, Proposal, Read, Readout, since
from pawl.services.approvals import read_pull_request, read_reviews
from pawl.world.host.reviews import GitHubReviews, GitLabReviews

BEFORE, SUBMITTED, LATER = at(-2), at(-1), at(-0.5)
CHANGE = in_state(State.IN_REVIEW)
ASKED = Asked(
    change=CHANGE.id,
    digest=CHANGE.digest,
    base_digest=parts_digest(CHANGE.manifest.base),
    policy_digest=POLICY_DIGEST,
    since=SUBMITTED,
)


def read(host: FakeApi) -> Read:
    """Read all of a fake host over HTTP, without waiting."""
    with serving_api(host) as url:
        kind: Any = GitHubReviews if host.kind == "github" else GitLabReviews
        client = kind("token", "acme/shop", 7, url, clock=lambda: 0.0)
        try:
            return read_pull_request(client, NOW, sleep=lambda seconds: None)
        finally:
            client.telling.close()


def out(found: Read, change: Change = CHANGE, parts: Any = None, branch: str = "main") -> Readout:
    """Return what reviews come to; the head gives the change's parts unless told otherwise."""
    given_ = CHANGE.manifest.parts if parts is None else parts
    return read_reviews(
        change, found, ASKED, branch=branch, rebuild=lambda commit: (given_, CHANGE.manifest.base)
    )


def reason(readout: Readout) -> str:
    """Return why the only review does not count."""
    assert readout.proposals == ()
    (left,) = readout.left_out
    return left.reason


def recorded(proposal: Proposal, **other: Any) -> Approval:
    """Return a proposal as the desk records it."""
    answer = Approval(
        id="ans-1", recorded_at=LATER, seq=5,
        **{name: getattr(proposal, name) for name in Proposal.__struct_fields__},
    )  # fmt: skip
    return msgspec.structs.replace(answer, **other)


def test_an_approval_of_the_head_answers_by_number() -> None:
    """A review on the head counts by the account's number, bound to content, base and policy."""
    found = out(read(fake_github([github_review(9, 2, "APPROVED", LATER)])))
    (proposal,) = found.proposals
    assert proposal == Proposal(
        change=CHANGE.id,
        digest=ASKED.digest,
        base_digest=ASKED.base_digest,
        policy_digest=ASKED.policy_digest,
        identity="github:2",
        said=Said.APPROVE,
        source=Source.PROVIDER_REVIEW,
        source_ref=f"github:acme/shop#7/review/9@{HEAD}",
        claimed_at=LATER,
    )
    assert found.left_out == ()


@pytest.mark.parametrize(
    ("review", "why"),
    [
        (github_review(1, 2, "DISMISSED", LATER), "dismissed"),
        (github_review(1, 2, "APPROVED", LATER, commit_id="b" * 40), "bbbbbbbbbbbb"),
        (github_review(1, 2, "APPROVED", LATER, commit_id=None), "which commit"),
        (github_review(1, 2, "APPROVED", BEFORE), "before"),
        (github_review(1, None, "APPROVED", LATER), "gone"),
        ({**github_review(1, 2, "APPROVED", LATER), "user": {"id": 2, "type": "Bot"}}, "bot"),
    ],
)
def test_a_review_that_does_not_count_says_why(review: Any, why: str) -> None:
    """Dismissed, of another commit, of before the review, of nobody or a bot: none is an answer."""
    assert why in reason(out(read(fake_github([review]))))


def test_a_comment_and_a_draft_say_nothing() -> None:
    """Comments neither answer nor take the place of an answer, and a draft is nobody else's."""
    reviews = [
        github_review(1, 2, "APPROVED", LATER),
        github_review(2, 2, "COMMENTED", LATER),
        github_review(3, 2, "PENDING", LATER, submitted_at=None),
    ]
    (proposal,) = out(read(fake_github(reviews))).proposals
    assert proposal.said is Said.APPROVE


def test_the_newest_review_of_an_account_speaks() -> None:
    """Of several reviews of one account, over several pages, the last one is the answer."""
    reviews = [
        github_review(1, 2, "APPROVED", LATER),
        github_review(2, 3, "CHANGES_REQUESTED", LATER),
        github_review(3, 2, "CHANGES_REQUESTED", LATER),
        github_review(4, 3, "APPROVED", LATER),
        github_review(5, 4, "APPROVED", LATER),
        github_review(6, 4, "DISMISSED", LATER),
    ]
    found = out(read(fake_github(reviews)))
    said = {each.identity: each.said for each in found.proposals}
    assert said == {"github:2": Said.REJECT, "github:3": Said.APPROVE}
    assert len(found.left_out) == 4


def test_another_head_base_or_branch_is_not_this_change() -> None:
    """A head that gives another digest, goes elsewhere or is closed makes no review count."""
    host = fake_github([github_review(1, 2, "APPROVED", LATER)])
    found = read(host)
    assert "does not give" in reason(out(found, parts={"prompt/support": Prompt(text="Other.")}))
    assert "goes to main" in reason(out(found, branch="release"))
    closed = msgspec.structs.replace(found, pull=msgspec.structs.replace(found.pull, open=False))
    assert "not open" in reason(out(closed))


def test_a_review_is_one_answer_once() -> None:
    """Reading again neither renews an answer nor binds it to a later policy, also when revoked."""
    found = read(fake_github([github_review(9, 2, "APPROVED", LATER)]))
    (proposal,) = out(found).proposals
    for answer in (
        recorded(proposal),
        recorded(proposal, policy_digest="0" * 64),
        recorded(proposal, revoked_at=NOW),
    ):
        again = out(found, msgspec.structs.replace(CHANGE, answers=(answer,)))
        assert again.proposals == ()
        assert again.taken_back == ()


@pytest.mark.parametrize("now_said", ["DISMISSED", "CHANGES_REQUESTED", None])
def test_what_the_host_shows_no_more_is_taken_back(now_said: str | None) -> None:
    """A yes that was dismissed, replaced by a no, or is gone, is taken back; other pulls' stay."""
    (proposal,) = out(read(fake_github([github_review(9, 2, "APPROVED", LATER)]))).proposals
    other = recorded(proposal, id="ans-2", source_ref=f"github:acme/shop#70/review/9@{HEAD}")
    change = msgspec.structs.replace(CHANGE, answers=(recorded(proposal), other))
    reviews = [] if now_said is None else [github_review(9, 2, now_said, LATER)]
    found = out(read(fake_github(reviews)), change)
    assert [each.answer for each in found.taken_back] == ["ans-1"]
    assert [each.said for each in found.proposals] == [Said.REJECT] * (
        now_said == "CHANGES_REQUESTED"
    )


def test_everybody_who_wrote_any_of_it_is_told() -> None:
    """Opener, authors, committers, their accounts and co-authors are authors."""
    commits = [
        github_commit("ann@example.com"),
        github_commit("second@example.com", "x\n\nCo-authored-by: Leo <leo@example.com>", 77),
        github_commit("coder@example.com", account=None),
    ]
    found = out(read(fake_github([], commits)))
    # `github:1` and `git:ann@example.com` opened the change, and are on record.
    assert set(found.authors) == {
        "git:second@example.com", "github:77", "git:leo@example.com", "git:coder@example.com",
    }  # fmt: skip
    commits = [gitlab_commit("x@example.com", "y\n\nCo-Authored-By: Leo <leo@example.com>")]
    authors = read(fake_gitlab([], [], BEFORE, commits)).authors
    assert set(authors) == {"gitlab:1", "git:x@example.com", "git:leo@example.com"}


def test_commits_that_are_not_listed_are_not_nobodys() -> None:
    """Where the host lists fewer commits than there are, nobody knows the authors."""
    host = fake_github([])
    host.answers[f"GET {PULL}"]["commits"] = 251
    with pytest.raises(CannotTell, match="251"):
        read(host)


def approved(user: int, when: str | None) -> Any:
    """Return an approval as GitLab tells one."""
    told_ = {"user": {"id": user, "username": "u"}}
    return told_ if when is None else {**told_, "approved_at": when}


@pytest.mark.parametrize(
    ("when", "why"),
    [(LATER, ""), (SUBMITTED, ""), (BEFORE, "newest version"), (None, "does not say when")],
)
def test_gitlab_approvals_count_after_the_last_push(when: str | None, why: str) -> None:
    """An approval counts when it is later than the newest version, and only if GitLab says when."""
    found = out(read(fake_gitlab([approved(2, when)], [], at(-1.5))))
    if why:
        assert why in reason(found)
    else:
        (proposal,) = found.proposals
        assert (proposal.identity, proposal.said) == ("gitlab:2", Said.APPROVE)


def test_gitlab_requests_for_changes_are_a_no() -> None:
    """A reviewer who asks for changes says no, also where the same account approved before."""
    reviewers = [
        {"user": {"id": 3}, "state": "requested_changes"},
        {"user": {"id": 4}, "state": "reviewed"},
        {"user": {"id": 2}, "state": "requested_changes"},
    ]
    found = out(read(fake_gitlab([approved(2, LATER)], reviewers, BEFORE)))
    assert {each.identity: each.said for each in found.proposals} == {
        "gitlab:3": Said.REJECT, "gitlab:2": Said.REJECT,
    }  # fmt: skip


HTML = Sent(200, {"Content-Type": "text/html"}, b"<html>Sign in</html>")
TORN = Sent(200, {"Content-Encoding": "gzip"}, gzip.compress(b"[]" + b" " * 5000)[:-9])
FAULTS = {
    "down": told({"message": "Oops"}, 503),
    "limited": limited(429),
    "html": HTML,
    "torn": TORN,
    "cut": Sent(200, {}, b'[{"id": 1'),
    "empty": Sent(204, {}, b""),
    "object": told({"message": "moved"}),
    "words": told(["x"]),
    "redirect": Sent(302, {"Location": "https://elsewhere.example/"}, b""),
}


@pytest.mark.parametrize("name", FAULTS)
@pytest.mark.parametrize("part", ["reviews", "commits"])
def test_a_host_that_does_not_tell_is_not_no_approval(name: str, part: str) -> None:
    """Down, limited, HTML, cut short or of another form: nobody knows, and nothing is approved."""
    host = fake_github([github_review(1, 2, "APPROVED", LATER)])
    host.fault = lambda number, method, path: FAULTS[name] if path.endswith(part) else None
    with pytest.raises(CannotTell):
        read(host)


@pytest.mark.parametrize("part", ["approvals", "versions", "reviewers", "commits"])
@pytest.mark.parametrize("name", ["down", "html", "empty", "words"])
def test_each_list_of_gitlab_is_needed(part: str, name: str) -> None:
    """Whichever list of a merge request cannot be read, nobody knows who approved."""
    host = fake_gitlab([approved(2, LATER)], [], BEFORE)
    host.fault = lambda number, method, path: FAULTS[name] if path.endswith(part) else None
    with pytest.raises(CannotTell):
        read(host)


def test_a_later_page_counts_as_much_as_the_first() -> None:
    """Where the second page fails, or leads back to the first, the first alone is not believed."""
    reviews = [github_review(n, n + 1, "APPROVED", LATER) for n in range(1, 6)]
    host = fake_github(reviews)
    seen = []

    def second(number: int, method: str, path: str) -> Sent | None:
        seen.append(path)
        return told({"message": "x"}, 500) if seen.count(f"{PULL}/reviews") > 1 else None

    host.fault = second
    with pytest.raises(CannotTell):
        read(host)
    circle = fake_github(reviews)

    def back(number: int, method: str, path: str) -> Sent | None:
        if not path.endswith("reviews"):
            return None
        url = f"{circle.origin}/api/v3{path}?per_page=100"
        page = told(reviews[:2])
        return msgspec.structs.replace(page, headers={"Link": f'<{url}>; rel="next"'})

    circle.fault = back
    with pytest.raises(CannotTell):
        read(circle)


def test_a_head_that_moves_meanwhile_is_not_known() -> None:
    """Where somebody pushes while the reviews are read, what was read is of no one commit."""
    host = fake_github([github_review(1, 2, "APPROVED", LATER)])
    before = host.answers[f"GET {PULL}"]
    heads = iter([HEAD, "c" * 40])
    host.answers[f"GET {PULL}"] = lambda content: {**before, "head": {"sha": next(heads)}}
    with pytest.raises(CannotTell, match="moved"):
        read(host)


def test_a_pull_request_that_is_none_is_asked_wrongly() -> None:
    """A wrong number, and a name that is no repository, are mended by whoever asks."""
    with pytest.raises(BadValue):
        read(FakeApi("github"))
    with pytest.raises(BadValue):
        GitHubReviews(None, "acme/../../user", 7)
    with pytest.raises(BadValue):
        GitLabReviews(None, "acme", 7)


def test_answers_are_not_older_than_they_hold() -> None:
    """The earliest time is the latest of submission, age and what came since."""
    assert since(CHANGE, NOW, hours=100) == CHANGE.submitted_at
    assert since(CHANGE, NOW, hours=0.5) == at(-0.5)
    assert since(CHANGE, NOW, hours=100, later=(None, at(-0.2), at(-3))) == at(-0.2)
    draft = msgspec.structs.replace(CHANGE, submitted_at=None)
    assert since(draft, NOW, hours=100) == NOW


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.floats(allow_nan=False),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["id", "user", "state", "commit_id", "submitted_at", "sha", "commit",
                             "author", "committer", "email", "message", "head", "base", "ref",
                             "commits", "approved_by", "approved_at", "versions", "name"]),
            inner,
            max_size=5,
        )
    ),
    max_leaves=12,
)  # fmt: skip


@settings(max_examples=120, deadline=None)
@given(st.lists(VALUES, max_size=3), VALUES)
def test_no_answer_of_a_host_breaks_the_readers(items: list[Any], value: Any) -> None:
    """Whatever JSON a host sends is read as documented, or cannot be told."""
    pull = read_of(GitHubReviews(None, "acme/shop", 7).read_pull, value)
    assert pull is None or pull.head
    for host, names in (
        (GitHubReviews(None, "acme/shop", 7), ("reviews", "commits")),
        (GitLabReviews(None, "acme/shop", 7), ("approvals", "versions", "reviewers", "commits")),
    ):
        lists = {name: [value] if name == "approvals" else items for name in names}
        read_of(lambda told_, host=host: host.read_reviews(_PULLED, told_, NOW), lists)
        read_of(lambda told_, host=host: host.read_authors(_PULLED, told_), lists)


def read_of(reader: Any, value: Any) -> Any:
    """Return what a reader returns, None where it cannot tell."""
    try:
        return reader(value)
    except CannotTell:
        return None


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from([1, 2, 3]),
            st.sampled_from(["APPROVED", "CHANGES_REQUESTED", "COMMENTED", "DISMISSED"]),
            st.booleans(),
            st.sampled_from([BEFORE, LATER]),
        ),
        max_size=8,
    )
)
def test_no_account_says_yes_but_by_its_last_word(said: list[tuple[int, str, bool, str]]) -> None:
    """Whatever came before, an account approves when its last word is a yes to the head."""
    host = GitHubReviews(None, "acme/shop", 7)
    listed = [
        github_review(n, user, state, when, commit_id=HEAD if head else "b" * 40)
        for n, (user, state, head, when) in enumerate(said, 1)
    ]
    reviews = host.read_reviews(_PULLED, {"reviews": listed}, NOW)
    found = out(Read(pull=_PULLED, reviews=reviews, authors=()))
    last = {user: rest for user, *rest in said if rest[0] != "COMMENTED"}
    expected = {
        f"github:{user}" for user, rest in last.items() if rest == ["APPROVED", True, LATER]
    }
    yes = [each.identity for each in found.proposals if each.said is Said.APPROVE]
    assert sorted(yes) == sorted(expected)


_PULLED = GitHubReviews(None, "acme/shop", 7).read_pull(
    {
        "state": "open",
        "head": {"sha": HEAD},
        "base": {"ref": "main"},
        "user": {"id": 1},
        "commits": 1,
    }
)
