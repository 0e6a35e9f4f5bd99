"""Comments under a change on GitHub and GitLab: how each is asked for them, and told.

On GitHub a pull request's own comments are those of an issue; on GitLab they are a merge request's
notes. Every request is a value, so that whoever sends it decides about waiting and sending again.
"""

import time
from collections.abc import Callable
from typing import Any

from pawl.maturity.goal_issue import Request
from pawl.review.sticky import Comment
from pawl.world.host import github, gitlab
from pawl.world.host.asking import paged
from pawl.world.host.sender import GitHubSender, GitLabSender


class GitHubComments(GitHubSender):
    """Comments of one pull request of a GitHub repository."""

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
        self._issues = f"{github.address_of(repository)}/issues"
        self._number = number

    def comments(self) -> Request:
        """Ask for the comments, oldest first."""
        return Request(address=paged(f"{self._issues}/{self._number}/comments"))

    def read_comment(self, value: Any) -> Comment | None:
        """Return a comment, or None for what is none."""
        author = value.get("user") if isinstance(value, dict) else None
        return _comment(value, _text(author, "login"))

    def create(self, body: str) -> Request:
        """Comment; sent twice it does so twice."""
        address = f"{self._issues}/{self._number}/comments"
        return Request(method="POST", address=address, body={"body": body}, repeatable=False)

    def update(self, number: int, body: str) -> Request:
        """Give a comment another text."""
        address = f"{self._issues}/comments/{number}"
        return Request(method="PATCH", address=address, body={"body": body})

    def delete(self, number: int) -> Request:
        """Remove a comment."""
        return Request(method="DELETE", address=f"{self._issues}/comments/{number}")


class GitLabComments(GitLabSender):
    """Notes of one merge request of a GitLab project."""

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
        self._notes = f"{gitlab.address_of(repository)}/merge_requests/{number}/notes"

    def comments(self) -> Request:
        """Ask for the notes, oldest first."""
        return Request(address=paged(self._notes, order_by="created_at", sort="asc"))

    def read_comment(self, value: Any) -> Comment | None:
        """Return a note, or None for what GitLab says by itself."""
        if isinstance(value, dict) and value.get("system") is True:
            return None
        author = value.get("author") if isinstance(value, dict) else None
        return _comment(value, _text(author, "username"))

    def create(self, body: str) -> Request:
        """Write a note; sent twice it does so twice."""
        return Request(method="POST", address=self._notes, body={"body": body}, repeatable=False)

    def update(self, number: int, body: str) -> Request:
        """Give a note another text."""
        return Request(method="PUT", address=f"{self._notes}/{number}", body={"body": body})

    def delete(self, number: int) -> Request:
        """Remove a note."""
        return Request(method="DELETE", address=f"{self._notes}/{number}")


def _comment(value: Any, author: str) -> Comment | None:
    number = value.get("id") if isinstance(value, dict) else None
    if not isinstance(number, int) or isinstance(number, bool) or number <= 0:
        return None
    return Comment(id=number, body=_text(value, "body"), author=author)


def _text(value: Any, name: str) -> str:
    found = value.get(name) if isinstance(value, dict) else None
    return found if isinstance(found, str) else ""
