"""The composite action: inputs are data, statuses have a meaning, nothing is hidden.

Its scripts are run here by bash as GitHub runs them, with a stand-in in the place of Pawl.
"""

import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.assets.trees import assets

import pawl.assets.rules
from pawl.assets.lint import lint
from pawl.assets.lint_settings import LintSettings
from pawl.assets.rule import Rule
from pawl.base.catalogue import discover

TEXT = (Path(__file__).resolve().parents[2] / "action.yml").read_text()
ACTION: dict[str, Any] = yaml.safe_load(TEXT)
INSTALL, RUN = ACTION["runs"]["steps"]


def ran(script: str, folder: Path, status: int = 0, **env: str) -> tuple[int, dict[str, str]]:
    """Run a script as the runner does; return its status and the outputs it wrote."""
    pawl = folder / "pawl-action/bin/pawl"
    if not pawl.exists():
        pawl.parent.mkdir(parents=True)
        pawl.write_text(f'#!/bin/sh\nfor each; do echo "<$each>"; done\nexit {status}\n')
        pawl.chmod(0o755)
    outputs = folder / "outputs"
    outputs.touch()
    told = {"RUNNER_TEMP": str(folder), "GITHUB_OUTPUT": str(outputs), "PATH": "/usr/bin:/bin"}
    done = subprocess.run(
        ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", script],
        env={**told, "OUTPUT": "out.txt", "FAIL": "true", **env},
        cwd=folder,
        capture_output=True,
        text=True,
    )
    lines = (line.partition("=") for line in outputs.read_text().splitlines())
    return done.returncode, {name: value for name, _, value in lines}


def test_our_own_lint_finds_nothing() -> None:
    """No rule of ours has a finding in the action."""
    rules = discover(pawl.assets.rules, "RULE", Rule)
    linted = lint(assets({"action.yml": TEXT}), rules, LintSettings(), today="2026-11-21")
    assert linted.findings == ()
    assert linted.looked_at


def test_inputs_are_no_text_of_scripts() -> None:
    """No expression stands in a script; each input comes in by a variable."""
    for step in ACTION["runs"]["steps"]:
        assert "${{" not in step["run"]
    assert "${{ inputs.command }}" in RUN["env"].values()


@pytest.mark.parametrize(
    ("status", "verdict"),
    [
        *((0, "yes"), (1, "no"), (2, "asked-wrongly"), (3, "cannot-tell"), (4, "defect")),
        *((5, "refused"), (6, "stopped"), (130, "interrupted"), (143, "interrupted")),
        (77, "defect"),
    ],
)
def test_a_status_has_its_meaning(tmp_path: Path, status: int, verdict: str) -> None:
    """The step ends as Pawl did and says what that means."""
    code, outputs = ran(RUN["run"], tmp_path, status, COMMAND="lint")
    assert code == status
    assert outputs == {
        "exit": str(status),
        "verdict": verdict,
        "file": str(tmp_path / "out.txt"),
    }


def test_a_failure_can_be_left_to_later_steps(tmp_path: Path) -> None:
    """With `fail: false` the step is green and the status stands in its outputs."""
    code, outputs = ran(RUN["run"], tmp_path, 1, COMMAND="lint", FAIL="false")
    assert (code, outputs["exit"]) == (0, "1")


@pytest.mark.parametrize(
    "command", ["lint; touch hacked", "$(touch hacked)", "`touch hacked`", "* && touch hacked"]
)
def test_a_command_is_words_and_nothing_is_expanded(tmp_path: Path, command: str) -> None:
    """Whatever stands in the command, Pawl gets its words and no shell reads them."""
    code, _ = ran(RUN["run"], tmp_path, COMMAND=f"{command}\n  --json")
    assert code == 0
    said = [f"<{word}>" for word in (*command.split(), "--json")]
    assert (tmp_path / "out.txt").read_text().splitlines() == said
    assert not (tmp_path / "hacked").exists()


@pytest.mark.parametrize("output", ["../x", "a/b", "", "x y", "-x"])
def test_the_output_is_a_name(tmp_path: Path, output: str) -> None:
    """A path, or a name that is an option, is refused before anything runs."""
    code, outputs = ran(RUN["run"], tmp_path, COMMAND="lint", OUTPUT=output)
    assert (code, outputs) == (2, {})


@pytest.mark.parametrize("version", [">=0.1", "0.1.0 evil", "latest", "", "0.1.0; id", "git+x"])
def test_a_version_is_one_release(tmp_path: Path, version: str) -> None:
    """A range, a name or a place is refused before anything is installed."""
    code, _ = ran(INSTALL["run"], tmp_path, VERSION=version)
    assert code == 2
