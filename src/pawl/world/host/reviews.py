"""Reviews of a pull request on GitHub and GitLab: how each is asked for them, and read.

An answer that is not of the documented form is a failure and never "no reviews": who said no may
stand in what was not understood. Accounts are read by their number, which they keep; a name can be
given away and taken by somebody else.

GitHub: https://docs.github.com/en/rest/pulls/reviews, of which each names its commit. A list of a
pull request's commits ends with the 250th.
GitLab: https://docs.gitlab.com/api/merge_request_approvals/ names no commit. An approval counts for
the head when it was given after the newest version of the merge request was pushed; one whose time
the host does not tell counts for none.
"""

import time
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from pawl.base.errors import CannotTell
from pawl.base.times import canonical_time
from pawl.changes.authorship import authors_of
from pawl.changes.reviews import PullRequest, Review, Stood
from pawl.maturity.goal_issue import Request
from pawl.world.host import github, gitlab
from pawl.world.host.asking import paged
from pawl.world.host.sender import GitHubSender, GitLabSender

_GITHUB = {
    "APPROVED": Stood.APPROVED,
    "CHANGES_REQUESTED": Stood.REFUSED,
    "COMMENTED": Stood.COMMENTED,
    "DISMISSED": Stood.DISMISSED,
    "PENDING": Stood.COMMENTED,
}
_GITLAB_COMMIT = {
    "author": "author_email",
    "author_name": "author_name",
    "committer": "committer_email",
    "committer_name": "committer_name",
    "message": "message",
}
_LATE = "GitLab does not say when it was given, so it may be of an earlier version."
_OLD = "It was given before the newest version was pushed."


class _Commit(NamedTuple):
    """One commit as the host tells it."""

    author: str
    author_name: str
    committer: str
    committer_name: str
    message: str


