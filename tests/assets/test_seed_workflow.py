"""Whole pipelines: a course's sample, a repository that gives itself away, and a safe one."""

from pathlib import Path

from tests.assets.trees import assets

import pawl.assets.rules
from pawl.assets.lint import Found, lint
from pawl.assets.lint_settings import LintSettings
from pawl.assets.rule import Rule
from pawl.base.catalogue import discover
from pawl.base.finding import Severity

FIXTURES = Path(__file__).parent / "fixtures"
REVIEW = ".github/workflows/ai-review.yml"
TRIAGE = ".github/workflows/triage.yml"
NIGHTLY = ".github/workflows/nightly.yml"


def found_in(name: str) -> tuple[Found, ...]:
    """Return what all rules find in a fixture's tree."""
    root = FIXTURES / name
    files = {str(p.relative_to(root)): p.read_text() for p in root.rglob("*") if p.is_file()}
    rules = discover(pawl.assets.rules, "RULE", Rule)
    linted = lint(assets(files), rules, LintSettings(), today="2026-11-21")
    assert not linted.failed
    return linted.findings


def test_the_sample_of_the_course_has_its_known_findings_and_no_other() -> None:
    """The sample workflow of Session 24 yields the seven things that are known to be wrong."""
    found = {(each.rule, each.line, str(each.severity)) for each in found_in("session24")}
    assert found == {
        ("loose-job-permissions", 9, "medium"),
        ("unpinned-agent-in-ci", 20, "medium"),
        ("outsider-text-by-detour", 22, "medium"),
        ("outsiders-settings-loaded", 22, "medium"),
        ("swallowed-agent-failure", 22, "medium"),
        ("uncapped-agent-in-ci", 22, "low"),
        ("ignored-agent-option", 43, "high"),
    }


def test_the_sample_of_the_course_is_told_why() -> None:
    """Each message names what is wrong: the diff, the missing cap, the field's name of today."""
    said = {each.rule: each.message for each in found_in("session24")}
    assert "nothing says what its token may" in said["loose-job-permissions"]
    assert "@anthropic-ai/claude-code" in said["unpinned-agent-in-ci"]
    assert "`git diff`" in said["outsider-text-by-detour"]
    assert "hooks" in said["outsiders-settings-loaded"]
    assert "the step Post Review Comment" in said["swallowed-agent-failure"]
    assert "no cap of money and no group of concurrency" in said["uncapped-agent-in-ci"]
    assert "cap of turns" not in said["uncapped-agent-in-ci"]
    assert "`total_cost_usd`" in said["ignored-agent-option"]


def test_an_open_triage_is_critical_with_its_whole_path() -> None:
    """An issue anybody opens, no gate, the tools: the way is printed from its first step on."""
    found = {each.rule: each for each in found_in("open-triage")}
    critical = found["agent-open-to-outsiders"]
    assert critical.severity is Severity.CRITICAL
    assert (critical.path, critical.line) == (TRIAGE, 15)
    first, job, runs, can = critical.trail
    assert first == f"{TRIAGE}:3 anybody can cause `issues`; nothing asks who it was"
    assert job == f"{TRIAGE}:7 the job triage starts"
    assert runs == f"{TRIAGE}:15 runs anthropics/claude-code-action"
    assert can.startswith("it can: shell by `Bash`")
    assert found["outsider-text-in-prompt"].line == 25


def test_the_path_goes_on_through_the_cache_to_the_release() -> None:
    """From the same issue the trail leads over the cache to the step that holds the secrets."""
    found = {each.rule: each for each in found_in("open-triage")}
    pivot = found["cache-pivot-to-release"]
    assert pivot.trail[:4] == found["agent-open-to-outsiders"].trail
    assert pivot.trail[4] == "it writes to a cache of the default branch"
    assert pivot.trail[5] == f"{NIGHTLY}:12 the job publish restores it (actions/cache)"
    assert pivot.trail[6] == f"{NIGHTLY}:17 publishes (npm) with the secret NPM_RELEASE_TOKEN"


def test_an_open_triage_has_no_finding_beside_what_is_wrong() -> None:
    """The workflows beside it, and what the triage does well, are not told of."""
    found = found_in("open-triage")
    assert {each.path for each in found} == {TRIAGE}
    assert {each.rule for each in found} == {
        "agent-open-to-outsiders",
        "broad-tools-for-outsiders",
        "cache-pivot-to-release",
        "outsider-text-in-prompt",
        "uncapped-agent-in-ci",
        "unpinned-agent-in-ci",
    }


def test_the_safe_shape_has_no_finding() -> None:
    """An agent that only reads, capped and pinned, with a job of its own for the comment."""
    assert found_in("safe-review") == ()
