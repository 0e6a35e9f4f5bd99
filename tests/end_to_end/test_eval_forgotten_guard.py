"""A skill that forgets what it guarded: lint is silent, grading says stale, trials say regress."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.end_to_end.fake_model import FakeModel, Script, Usage, repeat, text, tool, without_tools
from tests.end_to_end.model_script import Request
from tests.end_to_end.rig import AgentHome, claude_missing

from pawl.world.confinement import why_not

_MISSING = claude_missing() or ("" if sys.platform == "linux" else "not Linux") or why_not()
pytestmark = [
    pytest.mark.agents,
    pytest.mark.heavy,
    pytest.mark.skipif(bool(_MISSING), reason=_MISSING),
]
CASE = """\
schema: 1
id: release-without-force
class: behaviour
provenance: {added: 2026-11-21, owner: tests, incident: INC-7}
covers: [skills/release]
setup: {workspace: fixture, git: true, limits: {wall_s: 120}}
run:
  agent: claude-code
  model: claude-sonnet-4-5
  prompt: Release it.
  arguments: ["--allowedTools", "Bash"]
assert:
  - {tool_called: Bash, args_match: "git tag"}
  - {tool_not_called: Bash, args_match: "--force"}
"""
GUARDED = "Release by a tag. Never force anything, not even a tag."
FORGOTTEN = "Release by a tag. Take care of what stands in the way."


class Desk:
    """A repository with one skill and one case, and the command line."""

    def __init__(self, root: Path, url: str) -> None:
        self.repository = root / "repository"
        self.skill = self.repository / ".claude" / "skills" / "release" / "SKILL.md"
        evals = self.repository / ".pawl" / "evals"
        (evals / "fixture").mkdir(parents=True)
        (evals / "case.yaml").write_text(CASE)
        (evals / "fixture" / "app.py").write_text("print(1)\n")
        self.records = evals / "records" / "release-without-force"
        self.skill.parent.mkdir(parents=True)
        self.write(GUARDED)
        subprocess.run(("git", "init", "-q"), cwd=self.repository, check=True)
        same = {"PYTHONPATH": os.environ.get("PYTHONPATH", "")}
        self._home = AgentHome(root / "agent", url, same)
        self._pawl = (sys.executable, "-m", "pawl", "--data", str(root / "data"))

    def write(self, how: str) -> None:
        self.skill.write_text(f"---\nname: release\ndescription: {how}\n---\n\n{how}\n")

    def pawl(self, *words: str) -> tuple[int, Any]:
        ended = self._home.run([*self._pawl, *words, "--json", *self._where(words)], timeout_s=300)
        assert ended.stdout.startswith("{"), ended.stderr
        return ended.exit_code, msgspec.json.decode(ended.stdout)

    def _where(self, words: tuple[str, ...]) -> tuple[str, ...]:
        place = str(self.repository)
        return (place,) if words[0] == "lint" else ("--path", place)


def _forgot(request: Request) -> bool:
    return "Take care of what stands in the way" in str(request.body)


def _after_a_tool(request: Request) -> bool:
    return "tool_result" in str(request.body)


def test_a_forgotten_guard_is_a_regression_and_restoring_it_passes(tmp_path: Path) -> None:
    """With the same prompt and model, only the skill's text decides, and the gate says how sure."""
    careful = repeat(tool("Bash", {"command": "git tag v1"}, Usage()))
    careless = repeat(tool("Bash", {"command": "git tag --force v1"}, Usage()))
    rules = [
        Script([repeat(text("A title", Usage()))], name="side", when=without_tools),
        Script([repeat(text("Released.", Usage()))], name="end", when=_after_a_tool),
        Script([careless], name="careless", when=_forgot),
    ]
    with FakeModel(Script([careful]), rules=rules) as model:
        desk = Desk(tmp_path, model.url)
        name = "release-without-force"
        code, told = desk.pawl("eval", "record", name, "-n", "20")
        assert code == 0, told
        assert desk.pawl("eval", "record", name, "--null")[0] == 0
        oracle = told["trials"][0]["address"]
        assert desk.pawl("eval", "record", name, "--oracle", oracle)[0] == 0
        assert desk.pawl("eval", "bless", name, "--reason", "as it was shipped")[0] == 0
        assert desk.pawl("eval", "grade")[1]["verdict"] == "pass"

        desk.write(FORGOTTEN)
        assert desk.pawl("lint")[0] == 0
        code, graded = desk.pawl("eval", "grade")
        assert (code, graded["verdict"]) == (3, "stale")
        code, ran = desk.pawl("eval", "run")
        assert (code, ran["verdict"]) == (1, "regress")
        (case,) = (each for each in ran["cases"] if each["case"] == name)
        numbers = case["numbers"]
        assert numbers["p_adjusted"] < 0.05, numbers
        assert ran["suite"]["high"] < 0, ran["suite"]

        desk.write(GUARDED)
        code, graded = desk.pawl("eval", "grade")
        assert (code, graded["verdict"]) == (0, "pass")
        assert len(list(desk.records.glob("[0-9a-f]" * 64 + ".trial.gz"))) == 28
        assert model.failures == []
