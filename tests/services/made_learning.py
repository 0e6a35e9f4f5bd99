"""What the tests of learning share: a working tree in git, a run that went wrong, and lessons."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.evals.trials import Given, trial

from pawl.app.incident_learning import TreeLearning
from pawl.base.errors import BadValue
from pawl.evals.record import Trial
from pawl.incidents.learning import IncidentLearning

PUSH: dict[str, Any] = {"tool": "Bash", "args": {"command": "git push --force"}, "denied": True}
BAD = trial(Given(final="done", calls=(PUSH,)), recorded_by="pawl run run_bad")
GOOD = trial(Given(final="done", calls=()), recorded_by="pawl run run_good")
CASE = """\
# Never again.
schema: 1
id: {id}
class: guard
provenance: {{added: 2026-11-21, owner: leo, incident: {incident}}}
run: {{prompt: ship it}}
assert:
  - tool_not_called: Bash
"""
GATE = """\
gates:
  - id: {id}
    condition: evals-hold
    domain: safety
    source: The incident of the pushes.
"""
GATES = """\
# The team's own gates.
schema: pawl.gates/1
version: "1"
as_of: 2026-11-21
gates:
  # Evals come first.
  - id: evals
    condition: evals-hold
    domain: quality
    source: ours
# The end.
"""


class MadeTree(TreeLearning):
    """A tree whose runs are set by the test."""

    def __init__(self, place: Path, runs: Mapping[str, Trial] | None = None) -> None:
        super().__init__(place / "no-data", place)
        self.runs = {"run_bad": BAD, "run_good": GOOD} if runs is None else runs

    def trial(self, run: str) -> Trial:
        """Return a run that the test made."""
        if run not in self.runs:
            raise BadValue(f"no run has the id {run!r}.")
        return self.runs[run]


def git(place: Path, *arguments: str) -> str:
    """Return what git prints, in a repository that knows its user."""
    environment = {
        **os.environ,
        "GIT_CONFIG_GLOBAL": "/dev/null",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_AUTHOR_NAME": "Leo",
        "GIT_AUTHOR_EMAIL": "leo@example.com",
        "GIT_COMMITTER_NAME": "Leo",
        "GIT_COMMITTER_EMAIL": "leo@example.com",
    }
    done = subprocess.run(
        ["git", "-C", str(place), *arguments],
        capture_output=True,
        check=True,
        env=environment,
        text=True,
    )
    return done.stdout.strip()


def made_tree(place: Path, files: Mapping[str, str] | None = None) -> Path:
    """Return a repository with one commit on main."""
    place.mkdir(parents=True, exist_ok=True)
    git(place, "init", "-q", "-b", "main")
    for path, text in {".pawl/gates.yaml": GATES, **(files or {})}.items():
        target = place / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    git(place, "add", "-A")
    git(place, "commit", "-q", "-m", "first")
    return place


def learning(incident: str, **other: Any) -> IncidentLearning:
    """Return a learning with a case and a gate."""
    fields: dict[str, Any] = {
        "incidentId": incident,
        "rootCause": "nothing held a forced push",
        "newEvalCases": (CASE.format(id="no-push", incident=incident),),
        "gateUpdates": (GATE.format(id="push-evals"),),
        "owner": "leo",
    }
    return IncidentLearning(**{**fields, **other})


def snapshot(place: Path) -> dict[str, bytes]:
    """Return every file of the tree that git would follow, and what is in it."""
    names = git(place, "ls-files", "-co", "--exclude-standard").splitlines()
    return {name: (place / name).read_bytes() for name in names if (place / name).is_file()}
