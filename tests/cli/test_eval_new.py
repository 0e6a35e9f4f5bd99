"""`pawl eval new` as a user starts it, after a run of the stand-in agent that went in circles."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


class Desk:
    """A repository in which one run went in circles."""

    def __init__(self, root: Path) -> None:
        self.place = root / "shop"
        self.data = root / "data"
        self.home = root / "home"
        self.home.mkdir()
        subprocess.run(["git", "init", "-q", str(self.place)], check=True)
        stand_in = str(ROOT / "examples" / "stand-in" / "claude")
        assert self.pawl("run", "--", stand_in, "-p", "stuck").returncode == 6

    def pawl(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Run a command of Pawl's in the repository."""
        return subprocess.run(
            [sys.executable, "-m", "pawl", "--data", str(self.data), *arguments],
            cwd=self.place,
            env={**os.environ, "HOME": str(self.home)},
            capture_output=True,
            text=True,
            check=False,
        )

    def new(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Draft a case from the newest run."""
        return self.pawl("eval", "new", "--from-run", "last", "--owner", "shop", *arguments)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """Return one repository for all tests; each writes cases of its own."""
    return Desk(tmp_path_factory.mktemp("desk"))


def test_a_run_in_circles_becomes_a_case(desk: Desk) -> None:
    """The case and the run's record are written, and a second of the same id is refused."""
    made = desk.new("--id", "stuck", "--prompt", "Fix the test")
    assert made.returncode == 0, made.stderr
    assert "Written: .pawl/evals/stuck.yaml" in made.stderr
    assert (desk.place / ".pawl/evals/stuck.yaml").read_text() == made.stdout
    assert (desk.place / ".pawl/evals/records/stuck/origin.trial.gz").is_file()
    again = desk.new("--id", "stuck", "--prompt", "Fix the test")
    assert again.returncode == 2
    assert "taken" in again.stderr


def test_a_dry_run_writes_nothing(desk: Desk) -> None:
    """The case is told as one object, with its proof, and no file is made."""
    made = desk.new("--id", "dry", "--prompt", "Fix the test", "--dry-run", "--json")
    told = json.loads(made.stdout)
    assert (told["schema"], told["path"]) == ("pawl.eval-draft/1", None)
    assert told["proofs"][0]["assertion"]["tool_called"] == "Bash"
    assert not (desk.place / ".pawl/evals/dry.yaml").exists()


def test_what_was_not_kept_is_asked_for(desk: Desk) -> None:
    """No prompt is made up: the message says how to say it."""
    found = desk.new("--id", "mute")
    assert found.returncode == 2
    assert "--prompt" in found.stderr


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (("--assert", "tool_not_called: Write"), 3, "does not fail on this run"),
        (("--assert", "tool_not_caled: Write"), 2, "tool_not_called"),
        (("--assert", "- a"), 2, "mapping"),
        (("--id", "Not An Id"), 2, "id"),
        (("--id", "gate"), 2, "taken"),
    ],
)
def test_a_wish_that_is_no_case_says_why(
    desk: Desk, arguments: tuple[str, ...], status: int, words: str
) -> None:
    """Each exits with what it means, and names the remedy."""
    found = desk.new("--prompt", "Fix the test", *arguments)
    assert found.returncode == status, found.stderr
    assert words in found.stderr


def test_an_unknown_run_is_named(desk: Desk) -> None:
    """A run that is not recorded here is no run to draft from."""
    found = desk.pawl("eval", "new", "--from-run", "run_none", "--owner", "shop")
    assert found.returncode == 2
    assert "run_none" in found.stderr
