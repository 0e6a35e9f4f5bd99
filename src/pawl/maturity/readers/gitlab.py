"""A dump of GitLab's API: merge requests, approvals, pipelines, protected branches and releases.

Files, each the answer to the question behind it, below `/projects/ID`: `project.json` (itself),
`merge_requests.json` (/merge_requests?state=all), `approvals/N.json` (/merge_requests/N/approvals),
`discussions/N.json` (/merge_requests/N/discussions), `diffs/N.json` (/merge_requests/N/diffs),
`commits/N.json` (/merge_requests/N/commits), `mr_pipelines/N.json` (/merge_requests/N/pipelines),
`pipelines.json` (/pipelines), `protected_branches.json`, `approval_rules.json`, `releases.json`,
`members/GROUP.json` (/groups/GROUP/members; a slash in GROUP is %2F). Whatever is not there is
missing.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from pawl.base.patterns import regex
from pawl.maturity.facts.host import (
    AgentComment,
    ChangeRequest,
    Check,
    CiRun,
    Host,
    Release,
    Review,
    Ruleset,
)
from pawl.maturity.readers.host_dump import Dump, Each, window
from pawl.parsing.bounds import commit_or_none, cut, time_or_none

_CO_AUTHOR = regex(r"(?im)^co-authored-by:[^<\n]*<([^>\n]{1,200})>")
_BOT = regex(r"(?:^|_)bot(?:_|$)|_bot_[0-9a-f]+$|\[bot\]$")
"""GitLab's access tokens act as `project_N_bot_HEX` and `group_N_bot_HEX`."""
_NOBODY = 0
"""The access level that lets nobody push."""
_CONCLUSIONS = {"success": "success", "failed": "failure", "canceled": "cancelled"}


class _User(msgspec.Struct, frozen=True):
    username: str = ""
    bot: bool = False

    @property
    def is_bot(self) -> bool:
        return self.bot or bool(_BOT.search(self.username))


class _MergeRequest(msgspec.Struct, frozen=True):
    iid: int
    created_at: str
    author: _User | None = None
    updated_at: str | None = None
    merged_at: str | None = None
    closed_at: str | None = None
    target_branch: str | None = None
    sha: str | None = None
    merge_commit_sha: str | None = None
    squash_commit_sha: str | None = None
    merge_user: _User | None = None
    merged_by: _User | None = None
    labels: tuple[str, ...] = ()
    user_notes_count: int = 0


class _Approval(msgspec.Struct, frozen=True):
    user: _User = _User()
    approved_at: str | None = None


class _Approvals(msgspec.Struct, frozen=True):
    approved_by: tuple[_Approval, ...] = ()


class _Position(msgspec.Struct, frozen=True):
    new_path: str | None = None
    new_line: int | None = None


class _Note(msgspec.Struct, frozen=True):
    created_at: str
    author: _User = _User()
    body: str = ""
    system: bool = False
    resolvable: bool = False
    resolved: bool | None = None
    position: _Position | None = None


class _Discussion(msgspec.Struct, frozen=True):
    notes: tuple[_Note, ...] = ()


class _Diff(msgspec.Struct, frozen=True):
    new_path: str
    diff: str = ""


class _Commit(msgspec.Struct, frozen=True):
    id: str
    message: str = ""


class _Pipeline(msgspec.Struct, frozen=True):
    id: int
    created_at: str | None = None
    updated_at: str | None = None
    sha: str | None = None
    ref: str | None = None
    status: str | None = None
    source: str = ""
    name: str | None = None


class _Project(msgspec.Struct, frozen=True):
    path_with_namespace: str = ""
    default_branch: str | None = "main"
    last_activity_at: str | None = None
    only_allow_merge_if_pipeline_succeeds: bool | None = None


class _Level(msgspec.Struct, frozen=True):
    access_level: int | None = None


class _Protected(msgspec.Struct, frozen=True):
    name: str
    push_access_levels: tuple[_Level, ...] = ()
    allow_force_push: bool = False
    code_owner_approval_required: bool = False


class _Rule(msgspec.Struct, frozen=True):
    approvals_required: int = 0


class _Links(msgspec.Struct, frozen=True):
    links: tuple[dict[str, Any], ...] = ()


