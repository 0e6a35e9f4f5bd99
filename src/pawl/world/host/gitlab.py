"""GitLab, its own or self-hosted: what is asked for a dump, in the order in which it is asked.

Below `/projects/ID`: the project, merge requests, protected branches, approval rules, the push
rule, pipelines, releases, groups and their members; then for each merge request merged within the
window its approvals, discussions, diffs, commits and pipelines. `pawl.maturity.readers.gitlab`
reads the files.
"""

import re
import time
from collections.abc import Callable
from typing import Any, Literal
from urllib.parse import quote

from pawl.base.errors import BadValue
from pawl.maturity.host_questions import (
    Answer,
    Note,
    Question,
    Questions,
    Scope,
    Source,
    fields,
    is_before,
)
from pawl.world.host.answering import answer, refuse_repository
from pawl.world.host.asking import Asking, paged, plain_token

URL = "https://gitlab.com/api/v4"

PROJECT = re.compile(r"[\w.-]{1,255}(?:/[\w.-]{1,255}){1,20}")
_GROUP = re.compile(r"\w[\w.-]{0,254}(?:/\w[\w.-]{0,254}){0,20}")
_USER = fields("username bot")
_REQUEST = fields(
    "iid created_at updated_at merged_at closed_at target_branch sha merge_commit_sha "
    "squash_commit_sha user_notes_count",
    author=_USER,
    merge_user=_USER,
    merged_by=_USER,
    labels=[True],
)
_PIPELINE = fields("id created_at updated_at sha ref status source name")
_NOTE = fields(
    "created_at body system resolvable resolved",
    author=_USER,
    position=fields("new_path new_line"),
)
_PROTECTED = fields(
    "name allow_force_push code_owner_approval_required",
    push_access_levels=[fields("access_level")],
)
_RELEASE = fields(
    "tag_name name released_at",
    commit=fields("id"),
    assets=fields("", links=[fields("name")]),
)
_DETAILS: tuple[tuple[str, str, str, Any], ...] = (
    ("discussions", "discussions", "comments", fields("", notes=[_NOTE])),
    ("diffs", "diffs", "files", fields("new_path diff collapsed too_large")),
    ("commits", "commits", "commits", fields("id message")),
    ("mr_pipelines", "pipelines", "checks", _PIPELINE),
)


def address_of(project: str, place: str = "--repository", form: str = "GROUP/PROJECT") -> str:
    """Return the path of a project's addresses; raises BadValue for a name that is none.

    `place` is where the name was written, `form` how it is written there.
    """
    if not PROJECT.fullmatch(project):
        raise BadValue(
            f"{project[:100]!r} is no project.", place=place, hint=f"Write it as {form}."
        )
    return f"/projects/{quote(project, safe='')}"


class GitLab:
    """Asks one GitLab with a token, or without one where all is public."""

    name: Literal["gitlab"] = "gitlab"
    parts = (
        "changes", "reviews", "comments", "files", "sizes", "commits", "checks", "runs", "ruleset",
        "approval_rules", "releases", "members",
    )  # fmt: skip

    def __init__(
        self, token: str | None, url: str = URL, *, clock: Callable[[], float] = time.time
    ) -> None:
        self.asking = Asking(url, headers_of(token), secret=bool(token))
        self._clock = clock

    @property
    def url(self) -> str:
        """The base address of its API."""
        return self.asking.url

    def ask(self, address: str, etag: str) -> Answer:
        """Return what GitLab answers."""
        return answer(self.asking.get(address, etag), self.asking, address, self._clock())

    def questions(self, scope: Scope) -> Questions:
        """Ask for everything in a dump; raises BadValue when there is no such project."""
        if not PROJECT.fullmatch(scope.repository):
            raise BadValue(
                f"{scope.repository!r} is no project.", hint="Write it as GROUP/PROJECT."
            )
        shape = fields(
            "id path_with_namespace default_branch last_activity_at "
            "only_allow_merge_if_pipeline_succeeds"
        )
        path = f"/projects/{quote(scope.repository, safe='')}"
        told = yield Question(
            file="project.json",
            part="repository",
            sources=(Source(path=path, shape=shape, one=True),),
        )
        if not told.ok:
            refuse_repository(told, scope.repository, "GITLAB_TOKEN")
            return
        found = told.load()[0] or {}
        if isinstance(found.get("id"), int):
            path = f"/projects/{found['id']}"  # A renamed project redirects every request.
        branch = str(found.get("default_branch") or "main")
        requests = yield _requests(path, branch, scope)
        yield from _lists(path, scope)
        yield from _members(path)
        if requests.ok:
            yield from _changes(path, requests.load())


