"""Sends requests to one code host with one token, and asks whose that token is."""

import time
from collections.abc import Callable
from typing import Any, Literal

from pawl.maturity.goal_issue import Request
from pawl.maturity.host_questions import Answer
from pawl.world.host import github, gitlab
from pawl.world.host.answering import answer
from pawl.world.host.telling import Telling


class Sender:
    """Sends requests to one API with one token.

    `name` is what the host is called, `variable` the environment's name of its token.
    """

    name: Literal["github", "gitlab"]
    variable: str
    _login: str

    def __init__(
        self, url: str, headers: dict[str, str], token: str | None, clock: Callable[[], float]
    ) -> None:
        self.telling = Telling(url, headers, secret=bool(token))
        self._clock = clock

    @property
    def url(self) -> str:
        """The base address of its API."""
        return self.telling.url

    def send(self, request: Request) -> Answer:
        """Send one request once, and return what the host answers."""
        if request.method == "GET":
            reply = self.telling.get(request.address)
        else:
            body = None if request.method == "DELETE" else request.body or {}
            reply = self.telling.tell(request.method, request.address, body)
        return answer(reply, self.telling, request.address, self._clock())

    def account(self) -> Request:
        """Ask whose the token is. A token of a GitHub workflow is nobody's, and is refused."""
        return Request(address="/user")

    def read_account(self, value: Any) -> str:
        """Return the account's name; empty for an answer that names none."""
        found = value.get(self._login) if isinstance(value, dict) else None
        return found if isinstance(found, str) else ""


class GitHubSender(Sender):
    """Sends to GitHub, or to a GitHub Enterprise at another address."""

    name = "github"
    variable = "GITHUB_TOKEN"
    _login = "login"

    def __init__(
        self, token: str | None, url: str = github.URL, *, clock: Callable[[], float] = time.time
    ) -> None:
        super().__init__(url, github.headers_of(token), token, clock)


class GitLabSender(Sender):
    """Sends to GitLab, at its own address or another."""

    name = "gitlab"
    variable = "GITLAB_TOKEN"
    _login = "username"

    def __init__(
        self, token: str | None, url: str = gitlab.URL, *, clock: Callable[[], float] = time.time
    ) -> None:
        super().__init__(url, gitlab.headers_of(token), token, clock)
