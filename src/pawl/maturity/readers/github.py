"""A dump of GitHub's API: change requests, reviews, checks, runs, rules and releases.

Files, each the answer to the question behind it, below `/repos/OWNER/REPO`:
`repository.json` (itself), `pulls.json` (/pulls?state=all), `pulls/N.json` (/pulls/N),
`reviews/N.json` (/pulls/N/reviews), `comments/N.json` (/pulls/N/comments), `files/N.json`
(/pulls/N/files), `commits/N.json` (/pulls/N/commits), `commits.json` (/commits), `checks/SHA.json`
(/commits/SHA/check-runs), `runs.json` (/actions/runs), `rules.json` (/rules/branches/BRANCH),
`rulesets.json` (/rulesets/ID, one after the other), `rule-suites.json` (/rulesets/rule-suites),
`protection.json` (/branches/BRANCH/protection), `activity.json` (/activity), `releases.json`
(/releases), `teams/SLUG.json` (/orgs/OWNER/teams/SLUG/members). Whatever is not there is missing
and makes nobody guilty.
"""

from collections.abc import Mapping
from typing import Literal

from pawl.base.patterns import regex
from pawl.maturity.facts.host import (
    AgentComment,
    ChangeRequest,
    Check,
    CiRun,
    Host,
    Release,
    Review,
)
from pawl.maturity.readers.github_answers import (
    Activity,
    CheckRun,
    Comment,
    PublishedRelease,
    Pull,
    PullFile,
    PullReview,
    Repository,
    RepositoryCommit,
    RuleSuite,
    User,
    WorkflowRun,
)
from pawl.maturity.readers.github_rules import ruleset
from pawl.maturity.readers.host_dump import Dump, Each, window
from pawl.parsing.bounds import commit_or_none, cut, time_or_none

_CO_AUTHOR = regex(r"(?im)^co-authored-by:[^<\n]*<([^>\n]{1,200})>")
_State = Literal["approved", "changes_requested", "commented", "dismissed", "pending"]
_STATES: dict[str, _State] = {
    "APPROVED": "approved",
    "CHANGES_REQUESTED": "changes_requested",
    "COMMENTED": "commented",
    "DISMISSED": "dismissed",
    "PENDING": "pending",
}


def read(files: Mapping[str, str], source: str) -> Host:
    """Return what a dump tells; raises BadFile when it tells of no repository or no time."""
    dump = Dump(files, source)
    repository = dump.one("repository.json", Repository) or Repository()
    branch = (dump.export.default_branch if dump.export else "") or repository.default_branch
    pulls = [
        pull
        for pull in dump.items("pulls.json", Pull, "changes") or ()
        if pull.base is None or pull.base.ref in (None, branch)
    ]
    rules = ruleset(dump)
    required = frozenset(rules.required_checks or ()) if rules else frozenset[str]()
    changes = _Changes(dump, pulls, required).all()
    runs = dump.items("runs.json", WorkflowRun, "runs", "workflow_runs") or ()
    dates = [repository.updated_at, repository.pushed_at]
    dates += [pull.updated_at or pull.created_at for pull in pulls]
    dates += [run.updated_at or run.created_at for run in runs]
    exported_at, complete_since = window(dump, dates, [change.opened_at for change in changes])
    return Host(
        product="github",
        repository=dump.export.repository if dump.export else repository.full_name,
        exported_at=exported_at,
        complete_since=complete_since,
        default_branch=branch,
        ruleset=rules,
        changes=changes,
        runs=tuple(_run(run) for run in runs if time_or_none(run.created_at)),
        releases=_releases(dump),
        direct_pushes=_direct_pushes(dump, branch),
        members=_members(dump, repository.full_name.partition("/")[0]),
        missing=dump.missing,
    )


