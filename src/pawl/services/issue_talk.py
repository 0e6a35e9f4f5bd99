"""Talk with a code host about issues: wait where it asks for it, and never write twice by guess."""

from collections.abc import Callable, Iterator
from typing import Any, Literal, Protocol

import msgspec

from pawl.base.durations import format_duration
from pawl.base.errors import CannotTell
from pawl.maturity.goal_issue import Comment, Issue, Project, Request
from pawl.maturity.host_questions import Answer
from pawl.services.collecting_pages import BACKOFF_S, LIMITS_IN_A_ROW, Interrupted, Unanswered

MAX_WAIT_S = 900.0
"""Seconds that a host's limits are waited for in all."""
PAUSE_S = 1.0
"""Seconds between two requests that write, as
https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api asks."""


class Known(Protocol):
    """A code host that is asked things, and that says whose the token is."""

    @property
    def name(self) -> Literal["github", "gitlab"]:
        """The product."""

    @property
    def url(self) -> str:
        """The base address of its API."""

    @property
    def variable(self) -> str:
        """The environment variable that its token comes from."""

    def send(self, request: Request) -> Answer:
        """Send one request once."""

    def account(self) -> Request:
        """Ask whose the token is."""

    def read_account(self, value: Any) -> str:
        """Return the account's name in an answer, or nothing."""


class Host(Known, Protocol):
    """A code host that keeps issues: what it is asked, and how its answers are read."""

    def project(self, repository: str) -> Request:
        """Ask for a repository; raises BadValue for a name that is none."""

    def read_project(self, value: Any) -> Project | None:
        """Return the repository in an answer."""

    def issues(self, project: Project, own: str) -> tuple[Request, ...]:
        """Ask for every issue with our label, and for every one that `own` opened."""

    def issue(self, project: Project, number: int) -> Request:
        """Ask for one issue."""

    def read_issue(self, value: Any) -> Issue | None:
        """Return an issue, or None for what is none."""

    def comments(self, project: Project, number: int) -> Request:
        """Ask for an issue's comments, oldest first."""

    def read_comment(self, value: Any) -> Comment | None:
        """Return a comment, or None for what is none."""

    def create(self, project: Project, title: str, body: str) -> Request:
        """Make an issue."""

    def comment(self, project: Project, number: int, text: str) -> Request:
        """Comment on an issue."""

    def change(
        self,
        project: Project,
        number: int,
        *,
        body: str | None,
        state: Literal["", "open", "closed"],
        relabel: bool,
    ) -> tuple[Request, ...]:
        """Give an issue a text, a state and our label."""


class Unclear(Exception):
    """A request was sent, and whether it did anything is not known."""


class Talk:
    """Sends requests, waits where the host asks for it, and counts both."""

    def __init__(
        self,
        host: Known,
        sleep: Callable[[float], None],
        told: Callable[[float, str], None],
        max_wait_s: float,
    ) -> None:
        self.requests = 0
        self.waited_s = 0.0
        self._host = host
        self._sleep = sleep
        self._told = told
        self._max_wait_s = max_wait_s
        self._pause_s = 0.0
        self._wrote = False

    def ask(self, request: Request) -> Answer:
        """Return what a host tells; raises Unanswered, Interrupted, or Unclear after a write."""
        failures = limits = 0
        while True:
            answer = self._sent(request)
            if answer.outcome == "told":
                self._pause_s = answer.wait_s
                return answer
            if answer.outcome == "limited":
                limits += 1
                if limits > LIMITS_IN_A_ROW:
                    raise Interrupted(answer.reason)
                self._wait(answer.wait_s, answer.reason)
                continue
            accepted = 200 <= answer.status < 300
            if request.method != "GET" and request.repeatable and accepted:
                return answer  # It was done, whatever else is said.
            if not request.repeatable and (answer.outcome == "failed" or accepted):
                raise Unclear(answer.reason)
            if answer.outcome == "refused":
                raise Unanswered(answer.reason, status=answer.status)
            failures += 1
            if failures > len(BACKOFF_S):
                raise Unanswered(answer.reason, status=answer.status, for_good=False)
            if answer.wait_s:
                self._wait(answer.wait_s, answer.reason)
            else:
                self._sleep(BACKOFF_S[failures - 1])

    def account(self, host: Known) -> str:
        """Return whose the token is, or nothing where the host does not say."""
        try:
            return host.read_account(self.ask(host.account()).value)
        except Unanswered as failure:
            if failure.for_good:
                return ""
            raise

    def listed(self, request: Request, most: int, *, whole: bool) -> Iterator[Any]:
        """Yield the items of a list; raises CannotTell beyond `most` pages if it must be whole."""
        seen: set[str] = set()
        for _ in range(most):
            answer = self.ask(request)
            if not isinstance(answer.value, list):
                raise Unanswered("not what the host answers to this question", for_good=False)
            yield from answer.value
            seen.add(request.address)
            if not answer.next or answer.next in seen:
                return
            request = msgspec.structs.replace(request, address=answer.next)
        if whole:
            raise CannotTell(
                "there is more than is looked through, so something could be made twice.",
                place=self._host.url,
                hint="Take a token of an account of its own.",
            )

    def _sent(self, request: Request) -> Answer:
        if self._pause_s:
            self._wait(self._pause_s, "the host's limit is used up")
            self._pause_s = 0.0
        if request.method != "GET":
            if self._wrote:
                self._sleep(PAUSE_S)
            self._wrote = True
        self.requests += 1
        return self._host.send(request)

    def _wait(self, seconds: float, reason: str) -> None:
        if self.waited_s + seconds > self._max_wait_s:
            raise Interrupted(f"{reason}; it lasts {format_duration(seconds)} more")
        self._told(seconds, reason)
        self._sleep(seconds)
        self.waited_s += seconds
