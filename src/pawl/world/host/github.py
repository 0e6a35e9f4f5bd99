"""GitHub, and GitHub Enterprise: what is asked for a dump, in the order in which it is asked.

Below `/repos/OWNER/REPO`: the repository, its default branch with its protection and rules, rule
suites, activity, releases, teams and their members, pull requests, commits, workflow runs; then for
each pull request merged within the window its reviews, files, commits, comments, itself, and the
checks and commit statuses of its head. `pawl.maturity.readers.github` reads the files.
"""

import re
import time
from collections.abc import Callable, Iterator
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
from pawl.maturity.looking.recent import days_between
from pawl.world.host.answering import answer, refuse_repository
from pawl.world.host.asking import Asking, paged, plain_token

URL = "https://api.github.com"

REPOSITORY = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]{0,99}/[A-Za-z0-9_.-]{1,100}")
COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_SLUG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}")
_USER = fields("login type")
_PULL = fields(
    "number created_at updated_at merged_at closed_at merge_commit_sha additions deletions "
    "comments review_comments",
    user=_USER,
    merged_by=_USER,
    head=fields("sha ref"),
    base=fields("ref"),
    labels=[fields("name")],
)
_COMMITTED = fields("sha", commit=fields("message", tree=fields("sha")))
_CHECK = fields("name head_sha conclusion completed_at")
_REVIEW = fields("id state commit_id submitted_at body", user=_USER)
_COMMENT = fields(
    "created_at path line original_line position original_position pull_request_review_id body",
    user=_USER,
)
_RUN = fields(
    "id created_at name path event head_branch head_sha conclusion status run_attempt "
    "run_started_at updated_at"
)
_RELEASE = fields(
    "tag_name name published_at created_at target_commitish draft", assets=[fields("name")]
)
_RULE = fields(
    "type ruleset_id",
    parameters=fields(
        "required_approving_review_count dismiss_stale_reviews_on_push require_code_owner_review",
        required_status_checks=[fields("context")],
    ),
)
_ALLOWED = {name: [fields("id")] for name in ("users", "teams", "apps")}
_PROTECTION = fields(
    "",
    required_pull_request_reviews=fields(
        "required_approving_review_count dismiss_stale_reviews require_code_owner_reviews",
        bypass_pull_request_allowances=_ALLOWED,
    ),
    required_status_checks=fields("", contexts=[True], checks=[fields("context")]),
    enforce_admins=fields("enabled"),
    allow_force_pushes=fields("enabled"),
)
_STATES = {"success": "success", "failure": "failure", "error": "failure"}
_MONTH_DAYS, _QUARTER_DAYS, _YEAR_DAYS = 28, 88, 365
"""Days that `time_period` surely covers, whatever GitHub takes a month or a quarter to be."""
_PERIODS = ((1, "day"), (7, "week"), (_MONTH_DAYS, "month"), (_QUARTER_DAYS, "quarter"))


def address_of(repository: str, place: str = "--repository", form: str = "OWNER/REPO") -> str:
    """Return the path of a repository's addresses; raises BadValue for a name that is none.

    `place` is where the name was written, `form` how it is written there.
    """
    if not REPOSITORY.fullmatch(repository) or repository.endswith(("/.", "/..")):
        raise BadValue(
            f"{repository[:100]!r} is no repository.", place=place, hint=f"Write it as {form}."
        )
    return f"/repos/{repository}"