class _Changes:
    """Puts together what several files tell of each pull request."""

    def __init__(self, dump: Dump, pulls: list[Pull], required: frozenset[str]) -> None:
        merged = [str(pull.number) for pull in pulls if pull.merged_at]
        heads = sorted(
            {pull.head.sha for pull in pulls if pull.merged_at and pull.head and pull.head.sha}
        )
        self._pulls = pulls
        self._required = required
        self._details: Each[Pull] = dump.each("pulls", merged, "sizes")
        self._reviews: Each[PullReview] = dump.each("reviews", merged, "reviews")
        self._comments: Each[Comment] = dump.each("comments", merged, "comments")
        self._files: Each[PullFile] = dump.each("files", merged, "files")
        self._commits: Each[RepositoryCommit] = dump.each("commits", merged, "commits")
        self._checks: Each[CheckRun] = dump.each("checks", heads, "checks")
        listed = dump.items("commits.json", RepositoryCommit, "trees") or ()
        self._trees = {each.sha: each.commit.tree.sha or None for each in listed}
        suites = dump.items("rule-suites.json", RuleSuite, "bypasses") or ()
        self._bypassed = {suite.after_sha for suite in suites if suite.result == "bypass"}
        if not merged or not dump.missing.get("sizes") or "files" in dump.missing:
            return
        del dump.missing["sizes"]  # The files of a change tell its size as well.

    def all(self) -> tuple[ChangeRequest, ...]:
        """Return every change, the newest first."""
        found = filter(None, map(self._change, self._pulls))
        return tuple(sorted(found, key=lambda change: (change.opened_at, change.number))[::-1])

    def _change(self, listed: Pull) -> ChangeRequest | None:
        opened = time_or_none(listed.created_at)
        if opened is None:
            return None
        name = str(listed.number)
        pull = next(iter(self._details.items(name, Pull)), listed)
        files = self._files.items(name, PullFile)
        commits = self._commits.items(name, RepositoryCommit)
        trees = self._trees | {each.sha: each.commit.tree.sha or None for each in commits}
        head = pull.head.sha if pull.head else None
        comments = self._comments.items(name, Comment)
        user, merger = pull.user or User(), pull.merged_by
        merge = pull.merge_commit_sha if pull.merged_at else None
        added, removed = pull.additions, pull.deletions
        return ChangeRequest(
            number=pull.number,
            author=user.login,
            author_bot=user.bot,
            opened_at=opened,
            merged_at=time_or_none(pull.merged_at),
            closed_at=time_or_none(pull.closed_at),
            head=head,
            merge_commit=merge,
            head_tree=trees.get(head or ""),
            merge_tree=trees.get(merge or ""),
            merged_by=merger.login if merger else None,
            bypassed=merge in self._bypassed,
            additions=sum(file.additions for file in files) if added is None else added,
            deletions=sum(file.deletions for file in files) if removed is None else removed,
            files=tuple(file.filename for file in files),
            labels=tuple(label.name for label in pull.labels),
            co_authors=tuple(sorted(_co_authors(commits))),
            reviews=tuple(
                _review(each, comments) for each in self._reviews.items(name, PullReview)
            ),
            checks=tuple(self._check(each, trees) for each in self._of(head)),
            comments=max(pull.comments + pull.review_comments, len(comments)),
            agent_comments=tuple(
                _agent_comment(each) for each in comments if each.user and each.user.bot
            ),
        )

    def _of(self, head: str | None) -> tuple[CheckRun, ...]:
        return self._checks.items(head, CheckRun, "check_runs") if head else ()

    def _check(self, check: CheckRun, trees: Mapping[str, str | None]) -> Check:
        return Check(
            name=cut(check.name),
            required=check.name in self._required,
            conclusion=check.conclusion,
            commit=check.head_sha,
            tree=trees.get(check.head_sha or ""),
            completed_at=time_or_none(check.completed_at),
        )


def _co_authors(commits: tuple[RepositoryCommit, ...]) -> set[str]:
    return {
        address.strip().lower()
        for each in commits
        for address in _CO_AUTHOR.findall(each.commit.message)
    }


def _review(told: PullReview, comments: tuple[Comment, ...]) -> Review:
    own = [each for each in comments if told.id and each.pull_request_review_id == told.id]
    texts = [told.body or "", *(each.body or "" for each in own)]
    user = told.user or User()
    return Review(
        author=user.login,
        bot=user.bot,
        state=_STATES.get(told.state.upper(), "commented"),
        commit=told.commit_id,
        at=time_or_none(told.submitted_at),
        comments=len(own),
        words=sum(len(text.split()) for text in texts),
    )


def _agent_comment(told: Comment) -> AgentComment:
    """Return a bot's comment. It is outdated, and so addressed, once its position is gone."""
    addressed = None if told.original_position is None else told.position is None
    return AgentComment(
        at=time_or_none(told.created_at) or "",
        path=told.path,
        line=told.line or told.original_line,
        addressed=addressed,
    )


def _run(run: WorkflowRun) -> CiRun:
    started = time_or_none(run.run_started_at) or time_or_none(run.created_at) or ""
    return CiRun(
        id=str(run.id),
        workflow=cut(run.name),
        path=run.path,
        event=run.event,
        branch=run.head_branch,
        commit=run.head_sha,
        conclusion=run.conclusion,
        attempt=run.run_attempt,
        started_at=started,
        finished_at=time_or_none(run.updated_at) if run.status in (None, "completed") else None,
    )


def _releases(dump: Dump) -> tuple[Release, ...]:
    found = []
    for told in dump.items("releases.json", PublishedRelease, "releases") or ():
        at = time_or_none(told.published_at) or time_or_none(told.created_at)
        if at is not None and not told.draft:
            found.append(
                Release(
                    name=cut(told.name or told.tag_name),
                    tag=told.tag_name,
                    at=at,
                    commit=commit_or_none(told.target_commitish),
                    assets=tuple(asset.name for asset in told.assets),
                )
            )
    return tuple(found)


def _direct_pushes(dump: Dump, branch: str) -> tuple[str, ...] | None:
    told = dump.items("activity.json", Activity, "direct_pushes")
    if told is None:
        return None
    return tuple(
        each.after
        for each in told
        if each.activity_type in ("push", "force_push")
        and each.ref in (branch, f"refs/heads/{branch}")
    )


def _members(dump: Dump, owner: str) -> dict[str, tuple[str, ...]] | None:
    teams = dump.inside("teams")
    if not teams:
        dump.missing.setdefault("members", "teams/ was not exported")
        return None
    found = {}
    for team in teams:
        users = dump.items(f"teams/{team}.json", User, "members")
        if users is not None:
            found[f"@{owner}/{team}" if owner else f"@{team}"] = tuple(user.login for user in users)
    return found
