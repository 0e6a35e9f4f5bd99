"""Check runs on GitHub and commit statuses on GitLab: how each host is told of a decision.

A check run belongs to the app that made it, and a required check can be pinned to an app; whatever
another app writes under our name is not ours, and is neither read nor changed. On GitLab a status
belongs to the account of the token in the same way.

https://docs.github.com/en/rest/checks/runs, https://docs.gitlab.com/api/commits/#commit-status
"""

import time
from collections.abc import Callable
from typing import Any

import msgspec

from pawl.base.errors import BadValue
from pawl.changes.gate_notice import NAME, Notice
from pawl.maturity.goal_issue import Request
from pawl.world.host import github, gitlab
from pawl.world.host.asking import paged
from pawl.world.host.sender import GitHubSender, GitLabSender

_CONCLUSIONS = {"yes": "success", "no": "failure", "cannot-tell": "action_required"}
_STATES = {"yes": "success", "no": "failed", "cannot-tell": "failed"}


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """A decision as the host shows it: ours or another's, and as it should be or not."""

    id: int
    mine: bool
    same: bool


class GitHubChecks(GitHubSender):
    """Check runs of one commit, by one app."""

    def __init__(
        self,
        token: str | None,
        repository: str,
        commit: str,
        app: int,
        url: str = github.URL,
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        super().__init__(token, url, clock=clock)
        self._path = github.address_of(repository)
        self._commit = _commit(commit)
        self._app = app

    def shown(self) -> Request:
        """Ask for the check runs of our name and app on the commit."""
        query = {"check_name": NAME, "app_id": str(self._app), "filter": "all"}
        return Request(address=paged(f"{self._path}/commits/{self._commit}/check-runs", **query))

    def listed(self, value: Any) -> list[Any] | None:
        """Return the check runs of a page, or None for what is none."""
        found = value.get("check_runs") if isinstance(value, dict) else None
        return found if isinstance(found, list) else None

    def read_shown(self, value: Any, notice: Notice, own: str) -> Shown | None:
        """Return a check run of this very decision's subject, or None for another one."""
        told = value if isinstance(value, dict) else {}
        number, app = told.get("id"), told.get("app")
        if not isinstance(number, int) or told.get("external_id") != notice.external_id:
            return None
        said = told.get("output")
        output: dict[str, Any] = said if isinstance(said, dict) else {}
        return Shown(
            id=number,
            mine=isinstance(app, dict) and app.get("id") == self._app,
            same=told.get("conclusion") == _CONCLUSIONS[notice.outcome]
            and output.get("title") == notice.title
            and output.get("summary") == notice.summary,
        )

    def create(self, notice: Notice) -> Request:
        """Make a check run; sent twice it makes two."""
        body = {"name": NAME, "head_sha": self._commit, **_run(notice)}
        address = f"{self._path}/check-runs"
        return Request(method="POST", address=address, body=body, repeatable=False)

    def update(self, shown: Shown, notice: Notice) -> Request:
        """Give a check run another conclusion."""
        address = f"{self._path}/check-runs/{shown.id}"
        return Request(method="PATCH", address=address, body=_run(notice))


class GitLabStatuses(GitLabSender):
    """Statuses of one commit."""

    def __init__(
        self,
        token: str | None,
        repository: str,
        commit: str,
        url: str = gitlab.URL,
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        super().__init__(token, url, clock=clock)
        self._path = gitlab.address_of(repository)
        self._commit = _commit(commit)

    def shown(self) -> Request:
        """Ask for the newest status of our name on the commit."""
        path = f"{self._path}/repository/commits/{self._commit}/statuses"
        return Request(address=paged(path, name=NAME))

    def listed(self, value: Any) -> list[Any] | None:
        """Return the statuses of a page, or None for what is none."""
        return value if isinstance(value, list) else None

    def read_shown(self, value: Any, notice: Notice, own: str) -> Shown | None:
        """Return a status of ours as it is, or None for what is none."""
        told = value if isinstance(value, dict) else {}
        number, author = told.get("id"), told.get("author")
        if not isinstance(number, int) or told.get("name") != NAME:
            return None
        return Shown(
            id=number,
            mine=isinstance(author, dict) and bool(own) and author.get("username") == own,
            same=told.get("status") == _STATES[notice.outcome]
            and told.get("description") == notice.title,
        )

    def create(self, notice: Notice) -> Request:
        """Set the status; a status that is the same already is refused by GitLab."""
        body = {"name": NAME, "state": _STATES[notice.outcome], "description": notice.title}
        address = f"{self._path}/statuses/{self._commit}"
        return Request(method="POST", address=address, body=body, repeatable=False)

    def update(self, shown: Shown, notice: Notice) -> Request:
        """Set the status anew: the newest of a name is the one that counts."""
        return self.create(notice)


def _run(notice: Notice) -> dict[str, Any]:
    return {
        "external_id": notice.external_id,
        "status": "completed",
        "conclusion": _CONCLUSIONS[notice.outcome],
        "output": {"title": notice.title, "summary": notice.summary},
    }


def _commit(text: str) -> str:
    if not github.COMMIT.fullmatch(text):
        raise BadValue(f"{text[:80]!r} is no commit.", place="--commit", hint="Write all of it.")
    return text