class GitHub:
    """Asks one GitHub with a token, or without one where all is public."""

    name: Literal["github"] = "github"
    parts = (
        "changes", "sizes", "reviews", "comments", "files", "commits", "checks", "trees",
        "bypasses", "runs", "ruleset", "releases", "direct_pushes", "members",
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
        """Return what GitHub answers."""
        return answer(self.asking.get(address, etag), self.asking, address, self._clock())

    def questions(self, scope: Scope) -> Questions:
        """Ask for everything in a dump; raises BadValue when there is no such repository."""
        if not REPOSITORY.fullmatch(scope.repository):
            raise BadValue(
                f"{scope.repository!r} is no repository.", hint="Write it as OWNER/REPO."
            )
        repository = fields(
            "full_name default_branch updated_at pushed_at", owner=fields("login type")
        )
        path = f"/repos/{scope.repository}"
        told = yield _one("repository.json", "repository", path, repository)
        if not told.ok:
            refuse_repository(told, scope.repository, "GITHUB_TOKEN")
            return
        found = told.load()[0] or {}
        if REPOSITORY.fullmatch(str(found.get("full_name"))):
            path = f"/repos/{found['full_name']}"  # A renamed repository redirects every request.
        branch = str(found.get("default_branch") or "main")
        pulls = yield _pulls(path, branch, scope)
        yield from _rules(path, branch)
        yield from _recorded(path, branch, scope)
        if (found.get("owner") or {}).get("type") != "User":
            yield from _teams(path, str(found.get("full_name")).partition("/")[0])
        if pulls.ok:
            yield from _changes(path, pulls.load())


def headers_of(token: str | None) -> dict[str, str]:
    """Return what goes along with every request to GitHub."""
    headers = {
        "Accept": "application/vnd.github+json",
        "X-GitHub-Api-Version": "2022-11-28",
    }
    if token:
        headers["Authorization"] = f"Bearer {plain_token(token, 'GITHUB_TOKEN')}"
    return headers


def _one(file: str, part: str, path: str, shape: Any, *, quiet: bool = False) -> Question:
    return Question(
        file=file, part=part, sources=(Source(path=path, shape=shape, one=True),), quiet=quiet
    )


def _pulls(path: str, branch: str, scope: Scope) -> Question:
    def recent(pull: Any) -> Any:
        # One that was closed before the window and only talked about since.
        return None if is_before(pull.get("closed_at"), scope.since) else pull

    query = {"state": "all", "base": branch, "sort": "updated", "direction": "desc"}
    return Question(
        file="pulls.json",
        part="changes",
        sources=(
            Source(
                path=paged(f"{path}/pulls", **query),
                shape=_PULL,
                change=recent,
                stop=lambda pull: is_before(pull.get("updated_at"), scope.since),
            ),
        ),
        unique="number",
        front=lambda pull: is_before(pull.get("updated_at"), scope.began),
    )


def _rules(path: str, branch: str) -> Questions:
    """Ask what the default branch is held to: all of it or, where a part is hidden, nothing.

    Rulesets are open to readers, the older branch protection to administrators alone. Rulesets by
    themselves would read as "nothing is protected" where protection is what guards the branch.
    """
    name = quote(branch, safe="")
    shape = fields("name protected", protection=fields("enabled"))
    shown = yield _one("branch.json", "ruleset", f"{path}/branches/{name}", shape, quiet=True)
    older = yield _one(
        "protection.json", "ruleset", f"{path}/branches/{name}/protection", _PROTECTION, quiet=True
    )
    unprotected = older.status == 404 and "not protected" in older.reason.lower()
    if not older.ok and not unprotected:
        told = (shown.load()[0] if shown.ok else None) or {}
        protection = told.get("protection") or {}
        if told.get("protected") is not False and protection.get("enabled") is not False:
            hidden = (
                f"the branch's protection is hidden ({older.reason}); a token that may read the "
                "repository's administration shows it"
            )
            reason = hidden if older.status else older.reason
            yield Note("ruleset", reason, drop=("rules.json", "rulesets.json"))
            return
    rules = yield Question(
        file="rules.json",
        part="ruleset",
        sources=(Source(path=paged(f"{path}/rules/branches/{name}"), shape=_RULE),),
        quiet=True,
    )
    if not rules.ok:
        if rules.status != 404:  # What is too old to have rulesets has protection only.
            yield Note("ruleset", rules.reason, drop=("protection.json",))
        return
    ids = {rule.get("ruleset_id") for rule in rules.load() if isinstance(rule, dict)}
    numbers = sorted(number for number in ids if isinstance(number, int))
    shape = fields("id enforcement", bypass_actors=[fields("actor_type")])
    yield Question(
        file="rulesets.json",
        part="ruleset",
        quiet=True,  # Who may bypass is then unknown, and says so by itself.
        sources=tuple(
            Source(path=f"{path}/rulesets/{number}", shape=shape, one=True) for number in numbers
        ),
    )


def _recorded(path: str, branch: str, scope: Scope) -> Questions:
    """Ask for everything else that is one list."""
    since = scope.since

    def within(name: str) -> dict[str, Any]:
        return {
            "change": lambda item: None if is_before(item.get(name), since) else item,
            "stop": lambda item: is_before(item.get(name), since),
        }

    days = days_between(since, scope.began)
    period = next((name for most, name in _PERIODS if days <= most), "year")
    pushes = paged(f"{path}/activity", ref=f"refs/heads/{branch}", time_period=period)
    suites = {"ref": branch, "time_period": "month", "rule_suite_result": "bypass"}
    activity = fields("activity_type after ref timestamp")
    commits = paged(f"{path}/commits", sha=branch, since=f"{since[:19]}Z")
    wanted: list[tuple[str, str, Source, str]] = [
        ("commits.json", "trees", Source(path=commits, shape=_COMMITTED), "sha"),
        (
            "runs.json",
            "runs",
            Source(
                path=paged(f"{path}/actions/runs"),
                shape=_RUN,
                key="workflow_runs",
                **within("created_at"),
            ),
            "id",
        ),
        (
            "activity.json",
            "direct_pushes",
            Source(path=pushes, shape=activity, **within("timestamp")),
            "",
        ),
        (
            "rule-suites.json",
            "bypasses",
            Source(
                path=paged(f"{path}/rulesets/rule-suites", **suites),
                shape=fields("id after_sha result"),
            ),
            "id",
        ),
        (
            "releases.json",
            "releases",
            Source(path=paged(f"{path}/releases"), shape=_RELEASE),
            "tag_name",
        ),
    ]
    for file, part, source, unique in wanted:
        yield Question(file=file, part=part, sources=(source,), unique=unique)
    if days > _MONTH_DAYS:
        yield Note("bypasses", "GitHub tells of the last month only", True)
    if days > _YEAR_DAYS:
        yield Note("direct_pushes", "GitHub tells of the last year only", True)


def _teams(path: str, owner: str) -> Questions:
    teams = yield Question(
        file="teams.json",
        part="members",
        sources=(Source(path=paged(f"{path}/teams"), shape=fields("slug")),),
    )
    if not teams.ok:
        return
    slugs = sorted({str(team.get("slug")) for team in teams.load() if isinstance(team, dict)})
    for slug in filter(_SLUG.fullmatch, slugs):
        members = paged(f"/orgs/{owner}/teams/{slug}/members")
        yield Question(
            file=f"teams/{slug}.json", part="members", sources=(Source(path=members, shape=_USER),)
        )


def _changes(path: str, pulls: list[Any]) -> Iterator[Question]:
    merged = [pull for pull in pulls if isinstance(pull, dict) and pull.get("merged_at")]
    merged = [pull for pull in merged if isinstance(pull.get("number"), int)]
    merged.sort(key=lambda pull: (str(pull["merged_at"]), pull["number"]), reverse=True)
    each = [question for pull in merged for question in _change(path, pull)]
    for number, question in enumerate(each):
        yield Question(
            file=question.file,
            part=question.part,
            sources=question.sources,
            stamp=question.stamp,
            left=len(each) - number - 1,
        )


def _change(path: str, pull: dict[str, Any]) -> Iterator[Question]:
    """Ask for everything about one merged change, unless it has not been touched since."""
    number, stamp = pull["number"], str(pull.get("updated_at"))
    below = f"{path}/pulls/{number}"
    for folder, part, shape in (
        ("reviews", "reviews", _REVIEW),
        ("files", "files", fields("filename additions deletions")),
        ("commits", "commits", _COMMITTED),
        ("comments", "comments", _COMMENT),
    ):
        yield Question(
            file=f"{folder}/{number}.json",
            part=part,
            sources=(Source(path=paged(f"{below}/{folder}"), shape=shape),),
            stamp=stamp,
        )
    whole = Source(path=below, shape=_PULL, one=True)
    yield Question(file=f"pulls/{number}.json", part="sizes", sources=(whole,), stamp=stamp)
    head = str((pull.get("head") or {}).get("sha"))
    if COMMIT.fullmatch(head):
        yield Question(
            file=f"checks/{head}.json",
            part="checks",
            sources=_checks(f"{path.partition('/pulls')[0]}/commits/{head}", head),
            stamp=stamp,
        )


def _checks(path: str, head: str) -> tuple[Source, Source]:
    """Return where check runs are, and the older commit statuses, which are told as check runs."""

    def as_check(status: Any) -> Any:
        return {
            "name": status.get("context"),
            "head_sha": head,
            "conclusion": _STATES.get(str(status.get("state"))),
            "completed_at": status.get("updated_at"),
        }

    states = fields("context state updated_at")
    return (
        Source(path=paged(f"{path}/check-runs"), shape=_CHECK, key="check_runs"),
        Source(path=paged(f"{path}/status"), shape=states, key="statuses", change=as_check),
    )
