"""A dump of GitHub's API: what it tells, and what it does not."""

import json
from typing import Any

import pytest

from pawl.base.errors import BadFile
from pawl.maturity.readers.github import read

HEAD, MERGE, TREE = "a" * 40, "b" * 40, "c" * 40
ADA = {"login": "ada", "type": "User"}
BOT = {"login": "helper[bot]", "type": "Bot"}
PULL = {
    "number": 7,
    "user": ADA,
    "created_at": "2026-11-01T10:00:00Z",
    "updated_at": "2026-11-02T11:00:00Z",
    "merged_at": "2026-11-02T10:00:00Z",
    "closed_at": "2026-11-02T10:00:00Z",
    "head": {"sha": HEAD, "ref": "side"},
    "base": {"ref": "main"},
    "merge_commit_sha": MERGE,
    "labels": [{"name": "fix"}],
}


def dump(**files: Any) -> dict[str, str]:
    whole = {
        "repository.json": {"full_name": "acme/shop", "default_branch": "main"},
        "pulls.json": [PULL],
        "pulls/7.json": PULL | {"additions": 10, "deletions": 2, "merged_by": ADA, "comments": 1},
        "reviews/7.json": [
            {
                "id": 1,
                "user": {"login": "bob", "type": "User"},
                "state": "APPROVED",
                "commit_id": HEAD,
                "submitted_at": "2026-11-02T09:00:00Z",
                "body": "looks right to me",
            }
        ],
        "comments/7.json": [
            {
                "user": BOT,
                "created_at": "2026-11-01T11:00:00Z",
                "path": "a.py",
                "line": None,
                "original_line": 3,
                "position": None,
                "original_position": 4,
                "pull_request_review_id": 9,
                "body": "is this safe?",
            }
        ],
        "files/7.json": [{"filename": "a.py", "additions": 10, "deletions": 2}],
        "commits/7.json": [
            {
                "sha": HEAD,
                "commit": {
                    "message": "x\n\nCo-Authored-By: C <Cy@x.org>",
                    "tree": {"sha": TREE},
                },
            }
        ],
        "commits.json": [{"sha": MERGE, "commit": {"message": "m", "tree": {"sha": TREE}}}],
        f"checks/{HEAD}.json": {
            "total_count": 1,
            "check_runs": [
                {
                    "name": "test",
                    "head_sha": HEAD,
                    "conclusion": "success",
                    "completed_at": "2026-11-02T08:00:00Z",
                }
            ],
        },
        "runs.json": {
            "total_count": 1,
            "workflow_runs": [
                {
                    "id": 5,
                    "name": "CI",
                    "path": ".github/workflows/ci.yml",
                    "event": "push",
                    "head_branch": "main",
                    "head_sha": MERGE,
                    "status": "completed",
                    "conclusion": "failure",
                    "run_attempt": 2,
                    "created_at": "2026-11-02T10:00:00Z",
                    "updated_at": "2026-11-02T10:05:00Z",
                }
            ],
        },
        "rules.json": [
            {"type": "pull_request", "parameters": {"required_approving_review_count": 1}},
            {
                "type": "required_status_checks",
                "parameters": {"required_status_checks": [{"context": "test"}]},
            },
            {"type": "non_fast_forward"},
        ],
        "rule-suites.json": [{"after_sha": MERGE, "result": "bypass"}],
        "activity.json": [
            {"activity_type": "push", "after": "d" * 40, "ref": "refs/heads/main"},
            {"activity_type": "pr_merge", "after": MERGE, "ref": "refs/heads/main"},
            {"activity_type": "push", "after": "e" * 40, "ref": "refs/heads/side"},
        ],
        "releases.json": [
            {
                "tag_name": "v1",
                "name": None,
                "published_at": "2026-11-03T00:00:00Z",
                "target_commitish": MERGE,
                "assets": [{"name": "shop.tar.gz"}],
            },
            {"tag_name": "v2", "created_at": "2026-11-04T00:00:00Z", "draft": True},
        ],
        "teams/core.json": [ADA],
    }
    told = {name: json.dumps(value) for name, value in whole.items()}
    for name, value in files.items():
        key = name.replace("__", "/").replace("_json", ".json").replace("_", "-")
        if value is None:
            told.pop(key)
        else:
            told[key] = value if isinstance(value, str) else json.dumps(value)
    return told


def test_a_whole_dump() -> None:
    """Every part finds its place, and nothing is missing."""
    host = read(dump(), "gh")
    assert host.missing == {}
    assert (host.product, host.repository, host.default_branch) == ("github", "acme/shop", "main")
    assert host.exported_at == "2026-11-02T11:00:00.000000Z"
    assert host.complete_since == "2026-11-01T10:00:00.000000Z"
    (change,) = host.changes
    assert (change.author, change.merged_by, change.bypassed) == ("ada", "ada", True)
    assert (change.additions, change.deletions, change.files) == (10, 2, ("a.py",))
    assert (change.head_tree, change.merge_tree) == (TREE, TREE)
    assert change.co_authors == ("cy@x.org",)
    (review,) = change.reviews
    assert (review.author, review.state, review.words, review.bot) == ("bob", "approved", 4, False)
    (check,) = change.checks
    assert (check.name, check.required, check.conclusion, check.tree) == (
        "test",
        True,
        "success",
        TREE,
    )
    (comment,) = change.agent_comments
    assert (comment.path, comment.line, comment.addressed) == ("a.py", 3, True)
    (run,) = host.runs
    assert (run.id, run.attempt, run.conclusion) == ("5", 2, "failure")
    assert [release.tag for release in host.releases] == ["v1"]
    assert host.releases[0].commit == MERGE
    assert host.direct_pushes == ("d" * 40,)
    assert host.members == {"@acme/core": ("ada",)}
    assert host.ruleset is not None
    assert host.ruleset.requires_change_request
    assert host.ruleset.required_checks == ("test",)
    assert host.ruleset.blocks_force_push


