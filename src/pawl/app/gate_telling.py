"""Wiring of what a code host is told of a gate's decision."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Literal

from pawl.base.errors import BadValue

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pawl.changes.gate import Decision
    from pawl.services.gate_telling import ToldHost
    from pawl.world.host.checks import GitHubChecks, GitLabStatuses


def tell_host(
    decision: Decision,
    summary: str,
    *,
    product: Literal["github", "gitlab"],
    repository: str,
    commit: str,
    app: int,
    url: str | None = None,
    environment: Mapping[str, str] | None = None,
) -> ToldHost:
    """Have a commit show a decision; `app` is GitHub's pinned one. Raises BadValue, Unavailable."""
    from pawl.app.collecting import access
    from pawl.changes.gate_notice import notice_of
    from pawl.services.gate_telling import tell
    from pawl.world.host import github, gitlab
    from pawl.world.host.checks import GitHubChecks, GitLabStatuses

    token, address = access(product, url, environment)
    host: GitHubChecks | GitLabStatuses
    if product == "github":
        host = GitHubChecks(token, repository, commit, app, address or github.URL)
    else:
        host = GitLabStatuses(token, repository, commit, address or gitlab.URL)
    if token is None:
        raise BadValue("A check is written with a token, and there is none.", place=host.variable)
    try:
        return tell(host, notice_of(decision, summary), sleep=time.sleep)
    finally:
        host.telling.close()