def headers_of(token: str | None) -> dict[str, str]:
    """Return what goes along with every request to GitLab."""
    headers = {"Accept": "application/json"}
    if token:
        headers["PRIVATE-TOKEN"] = plain_token(token, "GITLAB_TOKEN")
    return headers


def _requests(path: str, branch: str, scope: Scope) -> Question:
    query = {
        "state": "all", "scope": "all", "target_branch": branch, "updated_after": scope.since,
        "order_by": "created_at", "sort": "desc",
    }  # fmt: skip

    def recent(request: Any) -> Any:
        ended = request.get("merged_at") or request.get("closed_at")
        return None if is_before(ended, scope.since) else request

    source = Source(path=paged(f"{path}/merge_requests", **query), shape=_REQUEST, change=recent)
    return Question(file="merge_requests.json", part="changes", sources=(source,), unique="iid")


def _lists(path: str, scope: Scope) -> Questions:
    pipelines = {"updated_after": scope.since, "order_by": "id", "sort": "desc"}
    yield Question(
        file="protected_branches.json",
        part="ruleset",
        sources=(Source(path=paged(f"{path}/protected_branches"), shape=_PROTECTED),),
        unique="name",
    )
    rule = Source(path=paged(f"{path}/approval_rules"), shape=fields("approvals_required"))
    yield Question(file="approval_rules.json", part="approval_rules", sources=(rule,))
    shape = fields("deny_delete_tag member_check prevent_secrets commit_committer_check")
    push = Source(path=f"{path}/push_rule", shape=shape, one=True)
    # Only for the people who look into a dump: no edition but the paid one has it.
    yield Question(file="push_rule.json", part="push_rule", sources=(push,), quiet=True)
    yield Question(
        file="pipelines.json",
        part="runs",
        sources=(Source(path=paged(f"{path}/pipelines", **pipelines), shape=_PIPELINE),),
        unique="id",
    )
    yield Question(
        file="releases.json",
        part="releases",
        sources=(Source(path=paged(f"{path}/releases"), shape=_RELEASE),),
        unique="tag_name",
    )


def _members(path: str) -> Questions:
    """Ask who is in the groups above the project and in those it is shared with."""
    shared = paged(f"{path}/groups", with_shared="true")
    groups = yield Question(
        file="groups.json",
        part="members",
        sources=(Source(path=shared, shape=fields("id full_path")),),
    )
    if not groups.ok:
        return
    for group in groups.load():
        name, number = str(group.get("full_path")), group.get("id")
        if _GROUP.fullmatch(name) and isinstance(number, int):
            members = Source(path=paged(f"/groups/{number}/members"), shape=_USER)
            # One folder deep, as dumps are: the reader turns %2F back.
            file = f"members/{name.replace('/', '%2F')}.json"
            yield Question(file=file, part="members", sources=(members,))


def _changes(path: str, requests: list[Any]) -> Questions:
    merged = [
        request
        for request in requests
        if request.get("merged_at") and isinstance(request.get("iid"), int)
    ]
    merged.sort(key=lambda request: (str(request["merged_at"]), request["iid"]), reverse=True)
    left = len(merged) * (len(_DETAILS) + 1)
    untold = 0
    for request in merged:
        number, stamp = request["iid"], str(request.get("updated_at"))
        below = f"{path}/merge_requests/{number}"
        approved = fields("", approved_by=[fields("approved_at", user=_USER)])
        left -= 1
        yield Question(
            file=f"approvals/{number}.json",
            part="reviews",
            sources=(Source(path=f"{below}/approvals", shape=approved, one=True),),
            stamp=stamp,
            left=left,
        )
        for folder, name, part, shape in _DETAILS:
            left -= 1
            change = _signs if name == "diffs" else None
            result = yield Question(
                file=f"{folder}/{number}.json",
                part=part,
                sources=(Source(path=paged(f"{below}/{name}"), shape=shape, change=change),),
                stamp=stamp,
                left=left,
            )
            if name == "diffs" and result.ok:
                untold += any(map(_is_untold, result.load()))
    if untold:
        yield Note("sizes", f"of {untold} changes GitLab does not tell every line", True)


def _signs(diff: dict[str, Any]) -> dict[str, Any]:
    """Return a diff with the signs of its lines alone: they are counted, and no code is kept."""
    lines = str(diff.get("diff") or "").splitlines()
    # Two files' names head a diff in some versions; they are no changed lines.
    signs = [line[0] for line in lines if line[:1] in ("+", "-") and line[:4] not in _HEADS]
    return {**diff, "diff": "\n".join(signs)}


_HEADS = ("+++ ", "--- ")


def _is_untold(diff: dict[str, Any]) -> bool:
    return bool(diff.get("too_large") or diff.get("collapsed")) and not diff.get("diff")