PAGES = [
    json.dumps([PULL, PULL | {"number": 8, "merged_at": None}]),
    json.dumps([PULL]) + json.dumps([PULL | {"number": 8, "merged_at": None}]),
    json.dumps([PULL]) + "\n\n" + json.dumps([PULL | {"number": 8, "merged_at": None}]),
    json.dumps([[PULL], [PULL | {"number": 8, "merged_at": None}]]),
]


@pytest.mark.parametrize("pages", PAGES)
def test_pages_however_they_were_written(pages: str) -> None:
    """One array, arrays one behind the other and arrays in an array are the same list."""
    host = read(dump(pulls_json=pages), "gh")
    assert [change.number for change in host.changes] == [8, 7]


def test_pages_of_answers_with_a_count() -> None:
    """Objects one behind the other, or in an array, are one list of runs."""
    run = {"id": 1, "created_at": "2026-11-02T10:00:00Z"}
    pages = [{"total_count": 2, "workflow_runs": [run]}, {"workflow_runs": [run | {"id": 2}]}]
    for text in ("".join(map(json.dumps, pages)), json.dumps(pages)):
        assert [each.id for each in read(dump(runs_json=text), "gh").runs] == ["1", "2"]


def test_what_was_not_exported_is_missing_and_not_empty() -> None:
    """A part without its file is named; a change without its reviews makes reviews incomplete."""
    host = read(dump(runs_json=None, reviews__7_json=None, activity_json=None), "gh")
    assert set(host.missing) == {"runs", "reviews", "direct_pushes"}
    assert host.direct_pushes is None
    assert "1 of 1" in host.missing["reviews"]


def test_an_answer_that_is_an_error_is_not_an_empty_list() -> None:
    """A rate limit in place of an answer makes that part missing, with the host's words."""
    limit = {"message": "API rate limit exceeded", "documentation_url": "x", "status": "403"}
    host = read(dump(releases_json=limit), "gh")
    assert "rate limit" in host.missing["releases"]
    half = json.dumps([PULL]) + json.dumps(limit)
    assert "rate limit" in read(dump(pulls_json=half), "gh").missing["changes"]


def test_a_branch_that_is_not_protected_is_a_no() -> None:
    """The host's own "not protected" is an answer; "not found" is none."""
    bare = {"message": "Branch not protected", "documentation_url": "x", "status": "404"}
    host = read(dump(rules_json=None, protection_json=bare), "gh")
    assert host.ruleset is not None
    assert host.ruleset.requires_change_request is False
    gone = {"message": "Not Found", "documentation_url": "x", "status": "404"}
    host = read(dump(rules_json=None, protection_json=gone), "gh")
    assert host.ruleset is None
    assert "ruleset" in host.missing


def test_rules_and_older_protection_add_up() -> None:
    """A branch is held to whatever either asks; bypass actors are counted."""
    protection = {
        "required_pull_request_reviews": {
            "required_approving_review_count": 2,
            "dismiss_stale_reviews": True,
            "bypass_pull_request_allowances": {"users": [ADA]},
        },
        "required_status_checks": {"contexts": ["lint"], "checks": [{"context": "lint"}]},
        "enforce_admins": {"enabled": True},
        "allow_force_pushes": {"enabled": True},
    }
    host = read(dump(protection_json=protection, rulesets_json={"bypass_actors": []}), "gh")
    rules = host.ruleset
    assert rules is not None
    assert (rules.required_approvals, rules.dismisses_stale) == (2, True)
    assert rules.required_checks == ("lint", "test")
    assert (rules.blocks_force_push, rules.applies_to_admins, rules.bypass_actors) == (
        True,
        True,
        1,
    )


def test_the_export_says_when_and_since() -> None:
    """`export.json` dates the dump and names what its maker could not fetch."""
    export = {
        "schema": "pawl.host/1",
        "product": "github",
        "repository": "acme/shop",
        "exported_at": "2026-11-20T00:00:00+00:00",
        "complete_since": "2025-11-20",
        "missing": {"runs": "rate limited"},
    }
    host = read(dump(export_json=export), "gh")
    assert host.exported_at == "2026-11-20T00:00:00.000000Z"
    assert host.complete_since == "2025-11-20T00:00:00.000000Z"
    assert host.missing == {"runs": "rate limited"}
    with pytest.raises(BadFile, match=r"export\.json"):
        read(dump(export_json="{}"), "gh")


def test_changes_to_other_branches_are_no_changes_of_the_default_branch() -> None:
    """Only what went to the default branch counts."""
    other = PULL | {"number": 9, "base": {"ref": "release"}}
    assert [each.number for each in read(dump(pulls_json=[PULL, other]), "gh").changes] == [7]


def test_a_dump_without_any_date_cannot_be_placed_in_time() -> None:
    """Nothing can be said about a window of a dump that tells no time."""
    with pytest.raises(BadFile, match="date"):
        read({"pulls.json": "[]"}, "gh")
