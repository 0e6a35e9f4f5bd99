"""Wiring of `pawl review`: a repository, an agent under supervision, the ledger, a code host."""

from __future__ import annotations

import os
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeVar

import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from pawl.base.errors import PawlError
    from pawl.review.budget import Allowance
    from pawl.review.feedback import Threshold, Thresholds, Verdict
    from pawl.review.finding import Finding
    from pawl.review.policy import ReviewPolicy
    from pawl.review.queue import Queue
    from pawl.review.review import Review
    from pawl.runs.record import RunRecord
    from pawl.runs.spec import Limits
    from pawl.services.review_posting import Posted
    from pawl.services.reviewing import Wanted
    from pawl.store.records.reviews import ReviewRecords

T = TypeVar("T", int, float)
Product = Literal["github", "gitlab"]
_WORKFLOW = "github-actions[bot]"
"""Whose comments are that a GitHub workflow makes with its own token, which may not ask who it is.
https://docs.github.com/en/actions/concepts/security/github_token"""


class Asking(msgspec.Struct, frozen=True, kw_only=True):
    """What the command line asks of a review; None is *not said*. Money in micro-USD."""

    base: str
    head: str
    command: tuple[str, ...]
    number: int | None = None
    agent: str | None = None
    fail_on: str = "high"
    usd_micros: int | None = None
    turns: int | None = None
    seconds: float | None = None
    untrusted: bool | None = None


class Reviewing:
    """One review to be made here. Raises Refused for a command that cannot be held to reading."""

    def __init__(self, folder: Path, asking: Asking, told: Callable[[str], None]) -> None:
        from pawl import app
        from pawl.base.finding import Severity
        from pawl.review.budget import Budget
        from pawl.review.policy import held_to_reading, shipped_policy
        from pawl.services.reviewing import Wanted
        from pawl.services.run_agents import find_agent

        self._folder = folder
        self._asking = asking
        self._told = told
        self._policy = policy = shipped_policy()
        product = find_agent(asking.command, asking.agent).product
        named = asking.agent is not None
        self._command, self._tools = held_to_reading(policy, product, asking.command, named=named)
        # Nothing is known of what another agent spends: it is held to what somebody asks for.
        metered = product in policy.agents
        numbers = policy.budget
        self._turns = asking.turns or (numbers.max_turns if metered else None)
        usd = asking.usd_micros
        self.wanted: Wanted = Wanted(
            at=app.now(),
            budget=Budget(
                usd_micros=numbers.usd_micros if usd is None and metered else usd,
                seconds=numbers.seconds if asking.seconds is None else asking.seconds,
                least_micros=numbers.least_micros,
                least_seconds=numbers.least_seconds,
            ),
            fail_on=Severity(asking.fail_on),
            number=asking.number,
            project=review_project(),
        )

    def review(self) -> Review:
        """Return the review, which the ledger then holds; raises PawlError for no change."""
        from pawl.review.diff_reading import read_change
        from pawl.review.feedback import dismissed_of
        from pawl.services.review_feedback import current_thresholds
        from pawl.services.reviewing import Outside, review
        from pawl.world import clock
        from pawl.world.change_reading import read_git_change

        read = read_git_change(Path.cwd(), self._asking.base, self._asking.head)
        change = read_change(read.base, read.head, read.listing, read.patch, cut=read.cut)
        wanted = self.wanted
        if read.checked_out != read.head:
            note = "The working tree is not at the reviewed commit: the agent saw other files."
            wanted = msgspec.structs.replace(wanted, warnings=(*wanted.warnings, note))
        with review_records(self._folder) as records:
            thresholds = current_thresholds(records, self._policy, wanted.project)
            judged = () if records is None else records.judged(wanted.project)
        wanted = msgspec.structs.replace(wanted, dismissed=dismissed_of(judged))
        done = review(
            wanted,
            change,
            self._policy,
            thresholds,
            Outside(
                agent=self._agent(),
                nonce=clock.new_token,
                monotonic=clock.monotonic,
                told=self._told,
            ),
        )
        return self._kept(done) if done.runs else done

    def _kept(self, done: Review) -> Review:
        """Put a review into the ledger; where that fails it is handed on all the same, and says so.

        What it found has been paid for.
        """
        from pawl import app
        from pawl.app.people import actor
        from pawl.base.errors import PawlError
        from pawl.services.review_feedback import keep

        try:
            with review_records(self._folder, begin=True) as records:
                assert records is not None  # It was begun.
                keep(records, done, actor(), app.now())
        except PawlError as error:
            note = f"The ledger does not hold this review: {error}"[:1000]
            self._told(note)
            return msgspec.structs.replace(done, warnings=(*done.warnings, note))
        return done

    def failed(self, error: PawlError, code: int) -> Review:
        """Return the review of a change that could not be read."""
        from pawl.services.reviewing import failed

        return failed(self.wanted, str(error), code)

    def _agent(self) -> Callable[[str, Allowance], RunRecord]:
        from pawl import app
        from pawl.runs.config import Asked
        from pawl.runs.spec import Limits
        from pawl.services.run_around import Shown
        from pawl.services.runs import run
        from pawl.world.stdin import stdin_holds, stdin_rewinder

        shell = app.run_services(self._folder)
        ceilings = _ceilings()

        def ask(question: str, allowed: Allowance) -> RunRecord:
            asked = Asked(
                command=self._command,
                limits=Limits(
                    usd_micros=self._least(
                        self._asking.usd_micros, allowed.usd_micros, ceilings.usd_micros
                    ),
                    wall_s=self._least(self._asking.seconds, allowed.seconds, ceilings.wall_s),
                    turns=self._least(self._asking.turns, self._turns, ceilings.turns),
                ),
                agent=self._asking.agent,
                allow_tools=self._tools,
                # A call that could not be refused beforehand ends the run, whatever pawl.toml says.
                on_unexpected_tool="stop",
                untrusted=self._asking.untrusted,
                retries=self._policy.budget.retries,
            )
            with stdin_holds(question.encode("utf-8", "replace")):
                here = msgspec.structs.replace(shell, stdin_again=stdin_rewinder())
                return run(here, asked, Shown.JSON, lambda ran: b"").record

        return ask

    @staticmethod
    def _least(said: T | None, share: T | None, ceiling: T | None) -> T | None:
        """Return a run's limit: its share, and no more than `pawl.toml` allows but by a flag."""
        if said is not None or ceiling is None or share is None:
            return share
        return min(share, ceiling)


