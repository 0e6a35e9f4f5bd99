"""Wiring for a roadmap's goals as issues of a code host."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pawl.base.errors import BadValue

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pawl.maturity.goal_issue import Asked, Synced

_PRODUCTS: tuple[Literal["github", "gitlab"], ...] = ("github", "gitlab")


def target_of(text: str) -> tuple[Literal["github", "gitlab"], str]:
    """Return the product and repository that `github:OWNER/REPO` names; raises BadValue."""
    name, colon, repository = text.partition(":")
    for product in _PRODUCTS:
        if colon and repository and name == product:
            return product, repository
    raise BadValue(
        f"{text[:80]!r} names no code host.",
        place="--sync",
        hint="Write github:OWNER/REPO or gitlab:GROUP/PROJECT.",
    )


def sync_goals(
    product: Literal["github", "gitlab"],
    repository: str,
    asked: Asked,
    *,
    as_of: str,
    dry_run: bool,
    told: Callable[[float, str], None],
    url: str | None = None,
    environment: Mapping[str, str] | None = None,
) -> Synced:
    """Bring the issues of a roadmap's goals up to date, with the token of the environment.

    Raises BadValue where something would be written without a token.
    """
    import time

    from pawl.app.collecting import access
    from pawl.services.issue_sync import sync_issues
    from pawl.world.host import github, gitlab
    from pawl.world.host.issues import GitHubIssues, GitLabIssues

    token, address = access(product, url, environment)
    host: GitHubIssues | GitLabIssues
    try:
        if product == "github":
            host = GitHubIssues(token, address or github.URL)
        else:
            host = GitLabIssues(token, address or gitlab.URL)
    except BadValue as error:
        if error.place != "--url":  # As the command that collects calls it.
            raise
        raise BadValue(error.message, place="--host-url", hint=error.hint) from error
    if token is None and not dry_run:
        raise BadValue(
            "Issues are written with a token, and there is none.",
            place=host.variable,
            hint="Set it, or look first with --dry-run.",
        )
    try:
        return sync_issues(
            host,
            repository,
            asked,
            as_of=as_of,
            dry_run=dry_run,
            sleep=time.sleep,
            told=told,
        )
    finally:
        host.telling.close()
