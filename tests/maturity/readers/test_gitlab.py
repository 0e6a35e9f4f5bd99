"""A dump of GitLab's API, brought to the same shape as GitHub's."""

import json
from typing import Any

from pawl.maturity.readers.gitlab import read

HEAD, MERGE = "a" * 40, "b" * 40
FILES: dict[str, Any] = {
    "project.json": {
        "path_with_namespace": "acme/shop",
        "default_branch": "main",
        "last_activity_at": "2026-11-05T00:00:00Z",
        "only_allow_merge_if_pipeline_succeeds": True,
    },
    "merge_requests.json": [
        {
            "iid": 3,
            "author": {"username": "project_1_bot_ab12"},
            "created_at": "2026-11-01T00:00:00Z",
            "merged_at": "2026-11-02T00:00:00Z",
            "target_branch": "main",
            "sha": HEAD,
            "merge_commit_sha": None,
            "squash_commit_sha": MERGE,
            "merge_user": {"username": "bob"},
            "labels": ["fix"],
            "user_notes_count": 2,
        }
    ],
    "approvals/3.json": {"approved_by": [{"user": {"username": "ada"}}]},
    "discussions/3.json": [
        {
            "notes": [
                {
                    "created_at": "2026-11-01T01:00:00Z",
                    "author": {"username": "ada"},
                    "body": "why not three",
                },
                {"created_at": "2026-11-01T02:00:00Z", "body": "merged", "system": True},
            ]
        },
        {
            "notes": [
                {
                    "created_at": "2026-11-01T03:00:00Z",
                    "author": {"username": "review_bot"},
                    "body": "unsafe",
                    "position": {"new_path": "a.py", "new_line": 4},
                }
            ]
        },
    ],
    "diffs/3.json": [{"new_path": "a.py", "diff": "@@ -1 +1,2 @@\n-x\n+y\n+++z\n z\n"}],
    "commits/3.json": [{"id": HEAD, "message": "m\n\nCo-authored-by: C <C@x.org>"}],
    "mr_pipelines/3.json": [
        {"id": 1, "sha": HEAD, "status": "success", "updated_at": "2026-11-01T05:00:00Z"}
    ],
    "pipelines.json": [
        {
            "id": 2,
            "sha": MERGE,
            "ref": "main",
            "status": "failed",
            "source": "push",
            "created_at": "2026-11-02T00:00:00Z",
            "updated_at": "2026-11-02T00:10:00Z",
        },
        {"id": 3, "status": "running", "created_at": "2026-11-03T00:00:00Z"},
    ],
    "protected_branches.json": [{"name": "main", "push_access_levels": [{"access_level": 0}]}],
    "approval_rules.json": [{"approvals_required": 1}],
    "releases.json": [
        {"tag_name": "v1", "released_at": "2026-11-03T00:00:00Z", "commit": {"id": MERGE}}
    ],
    "members/core.json": [{"username": "ada"}],
}


def dump(**changed: Any) -> dict[str, str]:
    return {name: json.dumps(value) for name, value in (FILES | changed).items()}


def test_a_whole_dump() -> None:
    """Every part finds its place; what GitLab does not tell is named as missing."""
    host = read(dump(), "gl")
    assert set(host.missing) == {"direct_pushes"}
    (change,) = host.changes
    assert change.author_bot
    assert (change.merge_commit, change.merged_by) == (MERGE, "bob")
    assert (change.additions, change.deletions) == (2, 1)
    assert change.co_authors == ("c@x.org",)
    assert [(r.author, r.state, r.words) for r in change.reviews] == [
        ("ada", "approved", 3),
        ("review_bot", "commented", 1),
    ]
    assert [check.required for check in change.checks] == [True]
    (comment,) = change.agent_comments
    assert (comment.path, comment.line, comment.addressed) == ("a.py", 4, None)
    assert [(run.conclusion, run.finished_at) for run in host.runs] == [
        ("failure", "2026-11-02T00:10:00.000000Z"),
        (None, None),
    ]
    assert host.members == {"@core": ("ada",)}


def test_who_may_push_decides_whether_a_change_request_is_needed() -> None:
    """Only a branch that nobody may push to requires one; an unprotected one does not."""
    rules = read(dump(), "gl").ruleset
    assert rules is not None
    assert rules.requires_change_request is True
    assert (rules.required_approvals, rules.required_checks) == (1, ("pipeline",))
    open_branch = [{"name": "main", "push_access_levels": [{"access_level": 40}]}]
    rules = read(dump(**{"protected_branches.json": open_branch}), "gl").ruleset
    assert rules is not None
    assert rules.requires_change_request is False
    rules = read(dump(**{"protected_branches.json": []}), "gl").ruleset
    assert rules is not None
    assert (rules.requires_change_request, rules.blocks_force_push) == (False, False)


def test_an_error_is_missing() -> None:
    """An answer such as "401 Unauthorized" makes its part missing."""
    host = read(dump(**{"approvals/3.json": {"message": "401 Unauthorized"}}), "gl")
    assert "401" in host.missing["reviews"]