class _ReleaseCommit(msgspec.Struct, frozen=True):
    id: str | None = None


class _Release(msgspec.Struct, frozen=True):
    tag_name: str
    name: str | None = None
    released_at: str | None = None
    commit: _ReleaseCommit | None = None
    assets: _Links | None = None


def read(files: Mapping[str, str], source: str) -> Host:
    """Return what a dump tells; raises BadFile when it tells of no repository or no time."""
    dump = Dump(files, source)
    project = dump.one("project.json", _Project) or _Project()
    branch = (dump.export.default_branch if dump.export else "") or project.default_branch or "main"
    requests = [
        request
        for request in dump.items("merge_requests.json", _MergeRequest, "changes") or ()
        if request.target_branch in (None, branch)
    ]
    changes = _Changes(dump, requests, project).all()
    pipelines = dump.items("pipelines.json", _Pipeline, "runs") or ()
    dates = [project.last_activity_at]
    dates += [request.updated_at or request.created_at for request in requests]
    dates += [pipeline.updated_at or pipeline.created_at for pipeline in pipelines]
    exported_at, complete_since = window(dump, dates, [change.opened_at for change in changes])
    return Host(
        product="gitlab",
        repository=dump.export.repository if dump.export else project.path_with_namespace,
        exported_at=exported_at,
        complete_since=complete_since,
        default_branch=branch,
        ruleset=_ruleset(dump, branch, project),
        changes=changes,
        runs=tuple(filter(None, map(_run, pipelines))),
        releases=_releases(dump),
        members=_members(dump),
        missing=dump.missing | {"direct_pushes": "GitLab's exports do not tell"},
    )


class _Changes:
    """Puts together what several files tell of each merge request."""

    def __init__(self, dump: Dump, requests: list[_MergeRequest], project: _Project) -> None:
        merged = [str(request.iid) for request in requests if request.merged_at]
        self._requests = requests
        self._required = bool(project.only_allow_merge_if_pipeline_succeeds)
        self._approvals: Each[_Approvals] = dump.each("approvals", merged, "reviews")
        self._discussions: Each[_Discussion] = dump.each("discussions", merged, "comments")
        self._diffs: Each[_Diff] = dump.each("diffs", merged, "files")
        self._commits: Each[_Commit] = dump.each("commits", merged, "commits")
        self._pipelines: Each[_Pipeline] = dump.each("mr_pipelines", merged, "checks")

    def all(self) -> tuple[ChangeRequest, ...]:
        """Return every change, the newest first."""
        found = filter(None, map(self._change, self._requests))
        return tuple(sorted(found, key=lambda change: (change.opened_at, change.number))[::-1])

    def _change(self, told: _MergeRequest) -> ChangeRequest | None:
        opened = time_or_none(told.created_at)
        if opened is None:
            return None
        name = str(told.iid)
        diffs = self._diffs.items(name, _Diff)
        notes = [
            note
            for discussion in self._discussions.items(name, _Discussion)
            for note in discussion.notes
            if not note.system
        ]
        author, merger = told.author or _User(), told.merge_user or told.merged_by
        messages = [commit.message for commit in self._commits.items(name, _Commit)]
        return ChangeRequest(
            number=told.iid,
            author=author.username,
            author_bot=author.is_bot,
            opened_at=opened,
            merged_at=time_or_none(told.merged_at),
            closed_at=time_or_none(told.closed_at),
            head=told.sha,
            merge_commit=told.merge_commit_sha or told.squash_commit_sha,
            merged_by=merger.username if merger else None,
            additions=sum(_lines(diff.diff, "+") for diff in diffs),
            deletions=sum(_lines(diff.diff, "-") for diff in diffs),
            files=tuple(diff.new_path for diff in diffs),
            labels=told.labels,
            co_authors=tuple(
                sorted({found.lower() for text in messages for found in _CO_AUTHOR.findall(text)})
            ),
            reviews=self._reviews(name, notes, author),
            checks=tuple(map(self._check, self._pipelines.items(name, _Pipeline))),
            comments=max(told.user_notes_count, len(notes)),
            agent_comments=tuple(
                _agent_comment(note) for note in notes if note.author.is_bot and note.position
            ),
        )

    def _reviews(self, name: str, notes: list[_Note], author: _User) -> tuple[Review, ...]:
        """Return approvals, and what others wrote without approving."""
        approved = [
            each
            for approvals in self._approvals.items(name, _Approvals)
            for each in approvals.approved_by
        ]
        told = [_review(each.user, "approved", each.approved_at, notes) for each in approved]
        silent = {each.user.username for each in approved} | {author.username}
        for note in notes:
            if note.author.username not in silent:
                silent.add(note.author.username)
                told.append(_review(note.author, "commented", note.created_at, notes))
        return tuple(told)

    def _check(self, pipeline: _Pipeline) -> Check:
        finished = pipeline.status in (*_CONCLUSIONS, "skipped")
        return Check(
            name="pipeline",
            required=self._required,
            conclusion=_CONCLUSIONS.get(pipeline.status or "", pipeline.status),
            commit=pipeline.sha,
            completed_at=time_or_none(pipeline.updated_at) if finished else None,
        )


