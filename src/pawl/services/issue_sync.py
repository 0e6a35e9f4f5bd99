"""Keep one issue for each goal of a roadmap on a code host, and nothing else.

Everything is looked up before anything is written, by the marker in the issues' texts. So a
synchronisation that stopped half-way, or was never told what became of its last request, is gone
on with by running it again: nothing is made twice.
"""

from collections.abc import Callable, Iterator
from typing import Literal

from pawl.base.errors import BadValue, Unavailable
from pawl.maturity.goal_issue import (
    LABEL,
    MAX_GOALS,
    Asked,
    Done,
    Issue,
    Project,
    Step,
    Synced,
    last_word,
    marker_in,
    steps,
)
from pawl.services.collecting_pages import Interrupted, Unanswered
from pawl.services.issue_talk import MAX_WAIT_S, Host, Talk, Unclear

MAX_PAGES = 100
"""Pages of issues that are looked through: 10,000 issues of one account or label."""
MAX_COMMENT_PAGES = 10

_CONFLICT = 409
_ABOUT_ONE = (400, _CONFLICT, 410, 413, 422)
"""Statuses that speak of one text or issue; any other no holds for all that would follow."""


def sync_issues(
    host: Host,
    repository: str,
    asked: Asked,
    *,
    as_of: str,
    dry_run: bool,
    sleep: Callable[[float], None],
    told: Callable[[float, str], None],
    max_wait_s: float = MAX_WAIT_S,
) -> Synced:
    """Make, update, close and reopen the issues of a roadmap's goals; return what was done.

    With `dry_run` nothing is written. `told` hears of each wait, in seconds, and why. Raises
    BadValue for a repository that shows or takes no issues, CannotTell for more issues than are
    looked through, and Unavailable when the host does not answer before anything was written.
    """
    if len(asked.wanted) > MAX_GOALS:
        raise BadValue(
            f"{len(asked.wanted)} goals are more than {MAX_GOALS}.",
            place="--sync",
            hint="Take fewer models with --model.",
        )
    talk = Talk(host, sleep, told, max_wait_s)
    project, own, found = _looked_up(host, talk, repository)
    planned = steps(asked, found, own)
    sync = _Sync(host, talk, project, own, dry_run)
    sync.run(planned)
    return Synced(
        product=host.name,
        repository=project.name,
        visibility=project.visibility,
        subject=asked.subject,
        as_of=as_of,
        dry_run=dry_run,
        done=tuple(sync.done),
        stopped=sync.stopped,
        requests=talk.requests,
        waited_s=talk.waited_s,
    )


def _looked_up(host: Host, talk: Talk, repository: str) -> tuple[Project, str, list[Issue]]:
    """Return where issues are, whose the token is ('' where that is not told), and the issues."""
    try:
        project = host.read_project(talk.ask(host.project(repository)).value)
        if project is None:
            raise Unavailable("the host's answer is no repository.", place=host.url)
        if project.closed:
            raise BadValue(f"No issue can be written there: {project.closed}.", place=repository)
        own = talk.account(host)
        return project, own, list(_all_issues(host, talk, project, own))
    except Unanswered as failure:
        if failure.for_good:
            raise BadValue(
                f"The host does not show it: {failure}.",
                place=repository,
                hint=f"Check the name, and set {host.variable} to a token that may write issues.",
            ) from failure
        raise Unavailable(
            f"the host does not answer: {failure}.", place=host.url, hint="Try again later."
        ) from failure
    except Interrupted as stop:
        raise Unavailable(
            f"the host wants to be left alone: {stop}.", place=host.url, hint="Try again later."
        ) from stop


def _all_issues(host: Host, talk: Talk, project: Project, own: str) -> Iterator[Issue]:
    """Yield each issue with a marker of ours once; raises CannotTell for too many issues."""
    seen: set[int] = set()
    for request in host.issues(project, own):
        for value in talk.listed(request, MAX_PAGES, whole=True):
            issue = host.read_issue(value)
            if issue is not None and issue.number not in seen and marker_in(issue.body):
                seen.add(issue.number)
                yield issue


