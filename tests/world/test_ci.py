"""What CI systems say, and that a fork is never taken for one's own."""

import json
from pathlib import Path
from typing import Any

import pytest

from pawl.world.ci import ci_job


def github(tmp_path: Path, name: str, event: Any) -> dict[str, str]:
    path = tmp_path / "event.json"
    path.write_text(event if isinstance(event, str) else json.dumps(event))
    return {
        "GITHUB_ACTIONS": "true",
        "GITHUB_EVENT_NAME": name,
        "GITHUB_EVENT_PATH": str(path),
        "GITHUB_WORKFLOW": "checks",
        "GITHUB_ACTOR": "ada",
        "GITHUB_SHA": "c0ffee",
        "GITHUB_REF_NAME": "main",
    }


def request(head: Any, base: Any = None) -> dict[str, Any]:
    ours = {"full_name": "acme/shop", "fork": False}
    return {"number": 7, "head": {"sha": "beef", "repo": head}, "base": {"repo": base or ours}}


OURS = {"full_name": "acme/shop", "fork": False}
EVENTS: dict[str, tuple[str, Any, bool]] = {
    "a push": ("push", {"ref": "refs/heads/main"}, False),
    "own branch": ("pull_request", {"pull_request": request(OURS)}, False),
    "a fork": (
        "pull_request",
        {"pull_request": request({"full_name": "eve/shop", "fork": True})},
        True,
    ),
    "a fork, asked as target": (
        "pull_request_target",
        {"pull_request": request({"full_name": "eve/shop", "fork": True})},
        True,
    ),
    "a deleted fork": ("pull_request", {"pull_request": request(None)}, True),
    "an unreadable event": ("pull_request", "{", True),
    "a comment on a request": ("issue_comment", {"issue": {"number": 7, "pull_request": {}}}, True),
    "a comment on an issue": ("issue_comment", {"issue": {"number": 7}}, False),
    "a run for a fork": (
        "workflow_run",
        {
            "workflow_run": {"head_repository": {"full_name": "eve/shop"}},
            "repository": {"full_name": "acme/shop"},
        },
        True,
    ),
}


@pytest.mark.parametrize("case", EVENTS)
def test_github_tells_forks_from_own_branches(case: str, tmp_path: Path) -> None:
    """Unknown counts as a fork: what cannot be read is not trusted."""
    name, event, fork = EVENTS[case]
    job = ci_job(github(tmp_path, name, event))
    assert job is not None
    assert job.fork is fork


def test_github_attribution(tmp_path: Path) -> None:
    """Number, workflow, actor, and the head of the request instead of the merge commit."""
    environment = github(tmp_path, "pull_request", {"pull_request": request(OURS)})
    job = ci_job(environment | {"GITHUB_HEAD_REF": "fix", "GITHUB_BASE_REF": "main"})
    assert job is not None
    assert (job.pr, job.workflow, job.actor) == ("7", "checks", "ada")
    assert (job.branch, job.commit, job.base_branch) == ("fix", "beef", "main")


@pytest.mark.parametrize(
    ("environment", "fork"),
    [
        ({"GITLAB_CI": "true", "CI_PROJECT_ID": "1"}, False),
        (
            {
                "GITLAB_CI": "true",
                "CI_PROJECT_ID": "1",
                "CI_MERGE_REQUEST_IID": "3",
                "CI_MERGE_REQUEST_SOURCE_PROJECT_ID": "1",
            },
            False,
        ),
        (
            {
                "GITLAB_CI": "true",
                "CI_PROJECT_ID": "1",
                "CI_MERGE_REQUEST_IID": "3",
                "CI_MERGE_REQUEST_SOURCE_PROJECT_ID": "2",
            },
            True,
        ),
        ({"GITLAB_CI": "true", "CI_PROJECT_ID": "1", "CI_MERGE_REQUEST_IID": "3"}, True),
        ({"TF_BUILD": "True", "SYSTEM_PULLREQUEST_PULLREQUESTID": "3"}, True),
        (
            {
                "TF_BUILD": "True",
                "SYSTEM_PULLREQUEST_PULLREQUESTID": "3",
                "SYSTEM_PULLREQUEST_ISFORK": "False",
            },
            False,
        ),
        ({"BUILDKITE": "true", "BUILDKITE_PULL_REQUEST": "false"}, False),
        ({"BUILDKITE": "true", "BUILDKITE_PULL_REQUEST": "3", "BUILDKITE_REPO": "a"}, True),
    ],
)
def test_other_systems(environment: dict[str, str], fork: bool) -> None:
    """Each system's own words for a change from elsewhere."""
    job = ci_job(environment)
    assert job is not None
    assert job.fork is fork


def test_outside_ci() -> None:
    """A laptop is no CI job."""
    assert ci_job({"HOME": "/root"}) is None