def _review(user: _User, state: Any, at: str | None, notes: list[_Note]) -> Review:
    own = [note for note in notes if note.author.username == user.username]
    return Review(
        author=user.username,
        bot=user.is_bot,
        state=state,
        at=time_or_none(at),
        comments=len(own),
        words=sum(len(note.body.split()) for note in own),
    )


def _agent_comment(note: _Note) -> AgentComment:
    return AgentComment(
        at=time_or_none(note.created_at) or "",
        path=note.position.new_path if note.position else None,
        line=note.position.new_line if note.position else None,
        # Somebody pressing "resolve" does not show that the lines changed.
        addressed=None,
    )


def _lines(diff: str, sign: str) -> int:
    return sum(
        line.startswith(sign) and not line.startswith(sign * 3 + " ") for line in diff.splitlines()
    )


def _run(pipeline: _Pipeline) -> CiRun | None:
    started = time_or_none(pipeline.created_at)
    if started is None:
        return None
    status = pipeline.status or ""
    finished = status in (*_CONCLUSIONS, "skipped")
    return CiRun(
        id=str(pipeline.id),
        workflow=cut(pipeline.name) or "pipeline",
        path=".gitlab-ci.yml",
        event=pipeline.source,
        branch=pipeline.ref,
        commit=pipeline.sha,
        conclusion=_CONCLUSIONS.get(status, status) if finished else None,
        started_at=started,
        finished_at=time_or_none(pipeline.updated_at) if finished else None,
    )


def _ruleset(dump: Dump, branch: str, project: _Project) -> Ruleset | None:
    protected = dump.items("protected_branches.json", _Protected, "ruleset")
    rules = dump.items("approval_rules.json", _Rule, "approval_rules")
    if protected is None:
        return None
    own = next((each for each in protected if each.name == branch), None)
    levels = [level.access_level for level in own.push_access_levels] if own else []
    pipeline = project.only_allow_merge_if_pipeline_succeeds
    return Ruleset(
        requires_change_request=bool(levels) and set(levels) == {_NOBODY},
        required_approvals=None
        if rules is None
        else max((r.approvals_required for r in rules), default=0),
        requires_code_owners=own is not None and own.code_owner_approval_required,
        required_checks=None if pipeline is None else ("pipeline",) if pipeline else (),
        blocks_force_push=own is not None and not own.allow_force_push,
    )


def _releases(dump: Dump) -> tuple[Release, ...]:
    found = []
    for told in dump.items("releases.json", _Release, "releases") or ():
        at = time_or_none(told.released_at)
        if at is not None:
            found.append(
                Release(
                    name=cut(told.name or told.tag_name),
                    tag=told.tag_name,
                    at=at,
                    commit=commit_or_none(told.commit.id) if told.commit else None,
                    assets=tuple(
                        str(link.get("name", "")) for link in (told.assets or _Links()).links
                    ),
                )
            )
    return tuple(found)


def _members(dump: Dump) -> dict[str, tuple[str, ...]] | None:
    groups = dump.inside("members")
    if not groups:
        dump.missing.setdefault("members", "members/ was not exported")
        return None
    found = {}
    for group in groups:
        users = dump.items(f"members/{group}.json", _User, "members")
        if users is not None:
            name = group.replace("%2F", "/")  # A subgroup's path, as one file name.
            found[f"@{name}"] = tuple(user.username for user in users)
    return found
