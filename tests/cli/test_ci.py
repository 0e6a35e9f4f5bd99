"""`pawl ci`: pipelines are written where they belong, never over somebody's work, and watched."""

import json
import os
from pathlib import Path

import pytest

from pawl.cli.main import main

REVIEW = ".github/workflows/pawl-review.yml"
GENERATE = ["ci", "generate", "review", "--host", "github"]


@pytest.fixture(autouse=True)
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository, with the working directory in a folder of it."""
    (tmp_path / ".git").mkdir()
    (tmp_path / "src").mkdir()
    monkeypatch.chdir(tmp_path / "src")
    return tmp_path


def test_a_pipeline_is_written_where_the_host_looks(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The file stands below the repository's root, and what was written is told."""
    assert main(GENERATE) == 0
    assert str(repository / REVIEW) in capsys.readouterr().out
    assert (repository / REVIEW).read_text().startswith("# Written by: pawl ci generate review")


def test_one_object_tells_what_was_written(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With --json there is one object on stdout and nothing else."""
    assert main([*GENERATE, "--out", str(repository / "a.yml"), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told == {
        "schema": "pawl.ci-generated/1",
        "pattern": "review",
        "host": "github",
        "path": str(repository / "a.yml"),
    }


def test_stdout_writes_nothing(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With --stdout the text is printed and no file is there."""
    assert main([*GENERATE, "--stdout"]) == 0
    assert capsys.readouterr().out.endswith('"$GITHUB_STEP_SUMMARY"\n')
    assert not (repository / REVIEW).exists()
    assert main([*GENERATE, "--stdout", "--json"]) == 2


def test_what_is_as_written_is_written_anew() -> None:
    """A pipeline that nobody edited gives way to one with other limits."""
    assert main(GENERATE) == 0
    assert main([*GENERATE, "--max-usd", "9"]) == 0
    assert main(["ci", "check"]) == 0


@pytest.mark.parametrize("text", ["name: mine\n", None])
def test_what_somebody_wrote_stays(
    repository: Path, text: str | None, capsys: pytest.CaptureFixture[str]
) -> None:
    """A file that is not Pawl's, or was edited, is left alone unless it is forced."""
    assert main(GENERATE) == 0
    path = repository / REVIEW
    path.write_text(path.read_text().replace('"2"', '"200"') if text is None else text)
    before = path.read_text()
    assert main(GENERATE) == 2
    assert "--force" in capsys.readouterr().err
    assert path.read_text() == before
    assert main([*GENERATE, "--force"]) == 0
    assert main(["ci", "check"]) == 0


def test_a_link_is_not_followed(repository: Path) -> None:
    """A symbolic link in the place of the file is refused, forced or not."""
    target = repository / "secret"
    target.write_text("x")
    (repository / "link.yml").symlink_to(target)
    assert main([*GENERATE, "--out", str(repository / "link.yml"), "--force"]) == 2
    assert target.read_text() == "x"


def test_a_check_tells_each_file(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Files that Pawl wrote are told of, those of others are not; an edit is a no."""
    gitlab = ["ci", "generate", "gate", "--host", "gitlab", "--image", f"a@sha256:{'0' * 64}"]
    assert main(GENERATE) == main(gitlab) == 0
    (repository / ".github/workflows/own.yml").write_text("name: own\n")
    (repository / REVIEW).write_text((repository / REVIEW).read_text() + "# more\n")
    capsys.readouterr()
    assert main(["ci", "check", "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert told["schema"] == "pawl.ci-check/1"
    assert {each["path"]: each["state"] for each in told["files"]} == {
        REVIEW: "edited",
        ".gitlab/pawl-gate.yml": "current",
    }


def test_a_check_without_anything_to_check_is_no_yes(repository: Path) -> None:
    """Where Pawl wrote nothing the answer is that there is none; a named file must be Pawl's."""
    assert main(["ci", "check"]) == 3
    (repository / "own.yml").write_bytes(b"\xff\xfe")
    assert main(["ci", "check", str(repository / "own.yml")]) == 1
    assert main(["ci", "check", str(repository / "gone.yml")]) == 2


def test_an_unknown_pattern_names_those_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    """A pattern that nobody wrote is asked wrongly."""
    assert main(["ci", "generate", "deploy", "--host", "github"]) == 2
    assert "batch, gate, review, risk-report" in capsys.readouterr().err


def test_a_place_that_cannot_be_written_is_told(repository: Path) -> None:
    """A folder in the way is no defect of ours."""
    (repository / "file").write_text("")
    assert main([*GENERATE, "--out", str(repository / "file" / "a.yml")]) == 2
    assert main(["ci", "agent", "codex", "--out", str(repository / "file" / "x")]) == 2


def test_an_agent_is_locked(repository: Path) -> None:
    """The package and its lock are written for `npm ci`."""
    assert main(["ci", "agent", "codex", "--out", str(repository / "agent")]) == 0
    assert sorted(os.listdir(repository / "agent")) == ["package-lock.json", "package.json"]


def test_patterns_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    """Each pattern says what starts it, what it does, what it leaves, and who decides."""
    assert main(["ci", "patterns", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)["patterns"]
    assert [each["pattern"] for each in listed] == ["batch", "gate", "review", "risk-report"]
    assert main(["ci", "patterns"]) == 0
    assert "decides" in capsys.readouterr().out