class GitHubReviews(GitHubSender):
    """Reviews of one pull request of a GitHub repository."""

    def __init__(
        self,
        token: str | None,
        repository: str,
        number: int,
        url: str = github.URL,
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        super().__init__(token, url, clock=clock)
        self._pull = f"{github.address_of(repository)}/pulls/{number}"
        self._called = f"github:{repository.lower()}#{number}"

    def pull(self) -> Request:
        """Ask where the pull request stands."""
        return Request(address=self._pull)

    def read_pull(self, value: Any) -> PullRequest:
        """Return where it stands; raises CannotTell."""
        told = _object(value)
        return PullRequest(
            name=self._called,
            head=_commit(_object(told.get("head")).get("sha")),
            target=_text(_object(told.get("base")).get("ref")),
            open=told.get("state") == "open",
            author=_account("github", told.get("user")),
            commits=_whole(told.get("commits")),
        )

    def lists(self) -> Mapping[str, Request]:
        """Ask for everything that is a list, by name."""
        return {
            "reviews": Request(address=paged(f"{self._pull}/reviews")),
            "commits": Request(address=paged(f"{self._pull}/commits")),
        }

    def read_reviews(
        self, pull: PullRequest, lists: Mapping[str, list[Any]], now: str
    ) -> tuple[Review, ...]:
        """Return the reviews, oldest first; raises CannotTell."""
        return tuple(_github_review(value, seq) for seq, value in enumerate(lists["reviews"]))

    def read_authors(self, pull: PullRequest, lists: Mapping[str, list[Any]]) -> tuple[str, ...]:
        """Return the identities of everybody who wrote any of it; raises CannotTell."""
        found = [pull.author] if pull.author else []
        if pull.commits != len(lists["commits"]):
            raise CannotTell(
                f"of {pull.commits} commits the host lists {len(lists['commits'])}, so that not "
                "every author is known.",
                place=pull.name,
                hint="Make it a smaller pull request: GitHub lists 250 commits of one.",
            )
        commits = []
        for value in lists["commits"]:
            told = _object(value)
            accounts = [_account("github", told.get(role)) for role in ("author", "committer")]
            found += [account for account in accounts if account]
            commit = _object(told.get("commit"))
            commits.append(
                _Commit(
                    *_who(commit.get("author")),
                    *_who(commit.get("committer")),
                    _text(commit.get("message"), empty=True),
                )
            )
        return tuple(dict.fromkeys((*found, *authors_of(commits))))


class GitLabReviews(GitLabSender):
    """Approvals of one merge request of a GitLab project, and who asked for changes."""

    def __init__(
        self,
        token: str | None,
        repository: str,
        number: int,
        url: str = gitlab.URL,
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        super().__init__(token, url, clock=clock)
        self._pull = f"{gitlab.address_of(repository)}/merge_requests/{number}"
        self._called = f"gitlab:{repository.lower()}!{number}"

    def pull(self) -> Request:
        """Ask where the merge request stands."""
        return Request(address=self._pull)

    def read_pull(self, value: Any) -> PullRequest:
        """Return where it stands; raises CannotTell."""
        told = _object(value)
        return PullRequest(
            name=self._called,
            head=_commit(told.get("sha")),
            target=_text(told.get("target_branch")),
            open=told.get("state") == "opened",
            author=_account("gitlab", told.get("author")),
        )

    def lists(self) -> Mapping[str, Request]:
        """Ask for everything that is a list, by name; `approvals` is one object."""
        return {
            "approvals": Request(address=f"{self._pull}/approvals"),
            "versions": Request(address=paged(f"{self._pull}/versions")),
            "reviewers": Request(address=paged(f"{self._pull}/reviewers")),
            "commits": Request(address=paged(f"{self._pull}/commits")),
        }

    def read_reviews(
        self, pull: PullRequest, lists: Mapping[str, list[Any]], now: str
    ) -> tuple[Review, ...]:
        """Return the approvals, and then who asks for changes; raises CannotTell."""
        pushed = _pushed(pull, lists["versions"])
        (approvals,) = lists["approvals"]
        found: list[Review] = []
        for value in _list(_object(approvals).get("approved_by")):
            told = _object(value)
            at = None if told.get("approved_at") is None else _time(told.get("approved_at"))
            late = _LATE if at is None else _OLD if at <= pushed else ""
            found.append(_gitlab_review(told, "approval", Stood.APPROVED, pull, at or "", late))
        for value in lists["reviewers"]:
            told = _object(value)
            if _text(told.get("state")) == "requested_changes":
                # GitLab keeps it until the same person reviews again, whatever is pushed.
                found.append(_gitlab_review(told, "request", Stood.REFUSED, pull, now, ""))
        return tuple(found)

    def read_authors(self, pull: PullRequest, lists: Mapping[str, list[Any]]) -> tuple[str, ...]:
        """Return the identities of everybody who wrote any of it; raises CannotTell."""
        found = [pull.author] if pull.author else []
        commits = []
        for value in lists["commits"]:
            told = _object(value)
            commits.append(
                _Commit(
                    **{
                        field: _text(told.get(named), empty=True)
                        for field, named in _GITLAB_COMMIT.items()
                    }
                )
            )
        return tuple(dict.fromkeys((*found, *authors_of(commits))))


def _github_review(value: Any, seq: int) -> Review:
    told = _object(value)
    stood = _GITHUB.get(_text(told.get("state")))
    if stood is None:
        raise _odd("a review has a state that is not known here")
    said = stood is not Stood.COMMENTED
    commit = told.get("commit_id")
    user = told.get("user")
    return Review(
        ref=f"review/{_id(told.get('id'))}",
        identity=_account("github", user),
        stood=stood,
        # GitHub forgets the commit of a review when nothing leads to it any more.
        commit="" if commit is None else _commit(commit),
        at=_time(told.get("submitted_at")) if said else "",
        seq=seq,
        bot=isinstance(user, dict) and user.get("type") != "User",
        unsaid="" if commit else "GitHub does not say which commit it was given on.",
    )


def _gitlab_review(
    told: Mapping[str, Any], kind: str, stood: Stood, pull: PullRequest, at: str, unsaid: str
) -> Review:
    user = _object(told.get("user"))
    identity = _account("gitlab", user)
    # An approval has no number of its own: its account and time tell it from an earlier one.
    stamp = f"-{at}" if stood is Stood.APPROVED else f"-{pull.head}"
    return Review(
        ref=f"{kind}/{identity.partition(':')[2]}{stamp}",
        identity=identity,
        stood=stood,
        commit="" if unsaid else pull.head,
        at=at,
        seq=int(stood is Stood.REFUSED),
        bot=user.get("bot") is True,
        unsaid=unsaid,
    )


def _pushed(pull: PullRequest, versions: list[Any]) -> str:
    """Return when the newest version came; raises CannotTell when it is not the head."""
    told = [_object(each) for each in versions]
    newest = max(told, key=lambda each: _id(each.get("id")), default=None)
    if newest is None or newest.get("head_commit_sha") != pull.head:
        raise _odd("its newest version is not its head")
    return _time(newest.get("created_at"))


def _account(provider: str, value: Any) -> str:
    """Return an account's identity, empty where the account is gone; raises CannotTell."""
    return "" if value is None else f"{provider}:{_id(_object(value).get('id'))}"


def _who(value: Any) -> tuple[str, str]:
    """Return the address and the name of an author as git has them."""
    told = _object(value)
    return _text(told.get("email"), empty=True), _text(told.get("name"), empty=True)


def _object(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _odd("it is no object")
    return value


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise _odd("it is no list")
    return value


def _text(value: Any, *, empty: bool = False) -> str:
    if not isinstance(value, str) or not (value or empty):
        raise _odd("a text is missing")
    return value


def _id(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value < 1 << 63:
        raise _odd("a number is missing")
    return value


def _whole(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise _odd("a count is missing")
    return value


def _commit(value: Any) -> str:
    if not isinstance(value, str) or not github.COMMIT.fullmatch(value):
        raise _odd("a commit is missing")
    return value


def _time(value: Any) -> str:
    try:
        return canonical_time(_text(value))
    except (ValueError, OverflowError) as error:
        raise _odd("a time is missing") from error


def _odd(what: str) -> CannotTell:
    return CannotTell(
        f"The host's answer is not as documented: {what}.",
        place="reviews",
        hint="Ask again later; until then nothing counts as approved.",
    )
