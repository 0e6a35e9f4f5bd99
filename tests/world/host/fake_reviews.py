"""Pull request 7 of acme/shop with reviews, on a fake GitHub and on a fake GitLab."""

from typing import Any

from tests.world.host.fake_api import FakeApi

HEAD = "a" * 40
PULL = "/repos/acme/shop/pulls/7"
MERGE = "/projects/acme%2Fshop/merge_requests/7"


def github_review(number: int, user: int | None, state: str, at: str, **other: Any) -> Any:
    """Return a review as GitHub tells one."""
    account = None if user is None else {"id": user, "login": f"u{user}", "type": "User"}
    told = {"id": number, "user": account, "state": state, "commit_id": HEAD, "submitted_at": at}
    return {**told, "body": "text", **other}


def github_commit(email: str, message: str = "x", account: int | None = 1) -> Any:
    """Return a commit as GitHub tells one."""
    who = {"name": "A", "email": email, "date": "2026-11-20T00:00:00Z"}
    user = None if account is None else {"id": account, "login": "a", "type": "User"}
    return {
        "sha": HEAD,
        "author": user,
        "committer": user,
        "commit": {"author": who, "committer": who, "message": message},
    }


def fake_github(reviews: list[Any], commits: list[Any] | None = None, head: str = HEAD) -> FakeApi:
    """Return a GitHub with a pull request to main by account 1."""
    host = FakeApi("github")
    written = [github_commit("ada@example.com")] if commits is None else commits
    host.answers = {
        f"GET {PULL}": {
            "number": 7,
            "state": "open",
            "head": {"sha": head},
            "base": {"ref": "main"},
            "user": {"id": 1, "login": "ada", "type": "User"},
            "commits": len(written),
        },
        f"GET {PULL}/reviews": reviews,
        f"GET {PULL}/commits": written,
    }
    return host


def gitlab_commit(email: str, message: str = "x") -> Any:
    """Return a commit as GitLab tells one."""
    people = {f"{role}_{what}": email for role in ("author", "committer") for what in ("email",)}
    return {"id": HEAD, **people, "author_name": "A", "committer_name": "A", "message": message}


def fake_gitlab(
    approved: list[Any], reviewers: list[Any], pushed: str, commits: list[Any] | None = None
) -> FakeApi:
    """Return a GitLab with a merge request to main by account 1, last pushed at a time."""
    host = FakeApi("gitlab")
    version = {"id": 3, "head_commit_sha": HEAD, "created_at": pushed}
    older = {"id": 2, "head_commit_sha": "b" * 40, "created_at": "2026-11-01T00:00:00.000Z"}
    host.answers = {
        f"GET {MERGE}": {
            "iid": 7,
            "state": "opened",
            "sha": HEAD,
            "target_branch": "main",
            "author": {"id": 1, "username": "ada"},
        },
        f"GET {MERGE}/approvals": {"approved_by": approved},
        f"GET {MERGE}/versions": [version, older, {**older, "id": 1}],
        f"GET {MERGE}/reviewers": reviewers,
        f"GET {MERGE}/commits": [gitlab_commit("ada@example.com")] if commits is None else commits,
    }
    return host