class _Sync:
    """Does one step after the other, and remembers what became of each."""

    def __init__(self, host: Host, talk: Talk, project: Project, own: str, dry_run: bool) -> None:
        self.done: list[Done] = []
        self.stopped = ""
        self._host = host
        self._talk = talk
        self._project = project
        self._own = own
        self._dry_run = dry_run

    def run(self, planned: list[Step]) -> None:
        """Do every step; what the host has against one step does not keep it from the others."""
        for step in planned:
            number = None if step.issue is None else step.issue.number
            if self.stopped:
                self._note(step, "stop", number, "not reached")
                continue
            try:
                if not self._dry_run:
                    number = self._do(step)
                self._note(step, step.action, number, step.reason)
            except Unanswered as failure:
                self._note(step, "fail", number, str(failure))
                if not failure.for_good or failure.status not in _ABOUT_ONE:
                    self.stopped = str(failure)
            except (Interrupted, Unclear) as stop:
                self._note(step, "stop", number, str(stop))
                self.stopped = str(stop)

    def _do(self, step: Step) -> int | None:
        if step.action in ("keep", "leave"):
            return None if step.issue is None else step.issue.number
        if step.issue is None:
            return self._create(step)
        number = step.issue.number
        if step.body is not None or step.action in ("close", "reopen"):
            self._refuse_changed(step.issue)
        if step.word and self._last_word(number) != step.word:
            self._comment(step, number)
        state: Literal["", "open", "closed"] = ""
        if step.action in ("close", "reopen"):
            state = "closed" if step.action == "close" else "open"
        for request in self._host.change(
            self._project, number, body=step.body, state=state, relabel=step.relabel
        ):
            self._talk.ask(request)
        return number

    def _refuse_changed(self, seen: Issue) -> None:
        """Raise Unanswered where somebody wrote to an issue since it was looked up."""
        answer = self._talk.ask(self._host.issue(self._project, seen.number))
        found = self._host.read_issue(answer.value)
        if found is None or (found.body, found.open) != (seen.body, seen.open):
            raise Unanswered("somebody changed it meanwhile; run it again", status=_CONFLICT)

    def _create(self, step: Step) -> int:
        """Make an issue; whether it was made is looked up where the answer was lost."""
        request = self._host.create(self._project, step.title, step.body or "")
        try:
            made = self._host.read_issue(self._talk.ask(request).value)
        except Unclear:
            made = None
        made = made or self._made(step)
        if made is None:
            raise Interrupted("whether the host made the issue is not known; run it again later")
        if not made.labelled and not self._own:
            raise Interrupted(
                f"#{made.number} did not get the label {LABEL}, without which it cannot be found "
                "again: give it the label, or take a token that may"
            )
        return made.number

    def _made(self, step: Step) -> Issue | None:
        found = _all_issues(self._host, self._talk, self._project, self._own)
        return next((issue for issue in found if marker_in(issue.body) == step.marker), None)

    def _comment(self, step: Step, number: int) -> None:
        try:
            self._talk.ask(self._host.comment(self._project, number, step.said))
        except Unclear:
            if self._last_word(number) != step.word:
                raise

    def _last_word(self, number: int) -> str:
        listed = self._talk.listed(
            self._host.comments(self._project, number), MAX_COMMENT_PAGES, whole=False
        )
        told = (self._host.read_comment(value) for value in listed)
        return last_word((each for each in told if each is not None), self._own)

    def _note(
        self,
        step: Step,
        action: Literal["create", "update", "reopen", "close", "keep", "leave", "fail", "stop"],
        number: int | None,
        reason: str,
    ) -> None:
        self.done.append(
            Done(criterion=step.criterion, action=action, number=number, reason=reason)
        )