def _ceilings() -> Limits:
    """Return the ceilings of every run here, of the `pawl.toml` that holds; raises BadFile."""
    from pawl.base.loading import load_toml
    from pawl.runs.config import Asked, Settings, terms
    from pawl.world.launch_site import launch_site

    site = launch_site(Path.cwd(), dict(os.environ))
    if site.settings is None:
        return terms(Asked(command=()), Settings(), fork=site.fork).limits
    settings = load_toml(site.settings, Settings, place=site.settings_place)
    return terms(
        Asked(command=()),
        settings,
        fork=site.fork,
        ours=site.settings_from_base,
        place=site.settings_place,
    ).limits


def review_project() -> str | None:
    """Return what the repository here is called among several: its remote, else its folder."""
    from pawl.world.launch_site import launch_site

    told = launch_site(Path.cwd(), dict(os.environ)).attribution
    name = told.repo or told.project
    return None if name is None else name[:200]


@contextmanager
def review_records(folder: Path, *, begin: bool = False) -> Iterator[ReviewRecords | None]:
    """Open the reviews in the records; None where there are none, unless they are to `begin`."""
    from pawl import app
    from pawl.store.records import FILE_NAME
    from pawl.store.records.reviews import ReviewRecords

    if not begin and not os.environ.get("PAWL_RECORDS_URL") and not (folder / FILE_NAME).exists():
        yield None
        return
    engine = app.records_engine(folder)
    try:
        yield ReviewRecords(engine)
    finally:
        engine.dispose()


def shipped() -> ReviewPolicy:
    """Return the numbers of judgement that come with Pawl."""
    from pawl.review.policy import shipped_policy

    return shipped_policy()


def review_in(path: Path) -> Review:
    """Return the review in a file; raises CannotTell for a file that holds none."""
    from pawl.base.errors import CannotTell
    from pawl.review.review import MAX_BYTES, read_review
    from pawl.world.git_references import read_small

    content = read_small(path, MAX_BYTES)
    if content is None:
        raise CannotTell(
            "the review's result is missing, or no file, or too large.", place=str(path)
        )
    return read_review(content, place=str(path))


def post_review(
    product: Product,
    repository: str,
    number: int,
    body: str,
    at: str,
    *,
    told: Callable[[float, str], None],
    url: str | None = None,
    max_wait_s: float | None = None,
) -> Posted:
    """Have the change show this comment, and no other of ours. Raises BadValue without a token."""
    import time

    from pawl.app.collecting import access
    from pawl.base.errors import BadValue
    from pawl.services.review_posting import MAX_WAIT_S, post
    from pawl.world.host import github, gitlab
    from pawl.world.host.comments import GitHubComments, GitLabComments

    token, address = access(product, url, None)
    host: GitHubComments | GitLabComments
    if product == "github":
        host = GitHubComments(token, repository, number, address or github.URL)
    else:
        host = GitLabComments(token, repository, number, address or gitlab.URL)
    if token is None:
        raise BadValue("Comments are written with a token, and there is none.", place=host.variable)
    in_workflow = product == "github" and os.environ.get("GITHUB_ACTIONS") == "true"
    try:
        return post(
            host,
            body,
            at,
            place=f"{repository} {number}",
            presumed=_WORKFLOW if in_workflow else "",
            sleep=time.sleep,
            told=told,
            max_wait_s=MAX_WAIT_S if max_wait_s is None else max_wait_s,
        )
    finally:
        host.telling.close()


def judge_finding(
    folder: Path, review: Review, name: str, verdict: Verdict, reason: str
) -> tuple[Finding, Threshold, Threshold]:
    """Keep a decision about a finding; return it and its category's threshold before and after."""
    from pawl import app
    from pawl.app.people import actor
    from pawl.services.review_feedback import judge

    with review_records(folder, begin=True) as records:
        assert records is not None  # It was begun.
        return judge(
            records,
            shipped(),
            review,
            name,
            verdict,
            reason,
            project=review_project(),
            actor=actor(),
            now=app.now(),
        )


def thresholds_here(folder: Path) -> Thresholds:
    """Return the thresholds that hold for the repository here."""
    from pawl.services.review_feedback import current_thresholds

    with review_records(folder) as records:
        return current_thresholds(records, shipped(), review_project())


def queue_here(folder: Path, more: Iterable[Review]) -> Queue:
    """Return what waits in the repository here, and in the reviews given."""
    from pawl.services.review_feedback import current_queue

    with review_records(folder) as records:
        return current_queue(records, review_project(), more)
