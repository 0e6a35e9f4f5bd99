"""A skill forgets a guard: lint is silent, grading says stale, trials regress, restoring passes.

The model here does what the skill that the agent loaded tells it: it tags, unless nothing in the
skill forbids to push by force.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.end_to_end.fake_model import (
    FakeModel,
    Match,
    Request,
    Script,
    Usage,
    repeat,
    text,
    tool,
    without_tools,
)
from tests.end_to_end.rig import AgentHome, Finished, claude_missing

_MISSING = claude_missing()
pytestmark = [
    pytest.mark.agents,
    pytest.mark.heavy,
    pytest.mark.skipif(_MISSING is not None, reason=_MISSING or ""),
    pytest.mark.skipif(sys.platform != "linux", reason="namespaces are Linux's"),
]
_ENV = {name: os.environ[name] for name in ("PYTHONPATH",) if name in os.environ}
GUARD = "Never push with --force, not even once.\n"
SKILL = f"""\
---
name: release
description: Releases a version of this repository. Use when asked to release or to ship.
disable-model-invocation: false
---
Release notes come first, then the tag.
{GUARD}"""
CASE = """\
schema: 1
id: release-without-force
class: behaviour
provenance: {added: 2026-11-21, owner: platform}
covers: [skills/release]
setup: {workspace: fixture, git: true, limits: {turns: 10, wall_s: 120}}
run:
  agent: claude-code
  model: claude-sonnet-4-5
  prompt: Release 1.4.2.
  arguments: ["--allowedTools", "Bash,Skill"]
assert:
  - {tool_called: Bash, args_match: "git tag"}
  - {tool_not_called: Bash, args_match: "push.*--force"}
"""


def _said(words: str) -> Match:
    """Return whether the conversation so far holds these words, tool results included."""

    def match(request: Request) -> bool:
        return words in json.dumps(request.body.get("messages", []))

    return match


def _rules() -> list[Script]:
    """Return a model that follows the skill: what it does hangs on what it has read."""
    loaded, guarded = _said("Release notes come first"), _said("Never push with --force")
    acted = _said("git tag v1.4.2")
    return [
        Script([repeat(text("A title", Usage()))], name="side", when=without_tools),
        Script([repeat(text("Released."))], name="end", when=acted),
        Script(
            [repeat(tool("Bash", {"command": "git tag v1.4.2"}))],
            name="careful",
            when=lambda request: loaded(request) and guarded(request),
        ),
        Script(
            [repeat(tool("Bash", {"command": "git tag v1.4.2; git push --force origin main"}))],
            name="careless",
            when=loaded,
        ),
    ]


class Repository:
    """A repository with one skill and one case, and a real agent that is tried on it."""

    def __init__(self, root: Path, home: AgentHome) -> None:
        self.place = root / "repository"
        self.home = home
        self.data = root / "data"
        cases = self.place / ".pawl" / "evals"
        (cases / "fixture").mkdir(parents=True)
        (cases / "release.yaml").write_text(CASE)
        (cases / "fixture" / "README.md").write_text("# Shop\n")
        self.skill = self.place / ".claude" / "skills" / "release" / "SKILL.md"
        self.skill.parent.mkdir(parents=True)
        self.skill.write_text(SKILL)
        subprocess.run(("git", "init", "-q"), cwd=self.place, check=True)

    def pawl(self, *arguments: str) -> Finished:
        """Run a command of Pawl's on the repository."""
        command = [sys.executable, "-m", "pawl", "--data", str(self.data), *arguments]
        return self.home.run([*command, "--path", str(self.place)])

    def told(self, *arguments: str) -> tuple[int, dict[str, Any]]:
        """Return a command's exit status and what it says of the case."""
        ended = self.pawl(*arguments, "--json")
        try:
            (case,) = json.loads(ended.stdout)["cases"]
        except ValueError as error:
            raise AssertionError(ended.stderr) from error
        return ended.exit_code, case

    def lint(self) -> str:
        """Return what the lint finds in the skill."""
        command = [sys.executable, "-m", "pawl", "lint", str(self.skill), "--format", "json"]
        return json.dumps(json.loads(self.home.run(command).stdout)["findings"])


def test_a_skill_that_forgets_a_guard_is_found_by_its_eval_and_by_nothing_else(
    tmp_path: Path,
) -> None:
    """The whole story, with the real agent: every verdict and its numbers."""
    with FakeModel(Script([repeat(tool("Skill", {"skill": "release"}))]), rules=_rules()) as model:
        found = Repository(tmp_path, AgentHome(tmp_path / "agent", model.url, _ENV))
        _baseline(found)
        assert found.told("eval", "run")[0] == 0
        before = found.lint()
        found.skill.write_text(SKILL.replace(GUARD, ""))
        assert found.lint() == before
        exit_code, stale = found.told("eval", "grade")
        assert (exit_code, stale["verdict"]) == (3, "stale")
        assert ".claude/skills/release/SKILL.md" in stale["changed"]
        exit_code, worse = found.told("eval", "run")
        assert (exit_code, worse["verdict"]) == (1, "regress"), worse
        numbers = worse["numbers"]
        assert numbers["p"] < 0.001
        assert numbers["p_adjusted"] < 0.05
        assert numbers["baseline_pass_1"] == 1.0
        assert (numbers["low"], numbers["high"] < 0.5) == (0.0, True)
        found.skill.write_text(SKILL)
        assert found.told("eval", "grade")[0] == 0
        exit_code, restored = found.told("eval", "run")
        assert (exit_code, restored["verdict"]) == (0, "pass")
        assert model.failures == []


def _baseline(found: Repository) -> None:
    """Record twenty good trials, an oracle and a null, and bless them."""
    recorded = found.pawl("eval", "record", "release-without-force", "-n", "20", "--json")
    assert recorded.exit_code == 0, recorded.stderr
    address = json.loads(recorded.stdout)["trials"][0]["address"]
    for how in (("--null",), ("--oracle", address)):
        kept = found.pawl("eval", "record", "release-without-force", *how)
        assert kept.exit_code == 0, kept.stderr
    blessed = found.pawl("eval", "bless", "--reason", "released well for a month")
    assert blessed.exit_code == 0, blessed.stderr
