"""What a CI system says about the job Pawl runs in, and whether its change can be trusted.

A change is untrusted when it comes from a fork: whoever wrote it may not be a member of the
project, and a repository's own hooks, servers and settings steer agents. Unknown is not trusted:
a job for a change whose origin the CI does not tell counts as a fork's.
"""

import json
import os
from collections.abc import Mapping
from typing import Any, NamedTuple

_MAX_EVENT_BYTES = 8 * 1024 * 1024


class CiJob(NamedTuple):
    """Facts of a CI job; None is unknown. `fork` is False outside CI and for own branches."""

    pr: str | None = None
    workflow: str | None = None
    actor: str | None = None
    branch: str | None = None
    commit: str | None = None
    base_branch: str | None = None
    fork: bool = False


def ci_job(environment: Mapping[str, str]) -> CiJob | None:
    """Return the job this process belongs to, or None outside a CI system known here."""
    if environment.get("GITHUB_ACTIONS") == "true" or environment.get("GITHUB_EVENT_PATH"):
        return _github(environment)
    if environment.get("GITLAB_CI"):
        return _gitlab(environment)
    if environment.get("TF_BUILD"):
        return _azure(environment)
    if environment.get("BUILDKITE"):
        return _buildkite(environment)
    return None


def _github(env: Mapping[str, str]) -> CiJob:
    event = _event(env.get("GITHUB_EVENT_PATH"))
    name = env.get("GITHUB_EVENT_NAME", "")
    request = _dict(event, "pull_request")
    number = request.get("number") or _dict(event, "issue").get("number")
    head = _dict(request, "head")
    return CiJob(
        pr=str(number) if isinstance(number, int) else None,
        workflow=env.get("GITHUB_WORKFLOW"),
        actor=env.get("GITHUB_ACTOR"),
        branch=env.get("GITHUB_HEAD_REF") or env.get("GITHUB_REF_NAME"),
        commit=_text(head, "sha") or env.get("GITHUB_SHA"),
        base_branch=env.get("GITHUB_BASE_REF") or None,
        fork=_github_fork(event, name),
    )


def _github_fork(event: dict[str, Any], name: str) -> bool:
    request = _dict(event, "pull_request")
    if request or name.startswith("pull_request"):
        return _differs(_dict(request, "head"), _dict(request, "base"))
    if name == "workflow_run" or "workflow_run" in event:
        run = _dict(event, "workflow_run")
        ours = _text(_dict(event, "repository"), "full_name")
        theirs = _text(_dict(run, "head_repository"), "full_name")
        return ours is None or ours != theirs
    # A comment on a pull request starts the job on the default branch, which then usually
    # checks the pull request out; the event does not say whose it is.
    return "pull_request" in _dict(event, "issue")


def _differs(head: dict[str, Any], base: dict[str, Any]) -> bool:
    repo = _dict(head, "repo")
    ours = _text(_dict(base, "repo"), "full_name")
    theirs = _text(repo, "full_name")
    return ours is None or ours != theirs or repo.get("fork") is True


def _gitlab(env: Mapping[str, str]) -> CiJob:
    source = env.get("CI_MERGE_REQUEST_SOURCE_PROJECT_ID")
    return CiJob(
        pr=env.get("CI_MERGE_REQUEST_IID"),
        workflow=env.get("CI_PIPELINE_NAME") or env.get("CI_JOB_NAME"),
        actor=env.get("GITLAB_USER_LOGIN"),
        branch=env.get("CI_MERGE_REQUEST_SOURCE_BRANCH_NAME") or env.get("CI_COMMIT_REF_NAME"),
        commit=env.get("CI_COMMIT_SHA"),
        base_branch=env.get("CI_MERGE_REQUEST_TARGET_BRANCH_NAME"),
        fork=bool(env.get("CI_MERGE_REQUEST_IID")) and source != env.get("CI_PROJECT_ID"),
    )


def _azure(env: Mapping[str, str]) -> CiJob:
    number = env.get("SYSTEM_PULLREQUEST_PULLREQUESTID")
    return CiJob(
        pr=number,
        workflow=env.get("BUILD_DEFINITIONNAME"),
        actor=env.get("BUILD_REQUESTEDFOR"),
        branch=env.get("SYSTEM_PULLREQUEST_SOURCEBRANCH") or env.get("BUILD_SOURCEBRANCHNAME"),
        commit=env.get("BUILD_SOURCEVERSION"),
        fork=number is not None and env.get("SYSTEM_PULLREQUEST_ISFORK") != "False",
    )


def _buildkite(env: Mapping[str, str]) -> CiJob:
    number = env.get("BUILDKITE_PULL_REQUEST", "false")
    ours, theirs = env.get("BUILDKITE_REPO"), env.get("BUILDKITE_PULL_REQUEST_REPO")
    return CiJob(
        pr=None if number == "false" else number,
        workflow=env.get("BUILDKITE_PIPELINE_SLUG"),
        actor=env.get("BUILDKITE_BUILD_CREATOR"),
        branch=env.get("BUILDKITE_BRANCH"),
        commit=env.get("BUILDKITE_COMMIT"),
        fork=number != "false" and ours != theirs,
    )


def _event(path: str | None) -> dict[str, Any]:
    if not path:
        return {}
    try:
        with open(path, "rb") as file:
            if os.fstat(file.fileno()).st_size > _MAX_EVENT_BYTES:
                return {}
            value = json.loads(file.read(_MAX_EVENT_BYTES))
    except (OSError, ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _dict(value: dict[str, Any], key: str) -> dict[str, Any]:
    found = value.get(key)
    return found if isinstance(found, dict) else {}


def _text(value: dict[str, Any], key: str) -> str | None:
    found = value.get(key)
    return found if isinstance(found, str) else None
