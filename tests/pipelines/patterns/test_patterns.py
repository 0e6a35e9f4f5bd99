"""What each pattern is asked for: review, gate, batch and risk_report, one after the other."""

import re
import subprocess
from pathlib import Path

import pytest
from tests.pipelines.made import made, parsed, scripts

from pawl.pipelines.pattern import Host


def test_a_review_looks_at_the_base_and_only_at_changes_of_our_own() -> None:
    """The files are the base's; a fork starts another job, without rights, that says so."""
    jobs = parsed(made("review"))["jobs"]
    same = "github.event.pull_request.head.repo.full_name == github.repository"
    assert same in jobs["review"]["if"]
    assert jobs["review"]["steps"][0]["with"]["ref"].endswith("pull_request.base.sha }}")
    bot = "github.event.pull_request.user.login == 'dependabot[bot]'"
    assert jobs["outsider"]["if"] == f"{same.replace('==', '!=')} || {bot}"
    assert bot.replace("==", "!=") in jobs["review"]["if"]
    assert jobs["outsider"]["permissions"] == {}
    assert jobs["tell"]["needs"] == "review"
    assert "!cancelled()" in jobs["tell"]["if"]


def test_a_gate_has_no_key_and_no_agent() -> None:
    """What judges every change, a fork's too, holds nothing and runs nothing of it."""
    for host in Host:
        text = made("gate", host).text
        assert "secrets" not in text
        assert "npm" not in text
        assert "environment" not in text


def test_the_keys_of_gitlabs_review_are_apart() -> None:
    """Agent and writer have environments of their own, to which their secrets are scoped."""
    jobs = parsed(made("review", Host.GITLAB))
    agent, writer, outsider = (
        jobs[name] for name in ("pawl-review", "pawl-review-comment", "pawl-review-outsider")
    )
    assert agent["environment"] == {"name": "pawl-agent", "action": "access"}
    assert writer["environment"] == {"name": "pawl-writer", "action": "access"}
    assert "environment" not in outsider
    assert writer["variables"]["GIT_STRATEGY"] == outsider["variables"]["GIT_STRATEGY"] == "none"
    assert writer["rules"][0]["when"] == "always"
    assert agent["script"][0].startswith("unset CI_JOB_TOKEN")
    assert agent["rules"][0]["if"] == writer["rules"][0]["if"]


def test_a_batch_goes_on_where_the_last_one_ended() -> None:
    """What was done is restored from any earlier run, and kept whatever ends this one."""
    document = parsed(made("batch", timeout="30m"))
    job = document["jobs"]["batch"]
    restore, save = (
        next(step for step in job["steps"] if f"actions/cache/{verb}@" in step.get("uses", ""))
        for verb in ("restore", "save")
    )
    (work,) = (step for step in job["steps"] if "DEADLINE" in step.get("env", {}))
    assert restore["with"]["path"] == save["with"]["path"]
    assert restore["with"]["key"] == save["with"]["key"]
    assert save["with"]["key"].startswith(restore["with"]["restore-keys"])
    assert save["if"] == "always()"
    assert document["concurrency"]["cancel-in-progress"] == "false"
    assert work["env"]["DEADLINE"] == "30m"
    assert 30 < int(work["timeout-minutes"]) < int(job["timeout-minutes"])


def test_gitlabs_batch_goes_on_too() -> None:
    """Its cache holds the results, one batch runs at a time, and only on the default branch."""
    (job,) = parsed(made("batch", Host.GITLAB)).values()
    assert job["cache"] == {"key": "pawl-batch", "when": "always", "paths": ["pawl-batch/"]}
    assert job["resource_group"] == "pawl-batch"
    assert "$CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH" in job["rules"][0]["if"]
    assert "$CI_PROJECT_DIR/pawl-batch/results.ndjson" in job["script"][-1]


def run_as(script: str, folder: Path, answers: dict[str, int], **env: str) -> tuple[int, str]:
    """Run a script with a stand-in for Pawl that ends as told; return its status and its calls."""
    pawl = folder / "pawl/bin/pawl"
    pawl.parent.mkdir(parents=True)
    cases = "".join(f'"{said}"*) exit {status};;\n' for said, status in answers.items())
    calls = folder / "calls"
    pawl.write_text(
        f'#!/bin/sh\necho "$*" >> "{calls}"\necho "said $*"\ncase "$*" in\n{cases}esac\n'
    )
    pawl.chmod(0o755)
    ran = subprocess.run(
        ["bash", "-e", "-c", script],
        env={"PATH": "/usr/bin:/bin", **env},
        cwd=folder,
        capture_output=True,
        text=True,
    )
    return ran.returncode, calls.read_text()


@pytest.mark.parametrize(
    ("answers", "status", "server"),
    [
        ({}, 0, ""),
        ({"lint": 1}, 0, ""),
        ({"lint": 3}, 3, ""),
        ({"assess": 4, "lint": 1}, 3, ""),
        ({"alerts list": 1}, 0, "https://pawl.example.com"),
        ({"budgets": 3}, 3, "https://pawl.example.com"),
    ],
)
def test_a_report_tells_all_and_fails_where_a_part_is_missing(
    tmp_path: Path, answers: dict[str, int], status: int, server: str
) -> None:
    """Findings are the report's content; a part that could not tell makes the job fail."""
    report = tmp_path / "report"
    report.mkdir()
    (script,) = (each for each in scripts(made("risk-report")) if "say()" in each)
    env = {"RUNNER_TEMP": str(tmp_path), "PAWL_SERVER": server}
    code, calls = run_as(script, tmp_path, answers, **env)
    page = (report / "report.md").read_text()
    assert code == status
    assert "    said lint" in page
    assert ("budgets and alerts are unknown" in page) is (not server)
    assert ("alerts list" in calls) is bool(server)
    for said, ended in answers.items():
        assert re.search(rf"said {said}\n\nExit status {ended}\.", page)


@pytest.mark.parametrize(
    ("answers", "status"),
    [({}, 0), ({"lint": 1}, 1), ({"eval": 3}, 3), ({"lint": 1, "eval": 3}, 1)],
)
def test_gitlabs_gate_asks_both_and_fails_with_either(
    tmp_path: Path, answers: dict[str, int], status: int
) -> None:
    """A finding does not keep the evals from being graded, and neither answer is lost."""
    (job,) = parsed(made("gate", Host.GITLAB)).values()
    env = {"work": str(tmp_path), "CI_PROJECT_DIR": str(tmp_path)}
    env["CI_MERGE_REQUEST_DIFF_BASE_SHA"] = "abc"
    code, calls = run_as(job["script"][-1], tmp_path, answers, **env)
    assert code == status
    assert [line.split()[0] for line in calls.splitlines()] == ["lint", "eval"]
